// @ts-check
/** Counts as people read them: with the right plural, and thousands apart. */

/**
 * A number with thousands apart: 12,345.
 * @param {number} number
 * @returns {string}
 */
export function grouped(number) {
  return number.toLocaleString("en");
}

/**
 * A number with its noun: "1 box", "12,345 boxes".
 * @param {number} number
 * @param {string} one
 * @param {string} [many] where an s alone does not make the plural
 * @returns {string}
 */
export function counted(number, one, many = `${one}s`) {
  return `${grouped(number)} ${number === 1 ? one : many}`;
}

/**
 * A part of a whole in per cent that never rounds something to nothing, or nearly all to all.
 * @param {number} part
 * @param {number} whole
 * @returns {string} "" where there is no whole
 */
export function percent(part, whole) {
  if (whole <= 0) return "";
  const exact = (100 * part) / whole;
  if (part > 0 && exact < 1) return "< 1 %";
  if (part < whole && exact > 99) return "> 99 %";
  return `${Math.round(exact)} %`;
}
