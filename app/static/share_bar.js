// @ts-check
/** Parts of a whole as one bar with a legend. */

import { grouped, percent } from "./count_words.js";
import { html, svg } from "./elements.js";
import { sum } from "./statistics_words.js";

/**
 * Draw the bar; its legend is its text.
 * @param {{name: string, count: number, look: string}[]} parts `look` is the class of the part's colour
 * @returns {HTMLElement}
 */
export function shareBar(parts) {
  const all = sum(parts.map(({ count }) => count));
  let before = 0;
  const pieces = parts.map(({ count, look }) => {
    const from = before;
    before += all === 0 ? 0 : (100 * count) / all;
    return svg("rect", { class: look, x: `${from}%`, y: 0, width: `${before - from}%`, height: 12 });
  });
  return html(
    "div",
    { class: "st-parts" },
    svg("svg", { class: "st-parts-bar", width: "100%", height: 12, "aria-hidden": "true" }, ...pieces),
    html(
      "ul",
      { class: "st-parts-legend" },
      ...parts.map(({ name, count, look }) =>
        html(
          "li",
          {},
          svg("svg", { width: 10, height: 10, "aria-hidden": "true" }, svg("rect", { class: look, width: 10, height: 10, rx: 3 })),
          html("span", {}, name),
          html("span", { class: "st-count" }, [grouped(count), percent(count, all)].filter(Boolean).join(" · ")),
        ),
      ),
    ),
  );
}
