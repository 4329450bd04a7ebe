// @ts-check
/**
 * What a person says of one image: its boxes, that nothing is there, and which suggestions nobody wants.
 *
 * An accepted suggestion is a box whose id tells which; without such a box, and not rejected, it is a ghost still.
 */

import { randomId } from "./random_id.js";

/** @typedef {import("./records.js").BoxRecord} BoxRecord */
/**
 * @typedef {object} Labels
 * @property {readonly BoxRecord[]} boxes
 * @property {boolean} empty a person checked that nothing is there
 * @property {readonly number[]} [rejected] ids of suggestions, rising; left out where there are none
 */

const PREFIX = "suggestion-";

/**
 * @param {readonly BoxRecord[]} boxes
 * @param {boolean} empty
 * @param {Iterable<number>} [rejected]
 * @returns {Labels} the same for the same, also as JSON
 */
export function labelsOf(boxes, empty, rejected = []) {
  const ids = [...new Set(rejected)].sort((a, b) => a - b);
  return ids.length === 0 ? { boxes, empty } : { boxes, empty, rejected: ids };
}

/** @param {Labels} labels @returns {readonly number[]} */
export function rejectedOf({ rejected = [] }) {
  return rejected;
}

/** @param {Labels} a @param {Labels} b @returns {boolean} whether both reject the same suggestions */
export function sameRejected(a, b) {
  return rejectedOf(a).join() === rejectedOf(b).join();
}

/** @param {number} classId @param {import("./records.js").Xyxy} box @returns {BoxRecord} a new one that a person drew */
export function drawnBox(classId, box) {
  return { id: randomId(), class_id: classId, box, source: "person", difficult: false, crowd: false };
}

/** @param {number} suggestionId @returns {string} the id of the box that it becomes */
export function boxIdOf(suggestionId) {
  return PREFIX + suggestionId;
}

/** @param {string} boxId @returns {number | null} the suggestion that a box was, null for one that was drawn */
export function suggestionOf(boxId) {
  const id = boxId.startsWith(PREFIX) ? Number(boxId.slice(PREFIX.length)) : 0;
  return Number.isSafeInteger(id) && id > 0 ? id : null;
}
