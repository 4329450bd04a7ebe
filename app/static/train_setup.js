// @ts-check
/** What a training is asked to be: the preset, and for those who know the number of steps and the seed. */

import { wordButton } from "./buttons.js";
import { html, setText } from "./elements.js";

/** @typedef {import("./records.js").TrainingOptionsRecord} TrainingOptionsRecord */
/** @typedef {{preset: string, steps?: number, seed?: number}} Asked */

const MOST_STEPS = 1_000_000;
const MOST_SEED = 2 ** 31 - 1;

export class TrainSetup {
  #ready = false;
  #busy = false;
  #presets = "";

  /** @param {(asked: Asked) => void} onTrain */
  constructor(onTrain) {
    this.sentence = html("p", { class: "st-note", role: "status" });
    this.choices = html("div", { class: "st-presets" });
    this.steps = html("input", { type: "number", class: "st-input", min: 1, max: MOST_STEPS, step: 1, placeholder: "as the preset says" });
    this.seed = html("input", { type: "number", class: "st-input", min: 0, max: MOST_SEED, step: 1, placeholder: "0" });
    this.train = wordButton("Train", () => this.form.requestSubmit(), { primary: true, symbol: "play" });
    this.form = html(
      "form",
      { class: "st-setup", "aria-label": "New training" },
      html("h3", {}, "Train a detector"),
      html("fieldset", { class: "st-presets-field" }, html("legend", { class: "st-hidden-words" }, "How long to train"), this.choices),
      html(
        "details",
        { class: "st-advanced" },
        html("summary", {}, "Advanced"),
        html("label", { class: "st-field" }, html("span", {}, "Steps"), this.steps),
        html("label", { class: "st-field" }, html("span", {}, "Seed"), this.seed),
      ),
      html("div", { class: "st-train-foot" }, this.train, this.sentence),
    );
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!this.train.disabled) onTrain(this.#asked());
    });
  }

  /**
   * Offer what the server offers.
   * @param {TrainingOptionsRecord} options
   */
  show({ ready, sentence, presets }) {
    this.#ready = ready;
    setText(this.sentence, sentence);
    this.#drawTrain();
    const state = JSON.stringify(presets);
    if (state === this.#presets) return;
    this.#presets = state;
    const chosen = this.#preset();
    const kept = presets.some(({ name }) => name === chosen) ? chosen : presets[0]?.name;
    this.choices.replaceChildren(
      ...presets.map(({ name, title, description, steps }) =>
        html(
          "label",
          { class: "st-preset" },
          html("input", {
            type: "radio",
            name: "st-preset",
            value: name,
            checked: name === kept,
            "aria-label": title,
            "aria-describedby": `st-preset-${name}`,
          }),
          html("span", { class: "st-preset-title" }, title),
          html("span", { class: "st-count" }, `${steps} steps`),
          html("span", { class: "st-note", id: `st-preset-${name}` }, description),
        ),
      ),
    );
  }

  /**
   * Wait while a training runs, or offer to start one.
   * @param {boolean} busy
   */
  setBusy(busy) {
    this.#busy = busy;
    this.#drawTrain();
  }

  #drawTrain() {
    this.train.disabled = !this.#ready || this.#busy;
    setText(/** @type {Element} */ (this.train.lastChild), this.#busy ? "Training…" : "Train");
  }

  /** @returns {string | undefined} */
  #preset() {
    return /** @type {HTMLInputElement | null} */ (this.choices.querySelector("input:checked"))?.value;
  }

  /** @returns {Asked} */
  #asked() {
    return {
      preset: this.#preset() ?? "quick",
      ...(this.steps.value !== "" && { steps: this.steps.valueAsNumber }),
      ...(this.seed.value !== "" && { seed: this.seed.valueAsNumber }),
    };
  }
}
