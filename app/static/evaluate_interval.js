// @ts-check
/** A share on the scale from 0 to 1, with the range in which the true value probably lies. */

import { html, svg } from "./elements.js";
import { intervalWords, share } from "./evaluate_words.js";

/** @typedef {import("./evaluate_words.js").Interval} Interval */

/** What the figures mean, for whoever meets them the first time. */
export const FIGURES = /** @type {const} */ ([
  ["AP50", "Average precision, where a box counts as found if it overlaps by half. 1 is perfect."],
  ["AP75", "Average precision, where a box must overlap by three quarters. 1 is perfect."],
  ["AP", "Average precision over overlaps from .5 to .95, as COCO counts it. 1 is perfect."],
]);

/**
 * A tile with a figure and its range.
 * @param {string} name
 * @param {string} meaning
 * @param {number | null} value
 * @param {Interval | null | undefined} interval
 * @param {number} level the share of draws inside
 */
export function figureTile(name, meaning, value, interval, level) {
  return html(
    "div",
    { class: "st-tile st-figure", "data-figure": name, title: meaning },
    html("dt", {}, name),
    html("dd", {}, share(value)),
    html("dd", {}, intervalBar(value, interval)),
    html("dd", { class: "st-note" }, interval ? `${intervalWords(interval)}, ${Math.round(100 * level)} % sure` : "No range: no boxes"),
  );
}

/**
 * The range as a bar.
 * @param {number | null} value
 * @param {Interval | null | undefined} interval
 */
export function intervalBar(value, interval) {
  const at = (/** @type {number} */ part) => `${100 * Math.min(1, Math.max(0, part))}%`;
  const [low, high] = interval ?? [0, 0];
  return svg(
    "svg",
    { class: "st-interval", width: "100%", height: 12, "aria-hidden": "true" },
    svg("rect", { class: "st-interval-track", y: 4, width: "100%", height: 4, rx: 2 }),
    interval ? svg("rect", { class: "st-interval-range", x: at(low), y: 2, width: at(high - low), height: 8, rx: 3 }) : null,
    typeof value === "number" ? svg("line", { class: "st-interval-value", x1: at(value), x2: at(value), y1: 0, y2: 12 }) : null,
  );
}
