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
  doubt = 0;
  problem = "";
  asked = false;
  inSight = false;
  #url = "";

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

  async showSmall() {
    if (this.#url !== "") return;
    try {
      const small = await smallCopy(this.file, SMALL);
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

  /** @param {CandidatesRecord} answer @param {Look} look @param {Thresholds} thresholds */
  take(answer, look, thresholds) {
    this.answer = answer;
    this.look = look;
    this.problem = "";
    this.apply(thresholds);
  }

  /** @param {unknown} error */
  fail(error) {
    this.problem = messageOf(error);
    setText(this.found, "Failed");
    this.node.title = this.problem;
    this.node.dataset.failed = "true";
  }

  /** @param {Thresholds} thresholds */
  apply(thresholds) {
    if (!this.answer || !this.look) return;
    this.rows = shownOf(this.answer.candidates, this.look.names, thresholds);
    this.doubt = doubtOf(this.answer.candidates, this.look.names, thresholds);
    const words = this.rows.length === 0 ? "Nothing" : counted(this.rows.length, "box", "boxes");
    setText(this.found, words);
    delete this.node.dataset.failed;
    this.node.dataset.boxes = String(this.rows.length);
    this.node.title = `${this.name}: ${words}`;
    this.draw();
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
    URL.revokeObjectURL(this.#url);
    this.node.remove();
  }
}
