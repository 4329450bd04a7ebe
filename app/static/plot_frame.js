// @ts-check
/** A plot with its title, a sentence, and the same numbers as a table for whoever prefers or needs it. */

import { html } from "./elements.js";

/**
 * Frame a plot.
 * @param {object} options
 * @param {string} options.title
 * @param {string} [options.sentence] what the plot says
 * @param {Node} options.plot
 * @param {{heads: string[], rows: (string | Node)[][]}} [options.table] left out where the plot is text by itself
 * @param {string} [options.kind] a class for its look
 * @returns {HTMLElement}
 */
export function plotFrame({ title, sentence, plot, table, kind }) {
  return html(
    "figure",
    { class: kind ? `st-plot ${kind}` : "st-plot", "aria-label": title },
    html("figcaption", {}, html("h3", {}, title), sentence ? html("p", { class: "st-note", dir: "auto" }, sentence) : null),
    plot,
    table ? html("details", { class: "st-plot-table" }, html("summary", {}, "As a table"), numbersTable(table)) : null,
  );
}

/**
 * A small table; its first column names what the others count.
 * @param {{heads: string[], rows: (string | Node)[][]}} table
 * @returns {HTMLElement}
 */
export function numbersTable({ heads, rows }) {
  return html(
    "div",
    { class: "st-table-frame" },
    html(
      "table",
      { class: "st-table st-numbers-table" },
      html("thead", {}, html("tr", {}, ...heads.map((head) => html("th", { scope: "col" }, head)))),
      html("tbody", {}, ...rows.map(([first, ...rest]) => html("tr", {}, html("th", { scope: "row" }, first), ...rest.map((cell) => html("td", {}, cell))))),
    ),
  );
}
