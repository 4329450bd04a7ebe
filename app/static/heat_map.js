// @ts-check
/** Where on their pictures boxes lie, as a grid of cells. */

import { grouped } from "./count_words.js";
import { html, svg } from "./elements.js";
import { heat, NINTHS, ninths, positionsSentence } from "./statistics_words.js";

/** @typedef {import("./statistics_words.js").Positions} Positions */

/**
 * Draw the map.
 * @param {Positions} positions
 * @returns {HTMLElement}
 */
export function heatMap(positions) {
  const { columns, rows, counts } = positions;
  const most = Math.max(0, ...counts);
  const cells = counts.map((count, index) => {
    if (count === 0) return null;
    const cell = svg("rect", { x: index % columns, y: Math.floor(index / columns), width: 1.02, height: 1.02, "fill-opacity": heat(count, most).toFixed(3) });
    cell.append(svg("title", {}, grouped(count)));
    return cell;
  });
  return html(
    "div",
    { class: "st-heat" },
    svg(
      "svg",
      { class: "st-heat-map", viewBox: `0 0 ${columns} ${rows}`, preserveAspectRatio: "none", role: "img", "aria-label": positionsSentence(positions) },
      ...cells,
      svg("path", { class: "st-heat-thirds", d: [1, 2].map((third) => `M${(third * columns) / 3} 0V${rows}M0 ${(third * rows) / 3}H${columns}`).join("") }),
    ),
    html("p", { class: "st-heat-legend", "aria-hidden": "true" }, html("span", {}, "none"), html("span", { class: "st-heat-scale" }), html("span", {}, `${grouped(most)} in a cell`)),
  );
}

/**
 * The map's numbers by ninths of the picture.
 * @param {Positions} positions
 */
export function heatTable(positions) {
  const sums = ninths(positions);
  return { heads: ["Part of the picture", "Boxes"], rows: NINTHS.map((name, index) => [name, grouped(sums[index])]) };
}
