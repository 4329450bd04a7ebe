// @ts-check
/**
 * Which of the candidates are shown: the definition of `ssd_core/thresholds.py`, on candidates that are at hand, so
 * that moving a slider asks nobody.
 */

import { nonMaxSuppression } from "./nms.js";

/** @typedef {import("./records.js").Candidate} Candidate */

/**
 * @typedef {object} Thresholds
 * @property {number} score from which a class without one of its own counts
 * @property {number} iou a box that overlaps a better rival by more goes
 * @property {number} maxBoxes
 * @property {boolean} agnostic boxes of all classes are rivals
 * @property {ReadonlySet<string>} hidden names of the classes that are not shown
 * @property {Readonly<Record<string, number>>} classScores by name, the score from which that class counts
 */

/** The score below which the server sends nothing. */
export const FLOOR = 0.05;
export const MOST_BOXES = 1000;

/** @type {Thresholds} */
export const USUAL = { score: 0.5, iou: 0.45, maxBoxes: 200, agnostic: false, hidden: new Set(), classScores: {} };

/**
 * The score from which each class counts, in the order of the class indices; Infinity for one that is not shown.
 * @param {readonly string[]} classes
 * @param {Thresholds} thresholds
 * @returns {number[]} float32
 */
export function leastScores(classes, { score, hidden, classScores }) {
  return classes.map((name) => (hidden.has(name) ? Infinity : Math.fround(Object.hasOwn(classScores, name) ? classScores[name] : score)));
}

/**
 * The candidates that are shown.
 *
 * Hidden classes go first, so that they suppress nobody; then what lies below the score of its class; then suppression.
 * @param {readonly Candidate[]} candidates
 * @param {readonly string[]} classes
 * @param {Thresholds} thresholds
 * @returns {Candidate[]} the rows themselves, best first
 */
export function shownOf(candidates, classes, thresholds) {
  const least = leastScores(classes, thresholds);
  const counted = candidates.filter((row) => Math.fround(row[4]) >= least[row[5]]);
  return nonMaxSuppression(counted, 0, thresholds.iou, thresholds.maxBoxes, thresholds.agnostic);
}

/**
 * How doubtful a picture is, 0 to 1: how near its most doubtful box lies to the score from which its class counts.
 *
 * Boxes that suppression leaves count whether they are shown or just not; a picture without any is not doubtful.
 * @param {readonly Candidate[]} candidates
 * @param {readonly string[]} classes
 * @param {Thresholds} thresholds
 * @returns {number}
 */
export function doubtOf(candidates, classes, thresholds) {
  const least = leastScores(classes, thresholds);
  const seen = candidates.filter((row) => least[row[5]] !== Infinity);
  let most = 0;
  for (const row of nonMaxSuppression(seen, 0, thresholds.iou, thresholds.maxBoxes, thresholds.agnostic)) {
    const line = least[row[5]];
    const room = row[4] >= line ? 1 - line : line;
    most = Math.max(most, room > 0 ? 1 - Math.abs(row[4] - line) / room : 1);
  }
  return most;
}

/**
 * How many boxes each class has.
 * @param {readonly Candidate[]} rows
 * @param {number} classes
 * @param {Uint16Array} [counts] written to, so that a stream of frames fills one array
 */
export function countsOf(rows, classes, counts = new Uint16Array(classes)) {
  counts.fill(0);
  for (const row of rows) counts[row[5]] += 1;
  return counts;
}
