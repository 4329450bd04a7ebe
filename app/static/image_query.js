// @ts-check
/** Which images are wanted, in which order, and on which page: as a value, a query, and remembered per project. */

import { counted, grouped } from "./count_words.js";
import { cleaned, isWhole } from "./label_queue.js";

/**
 * @typedef {Omit<import("./label_queue.js").Filter, "sort"> & {sort?: string}} ImageFilter a filter with an order; absent: by name
 * @typedef {{filter: ImageFilter, page: number, size: number, boxes: boolean}} GridSettings pages count from 0
 */

/** Images on a page. */
export const SIZES = [60, 120, 240];
/** @type {[string, string][]} */
export const SORTS = [
  ["name", "Name, A to Z"],
  ["-name", "Name, Z to A"],
  ["-added", "Newest first"],
  ["added", "Oldest first"],
  ["-boxes", "Most boxes first"],
  ["boxes", "Fewest boxes first"],
  ["useful", "Most useful first"],
];

const MEMORY_KEY = "ssd-studio.images.";

/**
 * Only what a filter may hold; anything else, as from an older version's memory, is dropped.
 * @param {any} raw
 * @returns {ImageFilter}
 */
export function tidyFilter(raw) {
  const { sort } = raw ?? {};
  return { ...cleaned(raw), ...(sort !== "name" && SORTS.some(([known]) => known === sort) ? { sort } : {}) };
}

/**
 * A filter as query parameters, without a leading "?".
 * @param {ImageFilter} filter
 * @returns {string}
 */
export function queryOf(filter) {
  return new URLSearchParams(Object.entries(filter).map(([key, value]) => [key, String(value)])).toString();
}

/**
 * Whether a filter leaves any image out.
 * @param {ImageFilter} filter
 * @returns {boolean}
 */
export function isNarrow(filter) {
  return !isWhole(cleaned(filter));
}

/**
 * The query of one page.
 * @param {GridSettings} settings
 * @returns {string}
 */
export function pageQuery({ filter, page, size, boxes }) {
  const rest = new URLSearchParams({ offset: String(page * size), limit: String(size), ...(boxes ? { with_boxes: "true" } : {}) });
  return [queryOf(filter), rest.toString()].filter(Boolean).join("&");
}

/**
 * How many pages there are; an empty list has one.
 * @param {number} total
 * @param {number} size
 */
export function pageCount(total, size) {
  return Math.max(1, Math.ceil(total / size));
}

/**
 * Where a page starts and ends, in words.
 * @param {number} page
 * @param {number} size
 * @param {number} total
 */
export function rangeWords(page, size, total) {
  if (total === 0) return "No images";
  const first = page * size + 1;
  const last = Math.min(total, first + size - 1);
  return first === 1 && last === total ? counted(total, "image") : `${grouped(first)}–${grouped(last)} of ${grouped(total)}`;
}

/**
 * The page, from 0, that a typed number stands for; null if it is no number.
 * @param {string} typed counts from 1
 * @param {number} pages
 * @returns {number | null}
 */
export function typedPage(typed, pages) {
  const number = Number.parseInt(typed, 10);
  return Number.isNaN(number) ? null : Math.min(pages, Math.max(1, number)) - 1;
}

/**
 * How a project's grid was last looked at.
 * @param {Pick<Storage, "getItem"> | null} memory
 * @param {number} project
 * @returns {GridSettings}
 */
export function recallSettings(memory, project) {
  let kept = null;
  try {
    kept = JSON.parse(memory?.getItem(MEMORY_KEY + project) ?? "null");
  } catch {
    // Memory that is switched off, or that holds something else, is no memory.
  }
  const page = Number.isInteger(kept?.page) && kept.page > 0 ? kept.page : 0;
  return { filter: tidyFilter(kept?.filter), page, size: SIZES.includes(kept?.size) ? kept.size : SIZES[0], boxes: kept?.boxes !== false };
}

/**
 * @param {Pick<Storage, "setItem"> | null} memory
 * @param {number} project
 * @param {GridSettings} settings
 */
export function rememberSettings(memory, project, settings) {
  try {
    memory?.setItem(MEMORY_KEY + project, JSON.stringify(settings));
  } catch {
    // The page then merely forgets on reload.
  }
}
