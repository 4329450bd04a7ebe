// @ts-check
/** What was wrong with files, as a table and as a CSV to take along. */

import { wordButton } from "./buttons.js";
import { csvOf } from "./csv.js";
import { html } from "./elements.js";

/** @typedef {import("./records.js").ProblemRecord} ProblemRecord */

/** Rows that are drawn; the CSV has all. */
const SHOWN = 200;
const HEADS = ["File", "Line", "Problem", "What to do"];

/**
 * Problems as CSV.
 * @param {readonly ProblemRecord[]} problems
 * @returns {string}
 */
export function problemsCsv(problems) {
  return csvOf([HEADS, ...rowsOf(problems)]);
}

/**
 * The table's cells, its heads first: photographs have no lines, so that the column is left out where it would be empty.
 * @param {readonly ProblemRecord[]} problems
 * @returns {string[][]}
 */
export function problemCells(problems) {
  const rows = [HEADS, ...rowsOf(problems)];
  return problems.some(({ line }) => line !== null) ? rows : rows.map(([file, , ...rest]) => [file, ...rest]);
}

/** @param {readonly ProblemRecord[]} problems */
function rowsOf(problems) {
  return problems.map(({ file, line, problem, remedy }) => [file, line === null ? "" : String(line), problem, remedy]);
}

/**
 * The table with its download.
 * @param {readonly ProblemRecord[]} problems at least one
 * @param {{title: string, name: string}} words the region's name, and the CSV's file name
 */
export function problemTable(problems, { title, name }) {
  const row = (/** @type {"th" | "td"} */ tag, /** @type {string[]} */ cells) =>
    html("tr", {}, ...cells.map((text) => html(tag, tag === "th" ? { scope: "col" } : { dir: "auto" }, text)));
  const [heads, ...rows] = problemCells(problems.slice(0, SHOWN));
  const rest = problems.length - SHOWN;
  return html(
    "section",
    { class: "st-problems" },
    html(
      "div",
      { class: "st-problems-head" },
      html("h3", {}, title, html("span", { class: "st-count" }, String(problems.length))),
      wordButton("Download as CSV", () => download(problemsCsv(problems), name), { small: true, symbol: "download" }),
    ),
    html(
      "div",
      { class: "st-table-frame", tabindex: 0, role: "region", "aria-label": title },
      html(
        "table",
        { class: "st-table" },
        html("thead", {}, row("th", heads)),
        html("tbody", {}, ...rows.map((cells) => row("td", cells))),
      ),
    ),
    rest > 0 ? html("p", { class: "st-note" }, `And ${rest} more: the CSV has all of them.`) : null,
  );
}

/** @param {string} text @param {string} name */
function download(text, name) {
  const url = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv" })); // the mark lets spreadsheets read UTF-8
  html("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
