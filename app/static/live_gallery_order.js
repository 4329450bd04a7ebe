// @ts-check
/** The orders in which the gallery of the Live screen stands. */

/** @typedef {"added" | "doubt" | "most" | "fewest" | "name"} Order */
/** @typedef {{name: string, place: number, boxes: number | null, doubt: number}} Sortable `boxes`: null before the answer */

/** @type {[Order, string][]} */
export const ORDERS = [
  ["added", "As added"],
  ["doubt", "Least certain first"],
  ["most", "Most boxes first"],
  ["fewest", "Fewest boxes first"],
  ["name", "By name"],
];

/**
 * Pictures in an order; those without an answer stand last, and equals as they were added.
 * @template {Sortable} T
 * @param {readonly T[]} pictures
 * @param {Order} order
 * @returns {T[]}
 */
export function inOrder(pictures, order) {
  const of = {
    added: () => 0,
    doubt: (/** @type {T} */ a, /** @type {T} */ b) => b.doubt - a.doubt,
    most: (/** @type {T} */ a, /** @type {T} */ b) => (b.boxes ?? 0) - (a.boxes ?? 0),
    fewest: (/** @type {T} */ a, /** @type {T} */ b) => (a.boxes ?? 0) - (b.boxes ?? 0),
    name: (/** @type {T} */ a, /** @type {T} */ b) => a.name.localeCompare(b.name, "en", { numeric: true }),
  }[order];
  const unknown = (/** @type {T} */ item) => Number(order !== "added" && order !== "name" && item.boxes === null);
  return [...pictures].sort((a, b) => unknown(a) - unknown(b) || of(a, b) || a.place - b.place);
}
