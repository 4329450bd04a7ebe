// @ts-check
/** The two kinds of button: with words, and with an icon alone that has a name all the same. */

import { html } from "./elements.js";
import { icon } from "./icons.js";

/**
 * A button with words.
 * @param {string} label
 * @param {() => void} onclick
 * @param {{primary?: boolean, danger?: boolean, small?: boolean, symbol?: string}} [look]
 */
export function wordButton(label, onclick, { primary, danger, small, symbol } = {}) {
  const looks = [primary && "st-primary", danger && "st-danger", small && "st-small"].filter(Boolean);
  return html(
    "button",
    { type: "button", class: ["st-button", ...looks].join(" "), onclick },
    symbol ? icon(symbol) : null,
    html("span", {}, label),
  );
}

/**
 * A button that shows an icon only.
 * @param {string} symbol
 * @param {string} label its name, also its tooltip
 * @param {(event: MouseEvent) => void} onclick
 */
export function iconButton(symbol, label, onclick) {
  return html(
    "button",
    { type: "button", class: "st-icon-button", "data-symbol": symbol, title: label, "aria-label": label, onclick },
    icon(symbol),
  );
}
