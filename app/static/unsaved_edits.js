// @ts-check
/** Edits kept in this browser until the server has acknowledged them: one storage item per image. */

const PREFIX = "ssd-studio.unsaved.";

export class UnsavedEdits {
  /** @param {Storage | null} storage null keeps nothing */
  constructor(storage) {
    this.storage = storage;
  }

  /**
   * Keep an image's unacknowledged state, or drop it.
   * @param {number} imageId
   * @param {unknown} entry anything JSON can hold; null drops it
   * @returns {boolean} whether it could be kept
   */
  keep(imageId, entry) {
    try {
      if (entry === null) this.storage?.removeItem(PREFIX + imageId);
      else this.storage?.setItem(PREFIX + imageId, JSON.stringify(entry));
      return this.storage !== null;
    } catch {
      return false; // storage is full or switched off: the edit then lives as long as the page
    }
  }

  /**
   * What an earlier page, or this one, kept of an image.
   * @param {number} imageId
   * @returns {any} null if nothing
   */
  find(imageId) {
    try {
      return JSON.parse(this.storage?.getItem(PREFIX + imageId) ?? "null");
    } catch {
      return null;
    }
  }

  /**
   * The images of which something is kept.
   * @returns {number[]}
   */
  imageIds() {
    try {
      const keys = Array.from({ length: this.storage?.length ?? 0 }, (_, index) => this.storage?.key(index) ?? "");
      return keys.filter((key) => key.startsWith(PREFIX)).map((key) => Number(key.slice(PREFIX.length)));
    } catch {
      return [];
    }
  }
}
