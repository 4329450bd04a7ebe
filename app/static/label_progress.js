// @ts-check
/** How far the labelling of the queue has come, and how long the rest takes at this person's pace. */

import { api } from "./api.js";
import { html, setText } from "./elements.js";
import { queueOf, queuePath, sameFilter } from "./label_queue.js";
import { Pace, paceWords } from "./pace.js";
import { studio } from "./store.js";

/** @typedef {import("./records.js").ImageStatus} ImageStatus */
/** @typedef {import("./label_queue.js").Filter} Filter */
/** @typedef {{project: number, filter: Filter, total: number, unlabelled: number}} Tally */

/** Milliseconds after the last news until the images are counted again. */
const PAUSE = 500;

export class LabelProgress {
  /** @type {Tally | null} */
  #tally = null;
  /** @type {Map<number, ImageStatus>} of images that were seen */
  #statuses = new Map();
  #turn = 0;
  /** @type {any} */
  #timer;

  /**
   * @param {import("./lifecycle.js").Life} life
   * @param {import("./editor_document.js").EditorDocument} doc
   */
  constructor(life, doc) {
    this.life = life;
    this.doc = doc;
    this.pace = new Pace({ memory: sessionMemory() });
    this.bar = html("div", { class: "st-progress-part" });
    this.words = html("span", { class: "st-progress-words" });
    this.node = html("div", { class: "st-queue-progress" }, html("div", { class: "st-progress-line", "aria-hidden": "true" }, this.bar), this.words);
    for (const type of ["pointerdown", "wheel", "keydown"]) life.listen(document, type, () => life.visible && this.pace.touch(), { passive: true });
    life.listen(studio, "queue", () => this.count());
  }

  /**
   * Another image is shown.
   * @param {boolean} finishedBefore whether the one shown until now is labelled or empty
   */
  show(finishedBefore) {
    const { image, status } = this.doc;
    if (!image) return;
    this.pace.show(image.id, { before: finishedBefore, now: status !== "unlabelled" });
    this.#statuses.set(image.id, image.status);
    const filter = queueOf(image.project_id);
    if (this.#tally?.project !== image.project_id || !sameFilter(this.#tally.filter, filter)) this.count();
    else this.draw();
  }

  /**
   * An image's labels arrived at the server.
   * @param {number} imageId
   * @param {ImageStatus} status
   */
  saved(imageId, status) {
    const before = this.#statuses.get(imageId);
    this.#statuses.set(imageId, status);
    if (!this.#tally || before === undefined) return this.countSoon();
    const step = Number(status === "unlabelled") - Number(before === "unlabelled");
    this.#tally.unlabelled = Math.max(0, this.#tally.unlabelled + step);
    this.draw();
  }

  /** Count again when things have calmed down. */
  countSoon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.count(), PAUSE);
  }

  async count() {
    const project = studio.project;
    if (project === null || !this.life.visible) return;
    const turn = ++this.#turn;
    const filter = queueOf(project);
    const path = `projects/${project}/images`;
    try {
      const [all, left] = await Promise.all([
        api("GET", queuePath(path, filter, { limit: 1 })),
        filter.status === undefined ? api("GET", queuePath(path, { ...filter, status: "unlabelled" }, { limit: 1 })) : null,
      ]);
      if (turn !== this.#turn) return;
      const unlabelled = left?.total ?? (filter.status === "unlabelled" ? all.total : 0);
      this.#tally = { project, filter, total: all.total, unlabelled };
    } catch {
      return; // what was counted before stays; it is counted again with the next news
    }
    this.draw();
  }

  draw() {
    const tally = this.#tally;
    this.node.hidden = !this.doc.image;
    // Its room is taken from the start: the picture must not move under a pointer that aims already.
    this.node.classList.toggle("st-unknown", !tally || tally.total === 0);
    if (!tally) return;
    const words = progressWords(tally, this.pace.secondsPerImage);
    setText(this.words, words);
    const part = tally.total > 0 ? (tally.total - tally.unlabelled) / tally.total : 0;
    const plain = tally.filter.status !== undefined;
    /** @type {HTMLElement} */ (this.bar.parentElement).hidden = plain;
    this.bar.style.width = `${100 * part}%`;
  }
}

/**
 * Progress in words.
 * @param {{filter: Filter, total: number, unlabelled: number}} tally
 * @param {number | null} secondsPerImage null while it is not known
 * @returns {string} such as "37 of 200 labelled, 12 min left at your pace"
 */
export function progressWords({ filter, total, unlabelled }, secondsPerImage) {
  const left = secondsPerImage !== null && unlabelled > 0 ? `, ${paceWords(secondsPerImage * unlabelled)}` : "";
  const number = (/** @type {number} */ value) => value.toLocaleString("en");
  if (filter.status === "unlabelled") return unlabelled === 0 ? "Nothing left to label" : `${number(unlabelled)} to label${left}`;
  if (filter.status !== undefined) return `${number(total)} ${total === 1 ? "image" : "images"}`;
  if (unlabelled === 0) return total === 1 ? "Labelled" : `All ${number(total)} labelled`;
  return `${number(total - unlabelled)} of ${number(total)} labelled${left}`;
}

/** @returns {Storage | null} */
function sessionMemory() {
  try {
    return globalThis.sessionStorage ?? null;
  } catch {
    return null;
  }
}
