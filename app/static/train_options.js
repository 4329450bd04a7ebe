// @ts-check
/** The settings of a training that most people leave alone, folded away. */

import { wordButton } from "./buttons.js";
import { grouped } from "./count_words.js";
import { html, setText } from "./elements.js";
import { AugmentationPreview } from "./train_augmentation.js";
import { customCount, MOST, UNITS, usualSettings } from "./train_settings.js";
import { BACKBONES, bytesWords, capital } from "./train_words.js";

/** @typedef {import("./train_settings.js").TrainSettings} TrainSettings */
/** @typedef {keyof TrainSettings} Name */
/** @typedef {{id: string, name: string, memory_bytes: number | null, free_bytes: number | null, usable: boolean, sentence: string}} DeviceRecord */
/** @typedef {{devices: DeviceRecord[], sentences: string[], looking: boolean}} DevicesRecord */

const AUGMENTATIONS = /** @type {[string, string][]} */ ([
  ["", "As the preset says"],
  ["none", "None"],
  ["light", "Light: mirrored, other colours"],
  ["standard", "Standard: also cropped and shrunk"],
  ["strong", "Strong: also tiled with others"],
]);

/** @param {[string, string][]} choices @returns {HTMLOptionElement[]} */
function optionsOf(choices) {
  return choices.map(([value, words]) => html("option", { value, dir: "auto" }, words));
}

export class TrainOptions {
  #settings = usualSettings();
  #models = "";
  #devices = "";

  /**
   * @param {object} wishes
   * @param {(settings: TrainSettings) => void} wishes.onChange
   * @param {() => void} wishes.onOpen what is chosen from may have changed
   */
  constructor({ onChange, onOpen }) {
    this.onChange = onChange;
    this.unit = this.#select("unit", [["", "As the preset says"], ...UNITS.map((unit) => /** @type {[string, string]} */ ([unit, capital(unit)]))]);
    this.length = this.#number("length", MOST.steps, "");
    this.backbone = this.#select("backbone", [["", "Usual"], ...Object.entries(BACKBONES)]);
    this.input = this.#select("input_size", [
      ["", "Usual"],
      ["300", "300 pixels: fast"],
      ["512", "512 pixels: for small objects"],
    ]);
    this.batch = this.#number("batch", MOST.batch, "8");
    this.augmentation = this.#select("augmentation", AUGMENTATIONS);
    this.start = this.#select("start", [["imagenet", "ImageNet"]]);
    this.seed = this.#number("seed", MOST.seed, "0");
    this.device = this.#select("device", [["", "Whichever is free"]]);
    this.place = this.#select("place", [
      ["last", "After the others"],
      ["first", "Before the others"],
    ]);
    this.preview = new AugmentationPreview();
    this.deviceNote = html("p", { class: "st-note", hidden: true });
    this.deviceField = field("Device", this.device);
    this.placeField = field("In the queue", this.place);
    this.count = html("span", { class: "st-badge", hidden: true });
    this.usual = wordButton("Back to the usual settings", () => this.#change({ ...usualSettings(), preset: this.#settings.preset }), { small: true });
    this.lengthField = field("Length", html("span", { class: "st-joined" }, this.unit, this.length));
    this.node = html(
      "details",
      { class: "st-fold st-advanced" },
      html("summary", {}, "Advanced ", this.count),
      html(
        "div",
        { class: "st-fields" },
        this.placeField,
        this.lengthField,
        field("Start from", this.start),
        field("Backbone", this.backbone),
        field("Input size", this.input),
        field("Batch", this.batch),
        field("Augmentation", this.augmentation),
        this.preview.node,
        field("Seed", this.seed),
        this.deviceField,
        this.deviceNote,
        this.usual,
      ),
    );
    this.node.addEventListener("toggle", () => this.node.open && onOpen());
    this.show(this.#settings);
  }

  /** @param {TrainSettings} settings */
  show(settings) {
    this.#settings = settings;
    const goesOn = settings.start !== "imagenet";
    this.backbone.disabled = goesOn;
    for (const node of [this.backbone, this.input]) setText(node.options[0], goesOn ? "As the model has it" : "Usual");
    const fields = { unit: this.unit, length: this.length, backbone: this.backbone, input_size: this.input, batch: this.batch, augmentation: this.augmentation, start: this.start, seed: this.seed, device: this.device, place: this.place };
    for (const [name, node] of Object.entries(fields)) {
      const value = node.disabled ? "" : settings[/** @type {Name} */ (name)];
      // What is no number reads as nothing, and still stands there.
      const differs = node.value !== value || node.validity.badInput;
      if (differs && document.activeElement !== node) node.value = value;
    }
    this.length.hidden = settings.unit === "";
    this.length.setAttribute("aria-label", capital(settings.unit || "amount"));
    if (settings.unit !== "") this.length.max = String(MOST[settings.unit]);
    this.length.step = settings.unit === "minutes" ? "any" : "1";
    this.length.min = settings.unit === "minutes" ? "0.1" : "1";
    const custom = customCount(settings);
    this.count.hidden = this.usual.hidden = custom === 0;
    setText(this.count, `${custom} changed`);
    this.preview.show(settings.augmentation || "standard");
  }

  /** What a field holds that it may not, in a sentence; "" if there is none. */
  get complaint() {
    const fields = /** @type {[string, HTMLInputElement][]} */ ([[capital(this.#settings.unit), this.length], ["Batch", this.batch], ["Seed", this.seed]]);
    const wrong = fields.find(([, node]) => !node.hidden && !node.validity.valid);
    if (!wrong) return "";
    const [name, { step, min, max }] = wrong;
    return `${name}: give a ${step === "1" ? "whole " : ""}number from ${min} to ${grouped(Number(max))}, or none.`;
  }

  /** @param {{id: string, name: string}[]} models of the project */
  offerModels(models) {
    const state = JSON.stringify(models.map(({ id, name }) => [id, name]));
    if (state === this.#models) return;
    this.#models = state;
    this.start.replaceChildren(...optionsOf([["imagenet", "ImageNet: usual"], ...models.map(({ id, name }) => /** @type {[string, string]} */ ([id, name]))]));
    const known = this.#settings.start === "imagenet" || models.some(({ id }) => id === this.#settings.start);
    if (known) this.start.value = this.#settings.start;
    else this.#change({ ...this.#settings, start: "imagenet" });
  }

  /** @param {DevicesRecord} found */
  offerDevices({ devices, sentences }) {
    const state = JSON.stringify([devices.map(({ id, name, usable }) => [id, name, usable]), sentences]);
    if (state === this.#devices) return;
    this.#devices = state;
    const usable = devices.filter((device) => device.usable || device.id === this.#settings.device);
    this.device.replaceChildren(...optionsOf([["", "Whichever is free"], ...usable.map(deviceChoice)]));
    this.device.value = this.#settings.device;
    // With the CPU alone there is nothing to choose.
    this.deviceField.hidden = usable.length < 2 && this.#settings.device === "";
    this.deviceNote.hidden = sentences.length === 0;
    setText(this.deviceNote, sentences.join(" "));
  }

  /** @param {boolean} waiting whether others wait or train */
  offerPlace(waiting) {
    this.placeField.hidden = !waiting;
  }

  /** @param {TrainSettings} settings */
  #change(settings) {
    this.show(settings);
    this.onChange(settings);
  }

  /** @param {Name} name @param {[string, string][]} choices */
  #select(name, choices) {
    const node = html("select", { class: "st-select", onchange: () => this.#change({ ...this.#settings, [name]: node.value }) }, ...optionsOf(choices));
    return node;
  }

  /** @param {Name} name @param {number} most @param {string} placeholder */
  #number(name, most, placeholder) {
    const read = () => this.#change({ ...this.#settings, [name]: node.validity.valid ? node.value : "" });
    const node = html("input", { type: "number", class: "st-input", min: name === "seed" ? 0 : 1, max: most, step: 1, placeholder, oninput: read });
    return node;
  }
}

/** @param {DeviceRecord} device @returns {[string, string]} */
function deviceChoice({ id, name, free_bytes }) {
  const free = free_bytes === null ? "" : `, ${bytesWords(free_bytes)} free`;
  return [id, `${id === "cpu" ? "CPU: " : id === "all" ? "" : `GPU ${id}: `}${name}${free}`];
}

/** @param {string} words @param {HTMLElement} control */
function field(words, control) {
  const tag = /^(INPUT|SELECT)$/.test(control.tagName) ? "label" : "div";
  const first = control.tagName === "SPAN" ? control.firstElementChild : null;
  first?.setAttribute("aria-label", words);
  return html(tag, { class: "st-field" }, html("span", {}, words), control);
}
