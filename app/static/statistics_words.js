// @ts-check
/** What a project's numbers are called and what they say; pure. */

import { counted, percent } from "./count_words.js";

/**
 * @typedef {{bounds: number[], counts: number[]}} Bins counts has one number more than bounds
 * @typedef {{columns: number, rows: number, counts: number[]}} Positions row by row from the top
 *
 * @typedef {object} StatisticsRecord
 * @property {number} images
 * @property {Record<string, number>} by_status
 * @property {Record<string, number>} by_split
 * @property {number} boxes
 * @property {{id: number, name: string, colour: string, boxes: number, images: number}[]} classes
 * @property {Bins} box_parts the side of a square of a box's area, as a part of its image's
 * @property {Bins} box_shapes width ÷ height
 * @property {{small: number, medium: number, large: number}} coco
 * @property {[number, number, number][]} image_sizes width, height, number of images
 * @property {Positions} positions
 * @property {{counts: number[]}} boxes_per_image
 */

/** Boxes below this part of the image's side are rarely found: 15 of the detector's 300 pixels. */
const HARD_TO_FIND = 0.05;
const FRACTIONS = /** @type {const} */ ([
  [1 / 4, "1:4"],
  [1 / 3, "1:3"],
  [1 / 2, "1:2"],
  [2 / 3, "2:3"],
  [1, "1:1"],
  [3 / 2, "3:2"],
  [2, "2:1"],
  [3, "3:1"],
  [4, "4:1"],
]);

/** @param {number} bound @returns {string} */
function ratio(bound) {
  const known = FRACTIONS.find(([value]) => Math.abs(value - bound) < 1e-3);
  return known ? known[1] : bound.toFixed(2);
}

/** @param {number} part @returns {string} */
const hundredths = (part) => String(Math.round(part * 1000) / 10);

/**
 * Names of the bins of the part that a box covers.
 * @param {number[]} bounds
 * @returns {{short: string, long: string}[]}
 */
export function partLabels(bounds) {
  const last = bounds.length;
  return Array.from({ length: last + 1 }, (_, index) => {
    if (index === 0) return { short: `< ${hundredths(bounds[0])}`, long: `smaller than ${hundredths(bounds[0])} % of the side` };
    const from = hundredths(bounds[index - 1]);
    if (index === last) return { short: `≥ ${from}`, long: `${from} % of the side and more` };
    const to = hundredths(bounds[index]);
    return { short: `${from}–${to}`, long: `${from} to ${to} % of the side` };
  });
}

/**
 * Names of the bins of width ÷ height.
 * @param {number[]} bounds
 * @returns {{short: string, long: string}[]}
 */
export function shapeLabels(bounds) {
  const last = bounds.length;
  return Array.from({ length: last + 1 }, (_, index) => {
    if (index === 0) return { short: `< ${ratio(bounds[0])}`, long: `narrower than ${ratio(bounds[0])}` };
    const from = ratio(bounds[index - 1]);
    if (index === last) return { short: `≥ ${from}`, long: `${from} and wider` };
    return { short: from, long: `${from} to ${ratio(bounds[index])}` };
  });
}

/**
 * Names of the bins of boxes per image; the last stands for all that have more.
 * @param {number} bins
 * @returns {{short: string, long: string}[]}
 */
export function perImageLabels(bins) {
  return Array.from({ length: bins }, (_, number) => {
    const text = number === bins - 1 ? `${number}+` : String(number);
    return { short: text, long: number === bins - 1 ? `${number} or more boxes` : counted(number, "box", "boxes") };
  });
}

/**
 * What the sizes of boxes mean for a detector.
 * @param {Bins} parts
 * @returns {string}
 */
export function partsSentence({ bounds, counts }) {
  const all = sum(counts);
  if (all === 0) return "No boxes yet.";
  const hard = sum(counts.filter((_, index) => index < bounds.length && bounds[index] <= HARD_TO_FIND + 1e-9));
  if (hard === 0) return "None is so small that a detector would hardly see it.";
  const verb = hard === 1 ? "is" : "are";
  return `${counted(hard, "box", "boxes")} (${percent(hard, all)}) ${verb} smaller than ${hundredths(HARD_TO_FIND)} % of the side: hard to find for a detector.`;
}

/**
 * How uneven the classes are.
 * @param {{name: string, boxes: number}[]} classes
 * @returns {string}
 */
export function balanceSentence(classes) {
  const used = classes.filter(({ boxes }) => boxes > 0).sort((one, other) => other.boxes - one.boxes);
  const unused = classes.length - used.length;
  const without = unused === 0 ? "" : ` ${counted(unused, "class has", "classes have")} no box.`;
  if (used.length < 2) return without.trim();
  const [most, least] = [used[0], used[used.length - 1]];
  const times = most.boxes / least.boxes;
  const words = times < 2 ? "The classes are well balanced." : `“${most.name}” has ${Math.round(times)} times the boxes of “${least.name}”.`;
  return words + without;
}

/**
 * The classes with the most boxes first; equal ones by name.
 * @template {{name: string, boxes: number}} T
 * @param {readonly T[]} classes
 * @returns {T[]}
 */
export function byBoxes(classes) {
  return [...classes].sort((one, other) => other.boxes - one.boxes || one.name.localeCompare(other.name, "en"));
}

/**
 * Boxes in each ninth of the picture, row by row.
 * @param {Positions} positions
 * @returns {number[]} nine sums
 */
export function ninths({ columns, rows, counts }) {
  const sums = Array(9).fill(0);
  counts.forEach((count, index) => {
    const column = Math.floor((3 * (index % columns)) / columns);
    const row = Math.floor((3 * Math.floor(index / columns)) / rows);
    sums[3 * row + column] += count;
  });
  return sums;
}

export const NINTHS = /** @type {const} */ (["top left", "top", "top right", "left", "middle", "right", "bottom left", "bottom", "bottom right"]);

/**
 * Where most boxes lie.
 * @param {Positions} positions
 * @returns {string}
 */
export function positionsSentence(positions) {
  const sums = ninths(positions);
  const all = sum(sums);
  if (all === 0) return "No boxes yet.";
  const most = sums.indexOf(Math.max(...sums));
  const where = NINTHS[most] === "middle" ? "in the middle" : `at the ${NINTHS[most]}`;
  const share = percent(sums[most], all);
  const hint = sums[most] > all / 2 ? " Photographs with the things elsewhere would make a better detector." : "";
  return `${share} of the boxes have their centre ${where} of the picture.${hint}`;
}

/**
 * How strongly a cell of the heat map is coloured: by the root, so that few boxes show beside many.
 * @param {number} count
 * @param {number} most
 * @returns {number} 0 to 1
 */
export function heat(count, most) {
  return count <= 0 || most <= 0 ? 0 : 0.12 + 0.88 * Math.sqrt(count / most);
}

/** @param {readonly number[]} numbers */
export function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}
