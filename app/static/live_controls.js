// @ts-check
/** The panel of the Live screen: which model, what of its candidates is shown, and what was found. */

import { wordButton } from "./buttons.js";
import { html, setText } from "./elements.js";
import { LiveClassRows } from "./live_class_rows.js";
import { LiveClassScores } from "./live_class_scores.js";
import { slider } from "./live_slider.js";
import { FLOOR, MOST_BOXES, USUAL } from "./live_thresholds.js";

/** @typedef {import("./detection_overlay.js").Look} Look */
/** @typedef {import("./records.js").Candidate} Candidate */
/** @typedef {import("./records.js").ModelRecord} ModelRecord */
/** @typedef {import("./live_thresholds.js").Thresholds} Thresholds */

/** Rows of the list of detections; more would bury the panel. */
const ROWS = 50;

export class LiveControls {
  #listed = "";
  /** @type {readonly ModelRecord[]} */
  #models = [];
  /** @type {Thresholds | null} */
  #thresholds = null;
  /** What answered last for the model shown; "" before it did. */
  #runtime = "";

  /** @param {{onModel: () => void, onThreshold: () => void, onTiles: () => void}} actions */
  constructor({ onModel, onThreshold, onTiles }) {
    const changed = () => {
      this.#thresholds = null;
      this.scores.follow(this.score.value);
      this.#offerSuggested();
      onThreshold();
    };
    this.changed = changed;
    this.model = html("select", { class: "st-select", id: "st-live-model", onchange: onModel });
    this.quality = html("p", { class: "st-note" });
    this.model.addEventListener("change", () => this.#modelShown());
    this.score = slider({ name: "Score", hint: "How sure the model must be of a box", min: FLOOR, max: 1, value: USUAL.score, onInput: changed });
    this.iou = slider({ name: "IoU", hint: "How far boxes of a class may overlap", min: 0, max: 1, value: USUAL.iou, onInput: changed });
    this.suggested = wordButton("Use suggested", () => this.#useSuggested(), { small: true, symbol: "spark" });
    this.scores = new LiveClassScores(changed);
    this.classes = new LiveClassRows(changed);
    this.most = html("input", { type: "number", class: "st-input st-narrow", min: 1, max: MOST_BOXES, step: 1, value: USUAL.maxBoxes, oninput: changed });
    this.agnostic = html("input", { type: "checkbox", class: "st-check", onchange: changed });
    this.tiles = html(
      "select",
      { class: "st-select", onchange: onTiles },
      ...[1, 2, 3, 4].map((count) => html("option", { value: count }, count === 1 ? "Whole picture" : `${count} × ${count} tiles`)),
    );
    this.found = html("span", { class: "st-count" });
    this.pace = html("p", { class: "st-note st-pace", hidden: true });
    this.list = html("ul", { class: "st-found", "aria-label": "Detections" });
    this.nothing = html("p", { class: "st-note" });
    this.foundPart = html("section", { class: "st-section st-grow" }, html("h3", {}, "Found", this.found), this.list, this.nothing);
    this.panel = html(
      "aside",
      { class: "st-panel st-live-panel", "aria-label": "Model and thresholds" },
      html("section", { class: "st-section" }, html("h3", {}, html("label", { for: "st-live-model" }, "Model")), this.model, this.quality, this.pace),
      html("section", { class: "st-section st-sliders" }, this.score.node, this.iou.node, this.suggested),
      html("section", { class: "st-section st-live-folds" }, this.scores.node, this.#more()),
      this.classes.node,
      this.foundPart,
    );
  }

  #more() {
    const row = (/** @type {string} */ words, /** @type {HTMLElement} */ field) => html("label", { class: "st-live-more-row" }, html("span", {}, words), field);
    return html(
      "details",
      { class: "st-live-fold" },
      html("summary", {}, "More"),
      html(
        "div",
        { class: "st-live-fold-body" },
        row("Most boxes", this.most),
        html("label", { class: "st-live-agnostic" }, this.agnostic, html("span", {}, "Boxes of different classes rival each other")),
        row("Photographs", this.tiles),
        html("p", { class: "st-note" }, "Tiles find small things in large photographs, and take longer."),
      ),
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
    const defaultFirst = [...models].sort((a, b) => Number(b.is_default ?? false) - Number(a.is_default ?? false));
    this.model.replaceChildren(...defaultFirst.map(({ id, name, is_default }) => html("option", { value: id, title: is_default ? "The project's default" : null }, name)));
    this.model.value = models.some(({ id }) => id === chosen) ? chosen : (defaultFirst[0]?.id ?? "");
    this.#models = models;
    if (this.model.value !== before) this.#modelShown();
  }

  get #chosen() {
    return this.#models.find(({ id }) => id === this.model.value) ?? null;
  }

  /** How many tiles a side photographs are looked at in; 1 for as a whole. */
  get tilesASide() {
    return Number(this.tiles.value);
  }

  /** The side of the chosen model's network in pixels; the larger one where it is not known. */
  get inputSize() {
    return this.#chosen?.params?.input_size ?? 512;
  }

  /** Start from the thresholds that suited the chosen model on its validation images. */
  #modelShown() {
    const model = this.#chosen;
    this.#runtime = "";
    this.#showQuality();
    const suggested = model?.thresholds ?? null;
    this.score.suggest(suggested?.score ?? null);
    this.iou.suggest(suggested?.iou ?? null);
    if (suggested) this.#set(suggested);
    this.#offerSuggested();
  }

  /** Tell what a model runs on, when it has answered. @param {string} model its id @param {string} runtime */
  answeredOn(model, runtime) {
    if (model !== this.model.value || runtime === this.#runtime) return;
    this.#runtime = runtime;
    this.#showQuality();
  }

  #showQuality() {
    const words = qualityWords(this.#chosen, this.#runtime);
    setText(this.quality, words);
    this.quality.title = this.#chosen?.lineage?.reason ?? "";
    this.quality.hidden = words === "";
  }

  /**
   * One score for all: with a score of its own each, no class would follow the slider that one reaches for first.
   * @param {{score: number, iou: number}} suggested
   */
  #set({ score, iou }) {
    this.score.set(score);
    this.iou.set(iou);
    this.scores.setAll({});
    this.scores.follow(this.score.value);
    this.#thresholds = null;
  }

  #useSuggested() {
    const suggested = this.#chosen?.thresholds;
    if (!suggested) return;
    this.#set(suggested);
    this.changed();
  }

  #offerSuggested() {
    const suggested = this.#chosen?.thresholds;
    const near = (/** @type {number} */ a, /** @type {number} */ b) => Math.abs(a - b) < 0.006;
    this.suggested.hidden = !suggested;
    this.suggested.disabled = !suggested || (!Object.keys(this.scores.own).length && near(suggested.score, this.score.value) && near(suggested.iou, this.iou.value));
  }

  /** What is asked of the candidates; the same object until something changes. @returns {Thresholds} */
  get thresholds() {
    return (this.#thresholds ??= {
      score: this.score.value,
      iou: this.iou.value,
      maxBoxes: Math.min(MOST_BOXES, Math.max(1, Math.round(this.most.valueAsNumber) || USUAL.maxBoxes)),
      agnostic: this.agnostic.checked,
      hidden: this.classes.hidden,
      classScores: this.scores.own,
    });
  }

  /** Show a model's classes. @param {ModelRecord} model @param {Look} look */
  showClasses(model, look) {
    this.classes.show(look);
    this.scores.show(model, look.colours);
    this.#thresholds = null;
  }

  /**
   * List what is shown.
   * @param {readonly Candidate[]} rows best first
   * @param {Look} look
   * @param {number | null} candidates how many boxes the sliders choose from; null before any answer
   */
  showFound(rows, look, candidates) {
    const lines = rows.slice(0, ROWS).map((row) => [look.names[row[5]] ?? `class ${row[5]}`, row[4].toFixed(2), look.colours[row[5]]]);
    const state = JSON.stringify([lines, rows.length, candidates]);
    if (state === this.#listed) return;
    this.#listed = state;
    setText(this.found, candidates === null ? "" : String(rows.length));
    this.list.replaceChildren(...lines.map(([name, score, colour]) => line(name, score, colour)));
    this.list.hidden = rows.length === 0;
    setText(this.nothing, remark(rows.length, candidates));
    this.nothing.hidden = this.nothing.textContent === "";
  }

  /** @param {string} words */
  showPace(words) {
    setText(this.pace, words);
    this.pace.hidden = words === "";
  }
}

/**
 * What a model runs on and how good it is; until it has answered, which of its exports its card prefers.
 * @param {Pick<ModelRecord, "metrics" | "lineage"> | null} model
 * @param {string} runtime what answered, "" for nothing yet
 * @returns {string}
 */
export function qualityWords(model, runtime) {
  const preferred = model?.lineage?.runtime;
  const quality = model?.metrics?.AP50;
  const words = [runtime || (preferred ? `LiteRT ${preferred}` : ""), typeof quality === "number" ? `AP50 ${quality.toFixed(2)} on its validation images` : ""];
  return words.filter(Boolean).join(", ");
}

/** @param {number} shown @param {number | null} candidates */
function remark(shown, candidates) {
  if (shown > ROWS) return `and ${shown - ROWS} more`;
  if (shown > 0 || candidates === null) return "";
  return candidates > 0 ? "Nothing at this score. Move the score slider to the left." : "The model sees nothing here.";
}

/** @param {string} name @param {string} score @param {string} colour */
function line(name, score, colour) {
  const swatch = html("span", { class: "st-swatch", "aria-hidden": "true" });
  swatch.style.backgroundColor = colour;
  return html("li", {}, swatch, html("span", { class: "st-name", title: name }, name), html("span", { class: "st-size" }, score));
}
