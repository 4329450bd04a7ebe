// @ts-check
/** The histories of images seen earlier, so that undo survives next and previous. */

import { EditorHistory } from "./editor_history.js";

/** @typedef {import("./save_queue.js").Labels} Labels */

/** Images remembered at most; the one seen longest ago is forgotten first. */
const MOST = 500;

export class LabelHistories {
  /** @type {Map<number, EditorHistory<Labels>>} */
  #known = new Map();

  /**
   * The history of an image, or a new one if its labels were changed elsewhere meanwhile.
   * @param {number} imageId
   * @param {Labels} labels as they are now
   * @returns {EditorHistory<Labels>}
   */
  of(imageId, labels) {
    const old = this.#known.get(imageId);
    const history = old && JSON.stringify(old.present) === JSON.stringify(labels) ? old : new EditorHistory(labels);
    this.#known.delete(imageId);
    this.#known.set(imageId, history);
    if (this.#known.size > MOST) this.#known.delete(this.#known.keys().next().value ?? -1);
    return history;
  }
}
