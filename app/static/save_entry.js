// @ts-check
/** What the save queue knows of one image, and which operation the server is to get next. */

import { sameBoxes } from "./label_difference.js";
import { rejectedOf, sameRejected } from "./labels.js";

/** @typedef {import("./records.js").BoxRecord} BoxRecord */
/** @typedef {import("./labels.js").Labels} Labels */
/** @typedef {{name: string, width: number, height: number}} Identity tells whether an id still means that image */
/** @typedef {{path: string, body: {operation_id: string, revision: number}, boxes: readonly BoxRecord[], rejected?: readonly number[], edits: number}} Operation */
/** @typedef {{kind: "offline" | "failing" | "refused", message: string} | {kind: "conflict", message: string, revision: number, boxes: BoxRecord[], empty: boolean}} Trouble */
/**
 * @typedef {object} Entry
 * @property {number} imageId
 * @property {Identity} identity
 * @property {number} revision last acknowledged
 * @property {Labels} acknowledged
 * @property {Labels} wanted
 * @property {number} edits made since the server last agreed
 * @property {Operation | null} operation sent, and not answered yet
 * @property {boolean} sending
 * @property {number} failures in a row
 * @property {Trouble | null} trouble
 * @property {any} timer
 * @property {number} sentAt milliseconds, when the last operation was first sent
 * @property {boolean} kept whether the browser holds what waits, so that it outlives the page
 */

/** @param {number} imageId @param {Identity} identity @param {number} revision @param {Labels} labels @returns {Entry} */
export function newEntry(imageId, identity, revision, labels) {
  const quiet = { edits: 0, operation: null, sending: false, failures: 0, trouble: null, timer: undefined, sentAt: -Infinity, kept: true };
  return { imageId, identity, revision, acknowledged: labels, wanted: labels, ...quiet };
}

/** @param {Identity} a @param {Identity} b */
export function sameIdentity(a, b) {
  return a.name === b?.name && a.width === b?.width && a.height === b?.height;
}

/** @param {Entry} entry @returns {boolean} whether the server has yet to learn something */
export function waits(entry) {
  return entry.operation !== null || differs(entry) !== null;
}

/** @param {Entry} entry @param {() => string} newId @returns {Operation | null} */
export function nextOperation(entry, newId) {
  const what = differs(entry);
  if (what === null) return null;
  const { boxes, empty } = entry.wanted;
  const rejected = rejectedOf(entry.wanted);
  const said = what === "boxes" ? { boxes, ...decisions(entry) } : { empty };
  const body = { revision: entry.revision, operation_id: newId(), ...said };
  return { path: `images/${entry.imageId}/${what}`, body, boxes, rejected, edits: entry.edits };
}

/** @param {Entry} entry @returns {{rejected?: readonly number[], reopened?: number[]}} what is to be said of suggestions */
function decisions({ acknowledged, wanted }) {
  const rejected = rejectedOf(wanted);
  const reopened = rejectedOf(acknowledged).filter((id) => !rejected.includes(id));
  return { ...(rejected.length > 0 && { rejected }), ...(reopened.length > 0 && { reopened }) };
}

/** @param {Entry} entry @returns {"boxes" | "empty" | null} what the server has yet to learn */
function differs({ acknowledged, wanted }) {
  if (!sameBoxes(acknowledged.boxes, wanted.boxes) || !sameRejected(acknowledged, wanted)) return "boxes";
  return wanted.boxes.length === 0 && acknowledged.empty !== wanted.empty ? "empty" : null;
}
