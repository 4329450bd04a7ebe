// @ts-check
/** What a training is asked to be: one of three presets with the time it takes, the rest folded away, and what stands in its way. */

import { wordButton } from "./buttons.js";
import { browserStorage } from "./browser_storage.js";
import { html, setText } from "./elements.js";
import { TrainOptions } from "./train_options.js";
import { TrainPreflight } from "./train_preflight.js";
import { askedOf, fixed, tidySettings, usualSettings } from "./train_settings.js";
import { aboutTime, cardTimes, sureness } from "./train_words.js";

/** @typedef {import("./records.js").TrainingOptionsRecord} TrainingOptionsRecord */
/** @typedef {import("./records.js").RunRecord} RunRecord */
/** @typedef {import("./train_settings.js").Asked} Asked */

const MEMORY_KEY = "ssd-studio.train.";

export class TrainSetup {
  #ready = false;
  #starting = false;
  #sentence = "";
  #drawn = "";
  /** @type {number | null} */
  #project = null;
  /** @type {RunRecord[]} */
  #queue = [];
  #busy = false;
  /** @type {TrainingOptionsRecord["presets"]} */
  #presets = [];

  /**
   * @param {object} wishes
   * @param {(asked: Asked) => void} wishes.onTrain
   * @param {() => void} wishes.onOpen the folded settings were opened
   */
  constructor({ onTrain, onOpen }) {
    this.settings = usualSettings();
    this.sentence = html("p", { class: "st-note", role: "status" });
    this.choices = html("div", { class: "st-presets" });
    this.options = new TrainOptions({ onChange: (settings) => this.#take(settings), onOpen });
    this.preflight = new TrainPreflight({ asked: () => this.asked, onAnswer: () => this.#draw(), onFix: (fix) => this.#fix(fix) });
    this.train = wordButton("Train", () => this.form.requestSubmit(), { primary: true, symbol: "play" });
    this.form = html(
      "form",
      { class: "st-setup", "aria-label": "New training", novalidate: true },
      html("h3", {}, "Train a detector"),
      html("fieldset", { class: "st-presets-field" }, html("legend", { class: "st-hidden-words" }, "How long to train"), this.choices),
      this.options.node,
      this.preflight.node,
      html("div", { class: "st-train-foot" }, this.train, this.sentence),
    );
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!this.train.disabled && !this.#starting) onTrain(this.asked);
    });
  }

  /** @returns {Asked} */
  get asked() {
    return askedOf(this.settings, this.#queue);
  }

  /**
   * Another project: its settings as they were left.
   * @param {number | null} project
   */
  open(project) {
    if (project === this.#project) return;
    this.#project = project;
    this.#ready = false;
    this.preflight.forget();
    this.settings = tidySettings(recall(project));
    this.options.show(this.settings);
    this.#drawn = "";
  }

  /**
   * Offer what the server offers.
   * @param {TrainingOptionsRecord} options
   */
  show({ ready, sentence, presets }) {
    this.#ready = ready;
    this.#presets = presets;
    if (!presets.some(({ name }) => name === this.settings.preset)) this.settings.preset = presets[0]?.name ?? "quick";
    this.#sentence = sentence;
    this.#draw();
  }

  /**
   * Tell which runs wait or train.
   * @param {RunRecord[]} queue those that wait
   * @param {boolean} busy whether one trains
   */
  showQueue(queue, busy) {
    this.#queue = queue;
    this.#busy = busy || queue.length > 0;
    this.options.offerPlace(queue.length > 0);
    this.#draw();
  }

  /** @param {boolean} starting while a start is on its way */
  setStarting(starting) {
    this.#starting = starting;
    this.#draw();
  }

  /** Start from a model, with the settings unfolded that say so. @param {string} model its id */
  startFrom(model) {
    this.#fix({ start: model });
    this.options.node.open = true;
  }

  /** @param {import("./train_settings.js").TrainSettings} settings */
  #take(settings) {
    this.settings = settings;
    remember(this.#project, settings);
    this.preflight.soon();
    this.#draw();
  }

  /** @param {Record<string, unknown>} fix */
  #fix(fix) {
    const settings = fixed(this.settings, fix);
    this.options.show(settings);
    this.#take(settings);
  }

  #draw() {
    const { answer } = this.preflight;
    const promise = answer?.ok ? answer.promise : null;
    this.#drawPresets();
    const times = cardTimes(this.#presets, this.settings.preset, promise, this.settings.unit !== "" && this.settings.length !== "");
    for (const card of this.choices.children) {
      const time = times[/** @type {HTMLElement} */ (card).dataset.preset ?? ""];
      setText(/** @type {Element} */ (card.querySelector(".st-preset-time")), time ? aboutTime(time.seconds) : "");
      setText(/** @type {Element} */ (card.querySelector(".st-preset-sure")), time ? sureness(time) : "");
    }
    const { complaint } = this.options;
    setText(this.sentence, complaint || this.#sentence);
    this.train.disabled = !this.#ready || answer?.ok === false || complaint !== "";
    this.train.setAttribute("aria-disabled", String(this.#starting)); // a button that is disabled would lose the focus
    setText(/** @type {Element} */ (this.train.lastChild), this.#starting ? "Starting…" : this.#busy ? "Add to the queue" : "Train");
  }

  #drawPresets() {
    const state = JSON.stringify(this.#presets.map(({ name, title, description }) => [name, title, description]));
    if (state !== this.#drawn) {
      this.#drawn = state;
      this.choices.replaceChildren(...this.#presets.map((preset) => this.#card(preset)));
    }
    for (const radio of this.choices.querySelectorAll("input")) radio.checked = radio.value === this.settings.preset;
  }

  /** @param {TrainingOptionsRecord["presets"][number]} preset */
  #card({ name, title, description }) {
    const choose = () => this.#take({ ...this.settings, preset: name });
    return html(
      "label",
      { class: "st-preset", "data-preset": name },
      html("input", { type: "radio", name: "st-preset", value: name, "aria-label": title, "aria-describedby": `st-preset-time-${name} st-preset-${name}`, onchange: choose }),
      html("span", { class: "st-preset-title" }, title),
      html("span", { class: "st-preset-time", id: `st-preset-time-${name}` }),
      html("span", { class: "st-note", id: `st-preset-${name}` }, description),
      html("span", { class: "st-count st-preset-sure" }),
    );
  }
}

/** @param {number | null} project @returns {unknown} */
function recall(project) {
  try {
    return JSON.parse(browserStorage()?.getItem(MEMORY_KEY + project) ?? "null");
  } catch {
    return null;
  }
}

/** @param {number | null} project @param {unknown} settings */
function remember(project, settings) {
  try {
    browserStorage()?.setItem(MEMORY_KEY + project, JSON.stringify(settings));
  } catch {
    // Storage may be full; the form then merely forgets on reload.
  }
}
