// @ts-check
/** The panel of the Live screen: which model, the two sliders, and what was found. */

import { html, setText } from "./elements.js";

/** @typedef {import("./detection_overlay.js").Detection} Detection */
/** @typedef {import("./records.js").ModelRecord} ModelRecord */

/** Rows of the list of detections; more would bury the panel. */
const ROWS = 50;
/** The score below which the server sends nothing. */
const FLOOR = 0.05;
const SCORE = 0.5;
const IOU = 0.45;

export class LiveControls {
  #listed = "";
  /** @type {readonly ModelRecord[]} */
  #models = [];

  /** @param {{onModel: () => void, onThreshold: () => void}} actions */
  constructor({ onModel, onThreshold }) {
    this.model = html("select", { class: "st-select", id: "st-live-model", onchange: onModel });
    this.quality = html("p", { class: "st-note" });
    this.model.addEventListener("change", () => {
      this.#showQuality();
      this.#suggest();
    });
    this.score = slider("Score", "How sure the model must be of a box", FLOOR, 1, SCORE, onThreshold);
    this.iou = slider("IoU", "How much two boxes of a class may overlap", 0, 1, IOU, onThreshold);
    this.found = html("span", { class: "st-count" });
    this.pace = html("p", { class: "st-note st-pace" });
    this.list = html("ul", { class: "st-found", "aria-label": "Detections" });
    this.nothing = html("p", { class: "st-note" });
    this.panel = html(
      "aside",
      { class: "st-panel", "aria-label": "Model and thresholds" },
      html("section", { class: "st-section" }, html("h3", {}, html("label", { for: "st-live-model" }, "Model")), this.model, this.quality),
      html("section", { class: "st-section st-sliders" }, this.score.node, this.iou.node),
      html("section", { class: "st-section st-grow" }, html("h3", {}, "Found", this.found), this.list, this.nothing, this.pace),
    );
  }

  /**
   * Offer models; the chosen one stays chosen while it exists.
   * @param {readonly ModelRecord[]} models newest first
   * @param {string | null} [wanted] the id of the one to choose; null for the one that is
   */
  showModels(models, wanted = null) {
    const before = this.model.value;
    const chosen = wanted ?? before;
    this.model.replaceChildren(...models.map((model) => html("option", { value: model.id }, model.name)));
    this.model.value = models.some(({ id }) => id === chosen) ? chosen : ((models.find((model) => model.is_default) ?? models[0])?.id ?? "");
    this.#models = models;
    this.#showQuality();
    if (this.model.value !== before) this.#suggest();
  }

  /** Start from the thresholds that suited the chosen model on its validation images. */
  #suggest() {
    const suggested = this.#models.find(({ id }) => id === this.model.value)?.thresholds;
    if (!suggested) return;
    this.score.set(suggested.score);
    this.iou.set(suggested.iou);
  }

  /** How good the chosen model was when it was finished. */
  #showQuality() {
    const quality = this.#models.find(({ id }) => id === this.model.value)?.metrics?.AP50;
    setText(this.quality, typeof quality === "number" ? `AP50 ${quality.toFixed(2)} on its validation images` : "");
    this.quality.hidden = this.quality.textContent === "";
  }

  /** @returns {{score: number, iou: number}} */
  get thresholds() {
    return { score: this.score.value, iou: this.iou.value };
  }

  /**
   * List what is shown.
   * @param {readonly Detection[]} detections best first
   * @param {number | null} candidates how many boxes the sliders choose from; null before any answer
   */
  showFound(detections, candidates) {
    const lines = detections.map(({ name, score, colour }) => [name, score.toFixed(2), colour]);
    const state = JSON.stringify([lines, candidates]);
    if (state === this.#listed) return;
    this.#listed = state;
    setText(this.found, candidates === null ? "" : String(lines.length));
    this.list.replaceChildren(...lines.slice(0, ROWS).map(([name, score, colour]) => row(name, score, colour)));
    this.list.hidden = lines.length === 0;
    setText(this.nothing, remark(lines.length, candidates));
    this.nothing.hidden = this.nothing.textContent === "";
  }

  /** @param {string} words */
  showPace(words) {
    setText(this.pace, words);
    this.pace.hidden = words === "";
  }
}

/** @param {number} shown @param {number | null} candidates */
function remark(shown, candidates) {
  if (shown > ROWS) return `and ${shown - ROWS} more`;
  if (shown > 0 || candidates === null) return "";
  return candidates > 0 ? "Nothing at this score. Move the score slider to the left." : "The model sees nothing here.";
}

/** @param {string} name @param {string} score @param {string} colour */
function row(name, score, colour) {
  const swatch = html("span", { class: "st-swatch", "aria-hidden": "true" });
  swatch.style.backgroundColor = colour;
  return html("li", {}, swatch, html("span", { class: "st-name", title: name }, name), html("span", { class: "st-size" }, score));
}

/**
 * @param {string} name
 * @param {string} hint
 * @param {number} min
 * @param {number} max
 * @param {number} value
 * @param {() => void} onInput
 */
function slider(name, hint, min, max, value, onInput) {
  const id = `st-slider-${name.toLowerCase()}`;
  const input = html("input", { type: "range", class: "st-range", id, min, max, step: 0.01, value, "aria-describedby": `${id}-hint` });
  const read = html("output", { for: id, class: "st-read-out" });
  const show = () => {
    setText(read, input.valueAsNumber.toFixed(2));
    input.style.setProperty("--st-share", `${(100 * (input.valueAsNumber - min)) / (max - min)}%`);
  };
  input.addEventListener("input", () => {
    show();
    onInput();
  });
  show();
  const node = html(
    "div",
    { class: "st-slider" },
    html("div", { class: "st-slider-head" }, html("label", { for: id }, name), read),
    html("p", { class: "st-slider-hint", id: `${id}-hint` }, hint),
    input,
  );
  return {
    node,
    get value() {
      return input.valueAsNumber;
    },
    /** @param {number} value */
    set(value) {
      input.valueAsNumber = value;
      show();
    },
  };
}
