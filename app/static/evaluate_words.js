// @ts-check
/** What an evaluation says, in words and rows; pure. */

import { counted, grouped, percent } from "./count_words.js";

/**
 * @typedef {"train" | "val" | "test"} Split
 * @typedef {"false_positives" | "misses" | "wrong_classes" | "poor_fits"} MistakeKind
 * @typedef {import("./records.js").Xyxy} Xyxy
 *
 * @typedef {object} MistakeRecord
 * @property {string} [type]
 * @property {number} image_id
 * @property {string} name
 * @property {number} width of the image
 * @property {number} height
 * @property {number | null} score
 * @property {number | null} [iou]
 * @property {string | null} predicted null for a miss
 * @property {Xyxy | null} box
 * @property {string | null} true null where nothing is near
 * @property {Xyxy | null} truth_box
 *
 * @typedef {object} ClassFigures
 * @property {number | null} AP50
 * @property {number} boxes
 * @property {number} threshold
 * @property {number} right
 * @property {number} wrong
 * @property {number} missed
 * @property {number | null} precision
 * @property {number | null} recall
 * @property {number | null} F1
 *
 * @typedef {[number, number]} Interval
 * @typedef {{recall: number[], precision: (number | null)[], score: (number | null)[]}} CurveRecord
 * @typedef {{labels: string[], matrix: number[][], score_threshold: number}} ConfusionRecord rows labelled, columns found
 *
 * @typedef {object} FiguresRecord
 * @property {number} images
 * @property {number} boxes
 * @property {number | null} AP
 * @property {number | null} AP50
 * @property {number | null} AP75
 * @property {{AP: Interval | null, AP50: Interval | null, AP75?: Interval | null, level: number, images: number}} interval
 * @property {string[]} classes
 * @property {number} score_threshold
 * @property {Record<string, ClassFigures>} per_class
 * @property {Record<string, CurveRecord>} curves
 * @property {ConfusionRecord} confusion
 * @property {Record<"small" | "medium" | "large", {AP: number | null, AR: number | null, boxes: number}>} sizes
 *
 * @typedef {FiguresRecord & {split: Split, measured: string, gallery: Record<MistakeKind, MistakeRecord[]>,
 *   gallery_totals: Record<MistakeKind, number>, confusion_cells?: Record<string, MistakeRecord[]>}} ReportRecord
 *
 * @typedef {{difference: number, interval: Interval, b_better: number, chance: number, within_noise: boolean}} VerdictPart
 * @typedef {{id: string, name: string, created: string, params: Record<string, unknown>}} ModelHead
 * @typedef {object} ComparisonRecord
 * @property {Split} split
 * @property {{a: ModelHead, b: ModelHead}} models
 * @property {number} images
 * @property {number} boxes
 * @property {string[]} classes
 * @property {string[]} left_out
 * @property {FiguresRecord} a
 * @property {FiguresRecord} b
 * @property {{AP: VerdictPart | null, AP50: VerdictPart | null, better: "a" | "b" | null, sentence: string}} verdict
 */

/** @type {[Split, string][]} */
export const SPLITS = [
  ["val", "Validation images"],
  ["test", "Test images"],
  ["train", "Training images"],
];

/** @type {Record<MistakeKind, {title: string, some: string, none: string}>} */
export const MISTAKES = {
  false_positives: { title: "Nothing there", some: "Boxes where nothing is labelled, and second boxes on one object.", none: "It sees nothing where nothing is." },
  misses: { title: "Misses", some: "Objects with no box near them. Where one fits poorly or names another class, it stands there instead.", none: "It misses nothing." },
  wrong_classes: { title: "Wrong classes", some: "Boxes on an object that name another class.", none: "It takes no class for another." },
  poor_fits: { title: "Poor fits", some: "Boxes that overlap their object by less than half.", none: "Every box that it draws fits." },
};

/**
 * A share between 0 and 1 with two digits; an en dash where there is none.
 * @param {number | null | undefined} value
 * @returns {string}
 */
export function share(value) {
  return typeof value === "number" && Number.isFinite(value) ? value.toFixed(2) : "–";
}

/**
 * A difference with its sign.
 * @param {number | null | undefined} value
 * @returns {string}
 */
export function difference(value) {
  if (typeof value !== "number" || !Number.isFinite(value)) return "–";
  const text = Math.abs(value).toFixed(2);
  if (text === "0.00") return "0.00";
  return value < 0 ? `−${text}` : `+${text}`;
}

/**
 * Where the true value probably lies.
 * @param {Interval | null | undefined} interval
 * @returns {string} "" if nothing is known
 */
export function intervalWords(interval) {
  return interval ? `${share(interval[0])} to ${share(interval[1])}` : "";
}

/**
 * What to call several things of a class; a name that is no plain English word stays as it is, in quotation marks.
 * @param {string} name
 * @param {number} number
 * @returns {string}
 */
export function objectsOf(name, number) {
  if (name.length > 30 || !/^[a-z]+( [a-z]+)*$/.test(name)) return `“${name}”`;
  if (number === 1 || name.endsWith("s")) return name;
  if (/(x|z|ch|sh)$/.test(name)) return `${name}es`;
  return /[^aeiou]y$/.test(name) ? `${name.slice(0, -1)}ies` : `${name}s`;
}

/**
 * The report in a sentence: what is found, and what is wrongly seen.
 * @param {Pick<FiguresRecord, "per_class">} report
 * @returns {string}
 */
export function headline({ per_class: perClass }) {
  const all = Object.entries(perClass);
  const right = sum(all.map(([, of]) => of.right));
  const wrong = sum(all.map(([, of]) => of.wrong));
  const boxes = right + sum(all.map(([, of]) => of.missed));
  const alarms = wrong === 0 ? "no false alarm" : counted(wrong, "false alarm");
  if (boxes === 0) return wrong === 0 ? "There is nothing to find, and it finds nothing" : `There is nothing to find: ${alarms}`;
  const things = all.length === 1 ? objectsOf(all[0][0], boxes) : boxes === 1 ? "object" : "objects";
  return `Finds ${grouped(right)} of ${grouped(boxes)} ${things}, ${alarms}`;
}

/**
 * What the sentence is about: how many images of which kind.
 * @param {Pick<ReportRecord, "split" | "images">} report
 * @returns {string}
 */
export function basisWords({ split, images }) {
  const name = { val: "validation image", test: "test image", train: "training image" }[split];
  const seen = split === "train" ? " It has seen these while it learnt, so this says little about new ones." : "";
  const few = images < 10 && split !== "train" ? " So few images say little: label more for a surer answer." : "";
  return `On ${counted(images, name)}, with the threshold that suits each class.${seen}${few}`;
}

/**
 * What is in a cell of the matrix, in words.
 * @param {ConfusionRecord} confusion
 * @param {number} row labelled
 * @param {number} column found
 * @returns {string}
 */
export function cellWords({ labels, matrix }, row, column) {
  const last = labels.length - 1;
  const count = matrix[row][column];
  if (row === last) return `${grouped(count)} × “${labels[column]}” too many: no labelled box is left for it`;
  if (column === last) return `${grouped(count)} × “${labels[row]}” missed`;
  if (row === column) return `${grouped(count)} × “${labels[row]}” found`;
  return `${grouped(count)} × “${labels[row]}” taken for “${labels[column]}”`;
}

/**
 * How strong a cell's colour is: its part of its row, the last row's of its largest cell.
 * @param {number[][]} matrix
 * @param {number} row
 * @param {number} column
 * @returns {number} 0 to 1
 */
export function cellShare(matrix, row, column) {
  const whole = row === matrix.length - 1 ? Math.max(...matrix[row]) : sum(matrix[row]);
  return whole > 0 ? matrix[row][column] / whole : 0;
}

/**
 * The mistake that happens most, as a hint; "" if there is none worth one.
 * @param {ConfusionRecord} confusion
 * @returns {string}
 */
export function confusionSentence({ labels, matrix }) {
  const last = labels.length - 1;
  let worst = { count: 0, row: 0, column: 0 };
  for (let row = 0; row < last; row += 1) {
    for (let column = 0; column < last; column += 1) {
      if (row !== column && matrix[row][column] > worst.count) worst = { count: matrix[row][column], row, column };
    }
  }
  if (worst.count === 0) return "No class is taken for another.";
  const share = percent(worst.count, sum(matrix[worst.row]));
  return `“${labels[worst.row]}” is taken for “${labels[worst.column]}” most: ${grouped(worst.count)} times, ${share} of them.`;
}

/**
 * What a card of the gallery says below its picture.
 * @param {MistakeRecord} mistake
 * @returns {string}
 */
export function mistakeWords({ type, predicted, true: truth, score, iou }) {
  const sure = score === null ? "" : ` (${share(score)})`;
  if (predicted === null) return `${truth} missed`;
  if (type === "dupe") return `${predicted}${sure}, a second time`;
  if (truth === null && type === undefined) return `${predicted}${sure}, too many`;
  if (truth === null || type === "bkg") return `${predicted}${sure}, nothing there`;
  if (truth !== predicted) return `${truth} taken for ${predicted}${sure}`;
  if (type === "loc") return `${predicted}${sure}, overlaps by ${Math.round(100 * (iou ?? 0))} %`;
  return `${predicted}${sure}`;
}

/**
 * The part of an image to show: the boxes with room around them, of the proportions 4 : 3, inside the image where
 * that is possible.
 * @param {Pick<MistakeRecord, "box" | "truth_box" | "width" | "height">} mistake
 * @param {number} [least] half of the width that is shown at least, in pixels
 * @returns {{x: number, y: number, width: number, height: number}} pixels of the image
 */
export function cropOf({ box, truth_box: truth, width, height }, least = 48) {
  const boxes = [box, truth].filter((each) => each !== null);
  if (boxes.length === 0) return { x: 0, y: 0, width, height };
  const x0 = Math.min(...boxes.map((each) => each[0]));
  const y0 = Math.min(...boxes.map((each) => each[1]));
  const x1 = Math.max(...boxes.map((each) => each[2]));
  const y1 = Math.max(...boxes.map((each) => each[3]));
  const room = 2 * Math.max(x1 - x0, (4 / 3) * (y1 - y0), least);
  const wide = Math.min(room, Math.max(width, (4 / 3) * height));
  const high = (3 / 4) * wide;
  return { x: within((x0 + x1 - wide) / 2, wide, width), y: within((y0 + y1 - high) / 2, high, height), width: wide, height: high };
}

/** @param {number} start @param {number} length @param {number} whole */
function within(start, length, whole) {
  if (length >= whole) return (whole - length) / 2;
  return Math.min(whole - length, Math.max(0, start));
}

/** @param {number[]} numbers */
function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}
