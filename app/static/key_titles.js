// @ts-check
/** Buttons that tell their key, as it is now. */

import { chordForAria, chordWords } from "./editor_keys.js";
import { setAttributes } from "./elements.js";

/** @typedef {import("./key_map.js").KeyMap} KeyMap */

/**
 * A label with a command's key, such as "Next image (D)".
 * @param {string} label
 * @param {KeyMap} keys
 * @param {string} id of the binding
 * @returns {string} the label alone where the command has no key
 */
export function withKey(label, keys, id) {
  const chord = keys.firstKey(id);
  return chord === "" ? label : `${label} (${chordWords(chord)})`;
}

/**
 * Put a command's key into a button's tooltip, and where screen readers find it.
 * @param {Element} button
 * @param {string} label
 * @param {KeyMap} keys
 * @param {string} id of the binding
 */
export function nameKey(button, label, keys, id) {
  const chord = keys.firstKey(id);
  setAttributes(button, { title: withKey(label, keys, id), "aria-keyshortcuts": chord === "" ? null : chordForAria(chord) });
}
