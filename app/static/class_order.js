// @ts-check
/** Order and names of classes; pure. */

/** @typedef {import("./records.js").ClassRecord} ClassRecord */

/**
 * A list with one item at another place.
 * @template T
 * @param {readonly T[]} list
 * @param {number} from
 * @param {number} to its place afterwards; beyond an end it stands at that end
 * @returns {T[]}
 */
export function moved(list, from, to) {
  const rest = list.filter((_, index) => index !== from);
  const place = Math.min(Math.max(0, to), rest.length);
  return [...rest.slice(0, place), list[from], ...rest.slice(place)];
}

/**
 * Where an item belongs that was dragged to a height: the number of others whose middle lies above.
 * @param {readonly number[]} middles of all rows, from above
 * @param {number} from the row that is dragged
 * @param {number} height
 * @returns {number}
 */
export function placeAt(middles, from, height) {
  return middles.filter((middle, index) => index !== from && middle < height).length;
}

/**
 * The classes in use and those in the archive, each in order.
 * @param {readonly ClassRecord[]} classes
 * @returns {{active: ClassRecord[], archived: ClassRecord[]}}
 */
export function parted(classes) {
  const sorted = [...classes].sort((one, other) => one.position - other.position || one.id - other.id);
  return { active: sorted.filter(({ archived }) => !archived), archived: sorted.filter(({ archived }) => archived) };
}

/**
 * Another class that has a name already.
 * @param {readonly ClassRecord[]} classes
 * @param {string} name
 * @param {number} id the class that is to get the name
 * @returns {ClassRecord | undefined}
 */
export function namesake(classes, name, id) {
  const tidy = name.trim().normalize("NFC");
  return classes.find((other) => other.id !== id && other.name === tidy);
}
