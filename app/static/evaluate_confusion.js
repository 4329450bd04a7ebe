// @ts-check
/** What is taken for what: rows are what is labelled, columns what the model sees there; a cell opens its images. */

import { grouped } from "./count_words.js";
import { html } from "./elements.js";
import { cellShare, cellWords, confusionSentence, share } from "./evaluate_words.js";
import { plotFrame } from "./plot_frame.js";

/** @typedef {import("./evaluate_words.js").ConfusionRecord} ConfusionRecord */

/** With more columns than this their names stand upright. */
const UPRIGHT = 7;
/** With more, the table needs the whole width. */
const DENSE = 14;

/** Whether there is no room for the table beside another. @param {ConfusionRecord} confusion */
export function isDense({ labels }) {
  return labels.length > DENSE;
}

/**
 * Make the table.
 * @param {ConfusionRecord} confusion
 * @param {((row: number, column: number) => void) | null} onCell null where there is nothing to open
 */
export function confusionTable(confusion, onCell) {
  const { labels, matrix, score_threshold: score } = confusion;
  const last = labels.length - 1;
  const names = (/** @type {string} */ other) => labels.map((label, index) => (index === last ? other : label));
  const head = names("missed").map((name, index) =>
    html("th", { scope: "col", class: index === last ? "st-nothing-there" : "", title: name }, html("bdi", {}, name)),
  );
  const rows = names("too many").map((name, row) =>
    html(
      "tr",
      {},
      html("th", { scope: "row", class: row === last ? "st-nothing-there" : "", title: name }, html("bdi", {}, name)),
      ...labels.map((_, column) => html("td", {}, cell(row, column))),
    ),
  );

  /** @param {number} row @param {number} column */
  function cell(row, column) {
    const count = matrix[row][column];
    if (row === last && column === last) return html("span", { class: "st-confused", "aria-hidden": "true" });
    const words = cellWords(confusion, row, column);
    const attributes = { class: "st-confused", "data-cell": `${row},${column}`, "data-kind": row === column ? "right" : "wrong", title: words, "aria-label": words };
    const node =
      onCell && count > 0
        ? html("button", { type: "button", ...attributes, onclick: () => onCell(row, column) }, grouped(count))
        : html("span", { ...attributes, role: "img" }, grouped(count));
    node.style.setProperty("--st-share", `${Math.round(55 * cellShare(matrix, row, column))}%`);
    node.classList.toggle("st-zero", count === 0);
    return node;
  }

  return plotFrame({
    title: "What is taken for what",
    sentence: `${confusionSentence(confusion)} Boxes from score ${share(score)} on; each object counts once, for the surest box on it, whatever its class.`,
    kind: "st-confusion",
    plot: html(
      "div",
      { class: "st-table-frame", tabindex: labels.length > UPRIGHT ? 0 : null },
      html(
        "table",
        { class: ["st-confusion-table", labels.length > UPRIGHT && "st-upright", isDense(confusion) && "st-dense"].filter(Boolean).join(" ") },
        html("caption", {}, html("span", {}, "Rows: labelled. Columns: found.", onCell ? " Click a number to see its images." : "")),
        html("thead", {}, html("tr", {}, html("td", {}), ...head)),
        html("tbody", {}, ...rows),
      ),
    ),
  });
}
