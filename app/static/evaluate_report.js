// @ts-check
/** A model's report: what it finds in plain words, then the figures, class by class, and its mistakes. */

import { grouped } from "./count_words.js";
import { html } from "./elements.js";
import { confusionTable, isDense } from "./evaluate_confusion.js";
import { curvesPlot, markOf } from "./evaluate_curves.js";
import { MistakeGallery } from "./evaluate_gallery.js";
import { figureTile, FIGURES } from "./evaluate_interval.js";
import { basisWords, cellWords, headline, objectsOf, share } from "./evaluate_words.js";
import { numbersTable, plotFrame } from "./plot_frame.js";
import { swatch } from "./swatch.js";

/** @typedef {import("./evaluate_words.js").ReportRecord} ReportRecord */

/** Classes whose counts stand below the headline. */
const NAMED = 4;

/**
 * Draw the report.
 * @param {ReportRecord} report of at least one image
 * @param {Record<string, string>} colours by class name
 * @returns {HTMLElement[]}
 */
export function reportParts(report, colours) {
  const gallery = new MistakeGallery(report);
  const { confusion } = report;
  const cells = report.confusion_cells ?? {};
  const openCell = (/** @type {number} */ row, /** @type {number} */ column) =>
    gallery.showCell(cells[`${row},${column}`] ?? [], confusion.matrix[row][column], `${cellWords(confusion, row, column)}.`);
  const table = confusionTable(confusion, openCell);
  const dense = isDense(confusion);
  return [
    headlinePart(report),
    html("dl", { class: "st-tiles st-figures" }, ...FIGURES.map(([name, meaning]) => figureTile(name, meaning, report[name], report.interval[name], report.interval.level))),
    classesTable(report, colours),
    html("div", { class: "st-evaluate-pair" }, classCurves(report, colours), html("div", { class: "st-evaluate-stack" }, dense ? null : table, sizesTable(report))),
    ...(dense ? [table] : []),
    gallery.node,
  ];
}

/** @param {ReportRecord} report */
function headlinePart(report) {
  const classes = Object.entries(report.per_class);
  const each = classes.map(([name, { right, missed }]) => `${grouped(right)} of ${grouped(right + missed)} ${objectsOf(name, right + missed)}`);
  const named = classes.length > 1 && classes.length <= NAMED ? each.join(" · ") : "";
  return html(
    "section",
    { class: "st-headline", "aria-label": "In a sentence" },
    html("h2", { dir: "auto" }, `${headline(report)}.`),
    named ? html("p", { class: "st-headline-classes", dir: "auto" }, named) : null,
    html("p", { class: "st-note" }, basisWords(report)),
  );
}

/** @param {ReportRecord} report @param {Record<string, string>} colours */
function classesTable({ per_class: perClass }, colours) {
  const rows = Object.entries(perClass).map(([name, of]) => [
    html("span", { class: "st-class-cell" }, swatch(colours[name] ?? FALLBACK), html("bdi", { class: "st-name", title: name }, name)),
    grouped(of.boxes),
    grouped(of.right),
    grouped(of.missed),
    grouped(of.wrong),
    share(of.precision),
    share(of.recall),
    share(of.F1),
    share(of.threshold),
    share(of.AP50),
  ]);
  return plotFrame({
    title: "Class by class",
    sentence: "Precision: the part of its boxes that is right. Recall: the part of the objects that it finds. F1 weighs both; the threshold is the score at which it is best.",
    kind: "st-by-class",
    plot: numbersTable({ heads: ["Class", "Labelled", "Found", "Missed", "False alarms", "Precision", "Recall", "F1", "Threshold", "AP50"], rows }),
  });
}

const FALLBACK = "#3b82f6";

/** @param {ReportRecord} report @param {Record<string, string>} colours */
function classCurves({ curves, per_class: perClass }, colours) {
  const lines = Object.entries(curves).map(([name, curve]) => ({
    name,
    colour: colours[name] ?? FALLBACK,
    curve,
    note: `AP50 ${share(perClass[name]?.AP50)}`,
    mark: markOf(perClass[name]),
  }));
  return curvesPlot(lines, "The higher a line stays on its way to the right, the better.");
}

/** @param {ReportRecord} report */
function sizesTable({ sizes }) {
  const names = { small: "Small, below 32 × 32 pixels", medium: "Medium", large: "Large, from 96 × 96 pixels" };
  const rows = Object.entries(names).map(([size, name]) => {
    const { boxes, AP, AR } = sizes[/** @type {"small"} */ (size)];
    return [name, grouped(boxes), share(boxes > 0 ? AP : null), share(boxes > 0 ? AR : null)];
  });
  return plotFrame({
    title: "By size of the objects",
    sentence: sizesSentence(sizes),
    kind: "st-by-size",
    plot: numbersTable({ heads: ["Size in the photograph", "Labelled", "AP", "Recall (AR)"], rows }),
  });
}

/**
 * What to do about objects of a size that are hardly found.
 * @param {ReportRecord["sizes"]} sizes
 * @returns {string}
 */
export function sizesSentence({ small, medium, large }) {
  const others = Math.max(medium.boxes > 0 ? (medium.AP ?? 0) : 0, large.boxes > 0 ? (large.AP ?? 0) : 0);
  if (small.boxes > 0 && (small.AP ?? 0) < others / 2) return "Small objects are found much worse: train with a larger input, or photograph them from nearer.";
  return "AP and recall of the objects of each size.";
}
