// @ts-check
/**
 * Edits kept in this browser until the server has acknowledged them: one storage item per image and page.
 *
 * Each page has its own items, so that two tabs on one image do not overwrite each other's; a page takes up only what
 * was left by pages that are gone.
 */

import { randomId } from "./random_id.js";

const PREFIX = "ssd-studio.unsaved.";

export class UnsavedEdits {
  /** @type {Set<string>} pages that still live, this one aside */
  #living = new Set();

  /**
   * @param {Storage | null} storage null keeps nothing
   * @param {string} [page] this page's own id
   */
  constructor(storage, page = randomId()) {
    this.storage = storage;
    this.page = page;
  }

  /**
   * Leave alone what these pages keep, until told otherwise.
   * @param {Iterable<string>} pages
   */
  spare(pages) {
    this.#living = new Set(pages);
  }

  /**
   * Keep an image's unacknowledged state, or drop it.
   * @param {number} imageId
   * @param {unknown} entry anything JSON can hold; null drops it
   * @returns {boolean} whether it could be kept
   */
  keep(imageId, entry) {
    try {
      if (entry === null) this.storage?.removeItem(this.#key(imageId));
      else this.storage?.setItem(this.#key(imageId), JSON.stringify(entry));
      return entry === null || this.storage !== null;
    } catch {
      return entry === null; // storage is full or switched off: the edit then lives as long as the page
    }
  }

  /**
   * Take over what a page that is gone kept of an image; it is this page's from then on.
   * @param {number} imageId
   * @returns {any} null if nothing
   */
  take(imageId) {
    for (const key of this.#left()) {
      if (imageOf(key) !== imageId) continue;
      const entry = this.#read(key);
      if (entry === null) continue;
      this.storage?.removeItem(key); // first, or a storage that is nearly full could not hold it under its new name
      this.keep(imageId, entry);
      return entry;
    }
    return null;
  }

  /**
   * The images of which a page that is gone left something.
   * @returns {number[]}
   */
  imageIds() {
    return [...new Set(this.#left().map(imageOf))];
  }

  /** @param {string} key @returns {any} null for what cannot be read */
  #read(key) {
    try {
      return JSON.parse(this.storage?.getItem(key) ?? "null");
    } catch {
      return null;
    }
  }

  /** @param {number} imageId */
  #key(imageId) {
    return `${PREFIX}${imageId}.${this.page}`;
  }

  /** @returns {string[]} keys of what pages that are gone left */
  #left() {
    try {
      const keys = Array.from({ length: this.storage?.length ?? 0 }, (_, index) => this.storage?.key(index) ?? "");
      return keys.filter((key) => {
        const page = key.split(".").slice(3).join(".");
        return key.startsWith(PREFIX) && imageOf(key) > 0 && page !== this.page && !this.#living.has(page);
      });
    } catch {
      return [];
    }
  }
}

/** @param {string} key @returns {number} */
function imageOf(key) {
  return Number(key.slice(PREFIX.length).split(".")[0]);
}
