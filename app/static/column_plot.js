// @ts-check
/** Counts as columns, in SVG whose sizes are per cent, so that it fits any width without being drawn anew. */

import { grouped } from "./count_words.js";
import { svg } from "./elements.js";
import { sum } from "./statistics_words.js";

/** Screen pixels. */
const HEIGHT = 168;
const FOOT = 24;
const HEAD = 18;
/** Part of a column's room that stays free. */
const AIR = 0.24;

/**
 * Draw the columns.
 * @param {object} options
 * @param {{short: string, long: string}[]} options.labels
 * @param {number[]} options.counts
 * @param {string} options.title for screen readers
 * @returns {SVGSVGElement}
 */
export function columnPlot({ labels, counts, title }) {
  const most = Math.max(1, ...counts);
  const room = 100 / counts.length;
  const foot = HEIGHT - FOOT;
  const columns = counts.map((count, index) => {
    const tall = count === 0 ? 0 : Math.max(2, (count / most) * (foot - HEAD));
    const middle = `${(index + 0.5) * room}%`;
    return svg(
      "g",
      {},
      svg("title", {}, `${labels[index].long}: ${grouped(count)}`),
      svg("rect", { class: "st-hit", x: `${index * room}%`, y: 0, width: `${room}%`, height: HEIGHT }),
      svg("rect", { class: "st-column", x: `${(index + AIR / 2) * room}%`, y: foot - tall, width: `${room * (1 - AIR)}%`, height: tall, rx: 2 }),
      count > 0 ? svg("text", { class: "st-value", x: middle, y: foot - tall - 5, "text-anchor": "middle" }, grouped(count)) : null,
      svg("text", { x: middle, y: HEIGHT - 7, "text-anchor": "middle" }, labels[index].short),
    );
  });
  const top = counts.indexOf(Math.max(...counts));
  const words = sum(counts) === 0 ? "nothing counted" : `most: ${labels[top].long}, ${grouped(counts[top])} of ${grouped(sum(counts))}`;
  return svg(
    "svg",
    { class: "st-columns", width: "100%", height: HEIGHT, role: "img", "aria-label": `${title}; ${words}` },
    ...columns,
    svg("line", { class: "st-axis", x1: 0, x2: "100%", y1: foot + 0.5, y2: foot + 0.5 }),
  );
}
