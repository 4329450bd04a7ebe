// @ts-check
/** A small square of a class's colour. */

import { html } from "./elements.js";

/** @param {string} colour */
export function swatch(colour) {
  const dot = html("span", { class: "st-swatch", "aria-hidden": "true" });
  dot.style.backgroundColor = colour;
  return dot;
}
