// @ts-check
/** How many boxes of each class there were of late, for a small line beside the count. */

/** Samples kept: a quarter of a minute at four a second. */
export const SAMPLES = 60;

export class CountHistory {
  /** @type {Map<string, Uint16Array>} */
  #rings = new Map();
  #count = 0;

  /** @param {readonly string[]} classes @param {ArrayLike<number>} counts in their order */
  add(classes, counts) {
    for (let index = 0; index < classes.length; index += 1) {
      let ring = this.#rings.get(classes[index]);
      if (!ring) this.#rings.set(classes[index], (ring = new Uint16Array(SAMPLES)));
      ring[this.#count % SAMPLES] = counts[index];
    }
    this.#count += 1;
  }

  clear() {
    this.#rings.clear();
    this.#count = 0;
  }

  /**
   * The points of a class's line, newest at the right; "" before there are two.
   * @param {string} name
   * @param {number} width
   * @param {number} height
   * @returns {string} for the `points` of a polyline
   */
  points(name, width, height) {
    const ring = this.#rings.get(name);
    const length = Math.min(SAMPLES, this.#count);
    if (!ring || length < 2) return "";
    const most = Math.max(1, ...ring);
    const points = [];
    for (let index = 0; index < length; index += 1) {
      const value = ring[(this.#count - length + index) % SAMPLES];
      const x = width - ((length - 1 - index) * width) / (SAMPLES - 1);
      points.push(`${x.toFixed(1)},${(height - 1 - (value * (height - 2)) / most).toFixed(1)}`);
    }
    return points.join(" ");
  }
}
