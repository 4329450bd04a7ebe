// @ts-check
/**
 * Saving an image's flag and note: kept in the browser until the server has them, repeated until it answers. Who writes
 * last wins, so there is nothing to collide with.
 *
 * Events: "change" whenever `summary()` may answer otherwise; "acknowledged" (detail: imageId, marks);
 * "refused" (detail: imageId, name, message) when the server will not take them.
 */

import { ApiError, messageOf } from "./api.js";

/** @typedef {{flag?: boolean, note?: string}} Marks */
/** @typedef {{imageId: number, name: string, marks: Marks, sending: boolean, failures: number, offline: boolean, kept: boolean, timer: any}} Waiting */

const PREFIX = "ssd-studio.marks.";
const PASSING = new Set([0, 408, 425, 429]);

export class ImageMarks extends EventTarget {
  /** @type {Map<number, Waiting>} */
  #waiting = new Map();
  #patch;
  #storage;
  #retryDelays;
  #now;
  /** @type {number | null} */
  #savedAt = null;

  /**
   * @param {object} options
   * @param {(path: string, body: unknown, options?: {keepalive?: boolean}) => Promise<any>} options.patch throws ApiError
   * @param {Storage | null} [options.storage]
   * @param {number[]} [options.retryDelays] milliseconds before each repetition; the last one repeats
   * @param {() => number} [options.now] milliseconds
   */
  constructor({ patch, storage = null, retryDelays = [1000, 2000, 4000, 8000], now = Date.now }) {
    super();
    this.#patch = patch;
    this.#storage = storage;
    this.#retryDelays = retryDelays;
    this.#now = now;
  }

  /**
   * Give an image a flag or a note.
   * @param {{id: number, name: string}} image
   * @param {Marks} marks
   */
  want({ id, name }, marks) {
    const entry = this.#waiting.get(id) ?? newWaiting(id, name);
    entry.marks = { ...entry.marks, ...marks };
    this.#waiting.set(id, entry);
    this.#keep(entry);
    if (entry.failures === 0) this.#pump(entry);
    this.#tell("change");
  }

  /**
   * What is wanted of an image and not acknowledged yet.
   * @param {number} imageId
   * @returns {Marks}
   */
  of(imageId) {
    return this.#waiting.get(imageId)?.marks ?? {};
  }

  /** Send everything that waits, now. */
  flush() {
    for (const entry of this.#waiting.values()) this.#pump(entry);
  }

  /** Send what waits in a way that outlives the page. */
  leave() {
    for (const { imageId, marks } of this.#waiting.values()) {
      this.#patch(`images/${imageId}`, marks, { keepalive: true }).catch(() => {});
    }
  }

  /** @returns {Pick<import("./save_queue.js").Summary, "state" | "edits" | "kept" | "savedAt">} */
  summary() {
    const waiting = [...this.#waiting.values()];
    const edits = waiting.reduce((sum, { marks }) => sum + Object.keys(marks).length, 0);
    const common = { edits, kept: waiting.every(({ kept }) => kept), savedAt: this.#savedAt };
    const failing = waiting.find(({ failures }) => failures > 0);
    if (failing) return { state: failing.offline ? "offline" : "failing", ...common };
    return { state: waiting.length > 0 ? "saving" : "saved", ...common };
  }

  /**
   * Take up what an earlier page could not save.
   * @param {(imageId: number) => Promise<{id: number, name: string}>} look the image as it is now
   */
  async restore(look) {
    for (const [imageId, { name, marks }] of this.#kept()) {
      if (this.#waiting.has(imageId)) continue;
      try {
        const image = await look(imageId);
        if (image.name === name) this.want(image, { ...marks, ...this.of(imageId) });
        else this.#drop(imageId); // another dataset answers at this address now
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) this.#drop(imageId);
      }
    }
  }

  /** @param {Waiting} entry */
  async #pump(entry) {
    clearTimeout(entry.timer);
    if (entry.sending || this.#waiting.get(entry.imageId) !== entry) return;
    const sent = entry.marks;
    entry.sending = true;
    try {
      await this.#patch(`images/${entry.imageId}`, sent);
      entry.sending = false;
      this.#acknowledge(entry, sent);
    } catch (error) {
      entry.sending = false;
      this.#fail(entry, error);
    }
    this.#tell("change");
  }

  /** @param {Waiting} entry @param {Marks} sent */
  #acknowledge(entry, sent) {
    this.#savedAt = this.#now();
    entry.failures = 0;
    const newer = Object.entries(entry.marks).filter(([key, value]) => sent[/** @type {keyof Marks} */ (key)] !== value);
    entry.marks = Object.fromEntries(newer);
    if (newer.length === 0) this.#drop(entry.imageId);
    else this.#pump(entry);
    this.#tell("acknowledged", { imageId: entry.imageId, marks: sent });
  }

  /** @param {Waiting} entry @param {unknown} error */
  #fail(entry, error) {
    const status = error instanceof ApiError ? error.status : 0;
    if (PASSING.has(status) || status >= 500) {
      entry.failures += 1;
      entry.offline = status === 0;
      const pause = this.#retryDelays[Math.min(entry.failures, this.#retryDelays.length) - 1];
      entry.timer = setTimeout(() => this.#pump(entry), pause);
      return;
    }
    this.#drop(entry.imageId);
    this.#tell("refused", { imageId: entry.imageId, name: entry.name, message: messageOf(error) });
  }

  /** @param {number} imageId */
  #drop(imageId) {
    this.#waiting.delete(imageId);
    try {
      this.#storage?.removeItem(PREFIX + imageId);
    } catch {
      // it is sent once more by a later page, which does no harm
    }
  }

  /** @param {Waiting} entry */
  #keep(entry) {
    try {
      this.#storage?.setItem(PREFIX + entry.imageId, JSON.stringify({ name: entry.name, marks: entry.marks }));
      entry.kept = this.#storage !== null;
    } catch {
      entry.kept = false;
    }
  }

  /** @returns {[number, {name: string, marks: Marks}][]} */
  #kept() {
    try {
      const keys = Array.from({ length: this.#storage?.length ?? 0 }, (_, index) => this.#storage?.key(index) ?? "");
      return keys
        .filter((key) => key.startsWith(PREFIX))
        .map((key) => [Number(key.slice(PREFIX.length)), JSON.parse(this.#storage?.getItem(key) ?? "null")])
        .filter(([, kept]) => kept !== null)
        .map(([imageId, kept]) => [Number(imageId), kept]);
    } catch {
      return [];
    }
  }

  /** @param {string} type @param {unknown} [detail] */
  #tell(type, detail = null) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** @param {number} imageId @param {string} name @returns {Waiting} */
function newWaiting(imageId, name) {
  return { imageId, name, marks: {}, sending: false, failures: 0, offline: false, kept: true, timer: undefined };
}
