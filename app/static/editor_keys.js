// @ts-check
/** Which key does what on the Label screen; pure, so that the list and the doing cannot part. */

/**
 * @typedef {{name: "next" | "previous" | "nextUnlabelled" | "remove" | "undo" | "redo" | "cancel" | "fit" | "zoomIn"
 *   | "zoomOut" | "copyPrevious" | "toggleEmpty"}
 *   | {name: "chooseClass", index: number}
 *   | {name: "nudge", dx: number, dy: number}
 *   | {name: "cycle", direction: 1 | -1}} Command
 */

/** What the screen shows as its keys, in groups that fit a narrow panel. */
export const KEY_HINTS = /** @type {const} */ ([
  ["D / A", "next, previous"],
  ["Shift D", "next unlabelled"],
  ["1 – 9", "class"],
  ["Del", "delete the box"],
  ["Tab", "next box (Esc, Tab leaves)"],
  ["Arrows", "move 1 px, Shift 10"],
  ["Ctrl Z / Y", "undo, redo"],
  ["R", "copy previous image’s boxes"],
  ["E", "no objects here"],
  ["Ctrl wheel", "zoom; F fits"],
  ["Space drag", "move the picture"],
]);

/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const FAST = 10;

/**
 * What a key asks for, or null.
 * @param {Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey">} event
 * @param {boolean} boxSelected
 * @returns {Command | null}
 */
export function commandOf(event, boxSelected) {
  if (event.altKey) return null;
  if (event.ctrlKey || event.metaKey) return historyCommand(event);
  const { key, shiftKey } = event;
  if (Object.hasOwn(ARROWS, key)) return arrowCommand(key, shiftKey, boxSelected);
  if (key === "Tab") return { name: "cycle", direction: shiftKey ? -1 : 1 };
  if (key === "Delete" || key === "Backspace") return boxSelected ? { name: "remove" } : null;
  if (key === "Escape") return { name: "cancel" };
  if (key === "+" || key === "=") return { name: "zoomIn" };
  if (key === "-") return { name: "zoomOut" };
  const digit = digitOf(event);
  if (digit !== null) return { name: "chooseClass", index: digit - 1 };
  return letterCommand(letterOf(event), shiftKey);
}

/** @param {Parameters<typeof commandOf>[0]} event @returns {Command | null} */
function historyCommand(event) {
  const letter = letterOf(event);
  if (letter === "z") return { name: event.shiftKey ? "redo" : "undo" };
  return letter === "y" && !event.shiftKey ? { name: "redo" } : null;
}

/** @param {string} key @param {boolean} fast @param {boolean} boxSelected @returns {Command | null} */
function arrowCommand(key, fast, boxSelected) {
  const [dx, dy] = ARROWS[key];
  if (boxSelected) return { name: "nudge", dx: dx * (fast ? FAST : 1), dy: dy * (fast ? FAST : 1) };
  if (dx === 0 || fast) return null;
  return { name: dx > 0 ? "next" : "previous" };
}

/** @param {string} letter @param {boolean} shiftKey @returns {Command | null} */
function letterCommand(letter, shiftKey) {
  if (shiftKey) return letter === "d" ? { name: "nextUnlabelled" } : null;
  /** @type {Record<string, Command>} */
  const commands = {
    a: { name: "previous" },
    d: { name: "next" },
    e: { name: "toggleEmpty" },
    f: { name: "fit" },
    r: { name: "copyPrevious" },
  };
  return Object.hasOwn(commands, letter) ? commands[letter] : null;
}

/**
 * The letter pressed, on a keyboard of any script: where the key gives no Latin letter, its place counts.
 * @param {{key: string, code: string}} event
 */
function letterOf({ key, code }) {
  if (/^[a-z]$/i.test(key)) return key.toLowerCase();
  return /^[\x20-\x7e]$/.test(key) ? "" : (/^Key([A-Z])$/.exec(code)?.[1] ?? "").toLowerCase();
}

/** @param {{key: string, code: string, shiftKey: boolean}} event @returns {number | null} 1 to 9, without Shift on any layout */
function digitOf({ key, code, shiftKey }) {
  if (/^[1-9]$/.test(key)) return Number(key);
  const place = /^Digit([1-9])$/.exec(code);
  return place && !shiftKey ? Number(place[1]) : null;
}
