// @ts-check
/** Comparing two people's labels of one image, and keeping the boxes of both. */

import { randomId } from "./random_id.js";

/** @typedef {import("./records.js").BoxRecord} BoxRecord */
/** @typedef {readonly BoxRecord[]} Boxes */

/**
 * Whether two lists hold the same boxes in the same order.
 * @param {Boxes} a
 * @param {Boxes} b
 * @returns {boolean}
 */
export function sameBoxes(a, b) {
  return a === b || (a.length === b.length && a.every((box, index) => sameBox(box, b[index])));
}

/**
 * Whether an edit only gave boxes other corners: none was added, removed, or given another class.
 * @param {Boxes} before
 * @param {Boxes} after
 * @returns {boolean}
 */
export function onlyReshaped(before, after) {
  const kind = (/** @type {BoxRecord} */ { id, class_id }) => `${class_id} ${id}`;
  return before.length === after.length && before.every((box, index) => kind(box) === kind(after[index]));
}

/**
 * Every box of mine and of theirs. A box that only one side changed since they parted is taken as that side has it;
 * where both changed it, both stay, theirs under another id.
 * @param {Boxes} mine
 * @param {Boxes} theirs
 * @param {Boxes} base as it was when the two parted
 * @param {() => string} [newId]
 * @returns {BoxRecord[]}
 */
export function bothOf(mine, theirs, base, newId = randomId) {
  const before = byId(base);
  const other = byId(theirs);
  const own = new Set(mine.map(({ id }) => id));
  const kept = mine.map((box) => {
    const their = other.get(box.id);
    return their && unchanged(box, before) ? their : box;
  });
  const added = theirs.flatMap((box) => {
    if (!own.has(box.id)) return [box];
    const clash = !kept.some((each) => each.id === box.id && sameBox(each, box)) && !unchanged(box, before);
    return clash ? [{ ...box, id: newId() }] : [];
  });
  return [...kept, ...added];
}

/** @param {Boxes} boxes @returns {Map<string, BoxRecord>} */
function byId(boxes) {
  return new Map(boxes.map((box) => [box.id, box]));
}

/** @param {BoxRecord} box @param {Map<string, BoxRecord>} before */
function unchanged(box, before) {
  const old = before.get(box.id);
  return old !== undefined && sameBox(box, old);
}

/** @param {BoxRecord} a @param {BoxRecord} b whatever the order of their keys */
function sameBox(a, b) {
  return (
    a === b ||
    (a.id === b.id &&
      a.class_id === b.class_id &&
      a.box.every((value, index) => value === b.box[index]) &&
      a.source === b.source &&
      Boolean(a.difficult) === Boolean(b.difficult) &&
      Boolean(a.crowd) === Boolean(b.crowd))
  );
}
