// @ts-check
/** Which frames of a video become photographs; pure. */

/** Small grey copies that frames are compared by. */
export const GREY_WIDTH = 32;
export const GREY_HEIGHT = 24;

/**
 * The moments at which frames are looked at: from the first one on, at even steps.
 * @param {number} duration of the video, in seconds
 * @param {number} step in seconds
 * @returns {number[]}
 */
export function frameTimes(duration, step) {
  if (!(duration > 0) || !(step > 0)) return [];
  // The last frame starts before the end; a moment at the very end would show nothing new.
  const count = Math.max(1, Math.ceil(duration / step - 1e-6));
  return Array.from({ length: count }, (_, index) => index * step);
}

/**
 * The name of a frame taken from a video, in order when sorted by name: "yard-00012.40s.jpg".
 * @param {string} video its file's name
 * @param {number} seconds
 * @returns {string}
 */
export function frameName(video, seconds) {
  const stem = video.replace(/\.[^.]*$/, "").replaceAll(/[\\/]/g, "_") || "video";
  return `${stem}-${seconds.toFixed(2).padStart(8, "0")}s.jpg`;
}

/**
 * Grey values of RGBA pixels.
 * @param {Uint8ClampedArray} rgba
 * @returns {Uint8Array} one value for each pixel
 */
export function greyOf(rgba) {
  const grey = new Uint8Array(rgba.length / 4);
  for (let index = 0; index < grey.length; index += 1) {
    const at = 4 * index;
    grey[index] = Math.round(0.299 * rgba[at] + 0.587 * rgba[at + 1] + 0.114 * rgba[at + 2]);
  }
  return grey;
}

/**
 * How much two grey pictures differ, in per cent of the whole range: the mean over the pixels.
 * @param {Uint8Array} a
 * @param {Uint8Array} b as many pixels
 * @returns {number}
 */
export function difference(a, b) {
  let sum = 0;
  for (let index = 0; index < a.length; index += 1) sum += Math.abs(a[index] - b[index]);
  return (100 * sum) / (255 * a.length);
}

/**
 * The frames that differ from the last one kept by at least so much; the first is always kept.
 * @param {readonly Uint8Array[]} greys
 * @param {number} threshold in per cent, as `difference` tells
 * @returns {number[]} their indices
 */
export function differentFrames(greys, threshold) {
  /** @type {number[]} */
  const kept = [];
  for (const [index, grey] of greys.entries()) {
    const last = kept.at(-1);
    if (last === undefined || difference(grey, greys[last]) >= threshold) kept.push(index);
  }
  return kept;
}

/**
 * Frames in a second, from the moments of consecutive frames.
 * @param {readonly number[]} times in seconds
 * @returns {number | null} null if too few were seen
 */
export function framesPerSecond(times) {
  const gaps = times.slice(1).map((time, index) => time - times[index]).filter((gap) => gap > 0.001);
  if (gaps.length < 3) return null;
  gaps.sort((a, b) => a - b);
  return Math.round(100 / gaps[Math.floor(gaps.length / 2)]) / 100;
}
