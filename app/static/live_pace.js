// @ts-check
/** How fast answers have come of late, in a ring of numbers that never grows. */

/** Milliseconds that count. */
const WINDOW = 2000;
/** Answers remembered: more than a camera gives in that time. */
const MOST = 256;

export class Pace {
  #at = new Float64Array(MOST);
  #latency = new Float64Array(MOST);
  #sorted = new Float64Array(MOST);
  #count = 0;

  /** @param {number} now milliseconds @param {number} latency milliseconds from a picture to its answer */
  add(now, latency) {
    this.#at[this.#count % MOST] = now;
    this.#latency[this.#count % MOST] = latency;
    this.#count += 1;
  }

  clear() {
    this.#count = 0;
  }

  /**
   * The pace of the last two seconds.
   * @param {number} now milliseconds
   * @returns {{framesPerSecond: number, milliseconds: number}} milliseconds from a frame to its answer, the median
   */
  of(now) {
    let answers = 0;
    let first = now;
    for (let back = 1; back <= Math.min(MOST, this.#count); back += 1) {
      const place = (this.#count - back) % MOST;
      if (now - this.#at[place] > WINDOW) break;
      first = this.#at[place];
      this.#sorted[answers] = this.#latency[place];
      answers += 1;
    }
    const latencies = this.#sorted.subarray(0, answers).sort();
    const span = Math.min(WINDOW, Math.max(1, now - first));
    return { framesPerSecond: answers > 1 ? ((answers - 1) * 1000) / span : 0, milliseconds: latencies[answers >> 1] ?? 0 };
  }
}
