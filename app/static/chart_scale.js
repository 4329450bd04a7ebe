// @ts-check
/** The numbers behind a chart, pure: round ticks, thinning and smoothing. */

/** @typedef {{step: number, value: number}} Sample */

/**
 * Round values from 0 or `low` up to at least `high`: multiples of 1, 2 or 5 times a power of ten.
 * @param {number} low
 * @param {number} high
 * @param {number} count about how many
 * @returns {number[]} the first ≤ low, the last ≥ high
 */
export function ticks(low, high, count) {
  const span = high - low > 0 ? high - low : Math.abs(high) || 1;
  const rough = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough * 0.999) ?? 10 * power;
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  return Array.from({ length: Math.max(1, last - first) + 1 }, (_, index) => roundTo((first + index) * step, step));
}

/** Free a multiple of `step` of its rounding error. @param {number} value @param {number} step */
function roundTo(value, step) {
  const digits = Math.max(0, -Math.floor(Math.log10(step)));
  return Number(value.toFixed(Math.min(20, digits)));
}

/**
 * At most `limit` samples that keep the shape: of each stretch its lowest and highest.
 * @param {readonly Sample[]} samples in order of step
 * @param {number} limit
 * @returns {Sample[]}
 */
export function thinned(samples, limit) {
  if (samples.length <= limit) return [...samples];
  const stretches = Math.max(1, Math.floor(limit / 2));
  /** @type {Sample[]} */
  const kept = [];
  for (let index = 0; index < stretches; index += 1) {
    const from = Math.floor((index * samples.length) / stretches);
    const part = samples.slice(from, Math.floor(((index + 1) * samples.length) / stretches));
    const low = part.reduce((a, b) => (b.value < a.value ? b : a));
    const high = part.reduce((a, b) => (b.value > a.value ? b : a));
    kept.push(...(low === high ? [low] : low.step < high.step ? [low, high] : [high, low]));
  }
  return kept;
}

/**
 * The running mean of noisy samples over a window around each, so that the curve does not lag behind them; at the ends
 * the window is cut off.
 * @param {readonly Sample[]} samples
 * @param {number} [reach] samples on each side; a fortieth of all, or 3 where there are enough, if left out
 * @returns {Sample[]}
 */
export function smoothed(samples, reach = Math.min(Math.max(3, Math.round(samples.length / 40)), Math.floor(samples.length / 8))) {
  /** @type {number[]} sums of all values before an index */
  const sums = [0];
  for (const { value } of samples) sums.push(sums[sums.length - 1] + value);
  return samples.map(({ step }, index) => {
    const from = Math.max(0, index - reach);
    const to = Math.min(samples.length, index + reach + 1);
    return { step, value: (sums[to] - sums[from]) / (to - from) };
  });
}

/**
 * The points of one curve in order of step, of one step only the last; values that are no numbers are left out.
 * @param {readonly {step: number, name: string, value: number}[]} points
 * @param {string} name
 * @returns {Sample[]}
 */
export function samplesOf(points, name) {
  /** @type {Map<number, number>} */
  const values = new Map();
  for (const point of points) if (point.name === name && Number.isFinite(point.value)) values.set(point.step, point.value);
  return [...values].map(([step, value]) => ({ step, value })).sort((a, b) => a.step - b.step);
}
