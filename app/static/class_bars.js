// @ts-check
/** Boxes of each class as bars, the longest first; a list, so that it reads without seeing it. */

import { counted, grouped } from "./count_words.js";
import { html, svg } from "./elements.js";
import { byBoxes } from "./statistics_words.js";

/**
 * Draw the bars.
 * @param {{id: number, name: string, colour: string, boxes: number, images: number}[]} classes
 * @returns {HTMLElement}
 */
export function classBars(classes) {
  const most = Math.max(1, ...classes.map(({ boxes }) => boxes));
  return html(
    "ol",
    { class: "st-class-bars", tabindex: classes.length > 10 ? 0 : null, "aria-label": "Boxes per class" },
    ...byBoxes(classes).map(({ id, name, colour, boxes, images }) => {
      const bar = svg("rect", { width: `${(100 * boxes) / most}%`, height: 12, rx: 3 });
      bar.style.fill = colour;
      return html(
        "li",
        { "data-class-id": id, title: `${name}: ${counted(boxes, "box", "boxes")} on ${counted(images, "image")}` },
        html("bdi", { class: "st-name" }, name),
        svg("svg", { width: "100%", height: 12, "aria-hidden": "true" }, bar),
        html("span", { class: "st-count" }, grouped(boxes)),
      );
    }),
  );
}
