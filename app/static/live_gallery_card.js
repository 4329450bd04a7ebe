// @ts-check
/** One picture of the Live screen's gallery: small, with its boxes, its name and what was found. */

import { messageOf } from "./api.js";
import { counted } from "./count_words.js";
import { drawDetections } from "./detection_overlay.js";
import { html, setText } from "./elements.js";
import { icon } from "./icons.js";
import { smallCopy } from "./live_pictures.js";
import { doubtOf, shownOf } from "./live_thresholds.js";

/** @typedef {import("./records.js").Candidate} Candidate */
/** @typedef {import("./records.js").CandidatesRecord} CandidatesRecord */
/** @typedef {import("./detection_overlay.js").Look} Look */
/** @typedef {import("./live_thresholds.js").Thresholds} Thresholds */

/** The longer side of the small picture: enough for a sharp card on a dense screen. */
const SMALL = 480;

export class GalleryCard {
  /** @type {CandidatesRecord | null} */
  answer = null;
  /** @type {Look | null} */
  look = null;
  /** @type {Candidate[]} */
  rows = [];
  problem = "";
  asked = false;
  /** The answer, or why there is none, has come since it was asked about. */
  settled = false;
  inSight = false;
  /** @type {Thresholds | null} */
  #applied = null;
  /** @type {number | null} */
  #doubt = null;
  #url = "";
  #gone = false;

  /** @param {File} file @param {string} name @param {number} place @param {(card: GalleryCard) => void} onOpen */
  constructor(file, name, place, onOpen) {
    this.file = file;
    this.name = name;
    this.place = place;
    this.picture = html("img", { alt: "", hidden: true });
    this.canvas = html("canvas", { class: "st-detections", "aria-hidden": "true" });
    this.frame = html("span", { class: "st-live-small" }, this.picture, this.canvas);
    this.found = html("span", { class: "st-count" }, "Waiting");
    this.node = html(
      "button",
      { type: "button", class: "st-live-card", onclick: () => onOpen(this) },
      html("span", { class: "st-live-card-picture" }, this.frame),
      html("span", { class: "st-live-card-words" }, html("bdi", { class: "st-name", title: name }, name), this.found),
    );
  }

  /** How many boxes are shown; null before the answer. */
  get boxes() {
    return this.answer === null ? null : this.rows.length;
  }

  /** How doubtful it is: reckoned where somebody sorts by it, for it takes ten times as long as the rows. */
  get doubt() {
    if (!this.answer || !this.look || !this.#applied) return 0;
    return (this.#doubt ??= doubtOf(this.answer.candidates, this.look.names, this.#applied));
  }

  async showSmall() {
    if (this.#url !== "") return;
    try {
      const small = await smallCopy(this.file, SMALL);
      if (this.#gone) return;
      this.#url = URL.createObjectURL(small);
      this.picture.src = this.#url;
      this.picture.hidden = false;
      await this.picture.decode();
      this.frame.style.aspectRatio = `${this.picture.naturalWidth} / ${this.picture.naturalHeight}`;
      this.frame.classList.toggle("st-tall", this.picture.naturalHeight > this.picture.naturalWidth * 0.75);
      this.draw();
    } catch {
      this.frame.replaceChildren(icon("photo")); // the server may read what this browser cannot
    }
  }

  /** @param {CandidatesRecord} answer */
  take(answer) {
    this.answer = answer;
    this.problem = "";
    this.settled = true;
  }

  /** What another model found before is no answer of the one that failed. @param {unknown} error */
  fail(error) {
    this.answer = null;
    this.rows = [];
    this.problem = messageOf(error);
    this.settled = true;
    setText(this.found, "Failed");
    this.node.title = this.problem;
    this.node.dataset.failed = "true";
    this.canvas.width = this.canvas.height = 0;
  }

  /** Choose its boxes and say how many; `draw` shows them. @param {Thresholds} thresholds @param {(answer: CandidatesRecord) => Look} lookOf */
  apply(thresholds, lookOf) {
    if (!this.answer) return;
    this.look = lookOf(this.answer);
    this.rows = shownOf(this.answer.candidates, this.look.names, thresholds);
    this.#applied = thresholds;
    this.#doubt = null;
    const words = this.rows.length === 0 ? "Nothing" : counted(this.rows.length, "box", "boxes");
    setText(this.found, words);
    delete this.node.dataset.failed;
    this.node.dataset.boxes = String(this.rows.length);
    this.node.title = `${this.name}: ${words}`;
  }

  draw() {
    if (this.inSight && this.answer && this.look) drawDetections(this.canvas, this.rows, this.look, this.answer, { words: false });
  }

  /** @param {boolean} inSight cards out of sight keep no pixels */
  see(inSight) {
    this.inSight = inSight;
    if (inSight) this.draw();
    else this.canvas.width = this.canvas.height = 0;
  }

  forget() {
    this.#gone = true;
    URL.revokeObjectURL(this.#url);
    this.node.remove();
  }
}
