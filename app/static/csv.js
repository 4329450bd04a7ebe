// @ts-check
/** Tables as text for spreadsheets (RFC 4180). */

/**
 * A table as CSV; a cell that a spreadsheet would compute starts with an apostrophe.
 * @param {readonly (readonly (string | number)[])[]} rows numbers are written as they are, the heads first
 * @returns {string}
 */
export function csvOf(rows) {
  return rows.map((cells) => `${cells.map(written).join(",")}\r\n`).join("");
}

/** @param {string | number} cell */
function written(cell) {
  if (typeof cell === "number") return String(cell);
  const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
