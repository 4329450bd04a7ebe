// @ts-check
/**
 * Which images the Label screen walks through: a filter for each project, kept over a reload.
 *
 * `studio` tells of a change by the event "queue" (detail: the project's id). An empty filter is the whole project.
 */

import { studio } from "./store.js";

/** @typedef {import("./records.js").ImageStatus} ImageStatus */
/**
 * @typedef {object} Filter all of it must hold
 * @property {ImageStatus} [status]
 * @property {"train" | "val" | "test" | "none"} [split]
 * @property {number} [class_id] the image has a box of this class
 * @property {true} [flagged]
 * @property {true} [suggested] a model suggests boxes that nobody has decided on
 * @property {string} [text] part of the name or the note
 * @property {"useful"} [sort] what a model would learn most from first; absent: by name
 */

/** Letters that the server takes. */
const LONGEST_TEXT = 200;
const STATUSES = ["unlabelled", "labelled", "empty"];
const SPLITS = ["train", "val", "test", "none"];
const STATUS_WORDS = { unlabelled: "unlabelled", labelled: "labelled", empty: "without objects" };
const SPLIT_WORDS = { train: "in training", val: "in validation", test: "in test", none: "in no split" };

/**
 * The filter of a project.
 * @param {number | null} projectId
 * @returns {Filter}
 */
export function queueOf(projectId) {
  return projectId === null ? {} : cleaned(studio.queueOf(projectId));
}

/**
 * Walk through other images of a project from now on.
 * @param {number} projectId
 * @param {Filter} filter
 */
export function setQueue(projectId, filter) {
  const wanted = cleaned(filter);
  if (sameFilter(wanted, queueOf(projectId))) return;
  studio.setQueue(projectId, wanted);
}

/**
 * A filter with what is known and meant, in one order, and nothing else.
 * @param {any} filter
 * @returns {Filter}
 */
export function cleaned(filter) {
  const { status, split, class_id, flagged, suggested, text, sort } = filter ?? {};
  /** @type {Filter} */
  const clean = {};
  if (STATUSES.includes(status)) clean.status = status;
  if (SPLITS.includes(split)) clean.split = split;
  if (Number.isSafeInteger(class_id) && class_id > 0) clean.class_id = class_id;
  if (flagged === true) clean.flagged = true;
  if (suggested === true) clean.suggested = true;
  if (typeof text === "string" && text.trim() !== "") clean.text = text.trim().slice(0, LONGEST_TEXT);
  if (sort === "useful") clean.sort = sort;
  return clean;
}

/** @param {Filter} filter @returns {boolean} whether every image matches */
export function isWhole(filter) {
  return Object.keys(filter).every((key) => key === "sort");
}

/** @param {Filter} a @param {Filter} b */
export function sameFilter(a, b) {
  return JSON.stringify(cleaned(a)) === JSON.stringify(cleaned(b));
}

/**
 * An address with a filter, and with other parameters.
 * @param {string} path
 * @param {Filter} filter
 * @param {Record<string, string | number | boolean>} [others]
 * @returns {string}
 */
export function queuePath(path, filter, others = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...others, ...filter })) query.set(name, String(value));
  const words = query.toString();
  return words === "" ? path : `${path}?${words}`;
}

/**
 * A filter in words, such as "unlabelled, flagged".
 * @param {Filter} filter
 * @param {(classId: number) => string | undefined} className
 * @returns {string} "" for the whole project by name
 */
export function queueWords({ status, split, class_id, flagged, suggested, text, sort }, className) {
  return [
    status && STATUS_WORDS[status],
    split && SPLIT_WORDS[split],
    class_id !== undefined && `with ${className(class_id) ?? "a class that is gone"}`,
    flagged && "flagged",
    suggested && "with suggestions",
    text && `called “${text}”`,
    sort && "most useful first",
  ]
    .filter(Boolean)
    .join(", ");
}
