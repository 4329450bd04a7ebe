// @ts-check
/**
 * How fast a person labels: the median of the seconds of work behind each of the images finished last.
 *
 * Work is the time between two things the person did, unless they lie so far apart that it was a pause. Time spent on
 * images that were passed over belongs to the next one finished.
 */

/** Milliseconds between two acts from which on it was a pause. */
const PAUSE = 120_000;
/** Finished images that count. */
const RECENT = 20;
/** Finished images before a pace is told. */
const ENOUGH = 3;
const KEY = "ssd-studio.pace";

export class Pace {
  #memory;
  #now;
  /** @type {number[]} seconds for each image finished lately, the oldest first */
  #seconds;
  #active = 0;
  /** @type {number | null} when the person did something last */
  #last = null;
  /** @type {{id: number, finished: boolean} | null} the image shown, and whether it was finished when it appeared */
  #shown = null;

  /**
   * @param {object} [options]
   * @param {() => number} [options.now] milliseconds
   * @param {Pick<Storage, "getItem" | "setItem"> | null} [options.memory] lives as long as the browser's session
   */
  constructor({ now = Date.now, memory = null } = {}) {
    this.#now = now;
    this.#memory = memory;
    this.#seconds = this.#recall();
  }

  /** The person did something. */
  touch() {
    const now = this.#now();
    const passed = this.#last === null ? 0 : now - this.#last;
    if (passed > 0 && passed <= PAUSE) this.#active += passed;
    this.#last = now;
  }

  /**
   * An image appears.
   * @param {number} id
   * @param {{before: boolean, now: boolean}} finished whether the image left behind is, and whether the new one is
   */
  show(id, finished) {
    if (this.#shown?.id === id) return;
    this.touch();
    if (this.#shown && !this.#shown.finished && finished.before) this.#count();
    if (finished.now) this.#active = 0; // looking at what is done is no work on what is left
    this.#shown = { id, finished: finished.now };
  }

  /** @returns {number | null} seconds per finished image; null until a few were finished */
  get secondsPerImage() {
    if (this.#seconds.length < ENOUGH) return null;
    const sorted = [...this.#seconds].sort((a, b) => a - b);
    const middle = Math.floor(sorted.length / 2);
    return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  #count() {
    this.#seconds = [...this.#seconds, this.#active / 1000].slice(-RECENT);
    this.#active = 0;
    try {
      this.#memory?.setItem(KEY, JSON.stringify(this.#seconds));
    } catch {
      // the pace is then learnt anew after a reload
    }
  }

  /** @returns {number[]} */
  #recall() {
    try {
      const kept = JSON.parse(this.#memory?.getItem(KEY) ?? "[]");
      return Array.isArray(kept) ? kept.filter((value) => Number.isFinite(value) && value >= 0).slice(-RECENT) : [];
    } catch {
      return [];
    }
  }
}

/**
 * What is left at a pace, in words.
 * @param {number} seconds
 * @returns {string}
 */
export function paceWords(seconds) {
  const minutes = Math.round(seconds / 60);
  if (minutes < 1) return "less than a minute left at your pace";
  if (minutes < 60) return `${minutes} min left at your pace`;
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  return `${hours} h${rest > 0 ? ` ${rest} min` : ""} left at your pace`;
}
