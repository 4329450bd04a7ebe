// @ts-check
/** Curves over the steps of a run as plain SVG, with a legend that tells their latest values. */

import { ticks } from "./chart_scale.js";
import { html, svg } from "./elements.js";

/** @typedef {import("./chart_scale.js").Sample} Sample */
/**
 * @typedef {object} Curve
 * @property {Sample[]} samples in order of step
 * @property {string} look a class of the curve and of its legend
 * @property {string} [name] in the legend; left out: not in it
 * @property {boolean} [dots] mark each sample
 * @property {boolean} [quiet] a curve behind others: no value in the legend
 *
 * @typedef {object} Panel
 * @property {string} title
 * @property {Curve[]} curves
 * @property {number | null} top of the scale; null for as high as the values are
 * @property {string} waiting said while there are no values
 * @property {(value: number) => string} [words] of a value
 */

const MARGIN = { right: 12, top: 8, bottom: 24 };
/** Pixels of a letter of the scale, and beside them. */
const LETTER = 6.4;
const AIR = 12;
/** The highest share of values that must fit; a first spike may leave the plot. */
const FITTING = 0.98;

/**
 * Draw a panel into a figure.
 * @param {HTMLElement} figure
 * @param {Panel} panel
 * @param {{steps: number, height: number}} options steps that the horizontal axis reaches at least
 */
export function drawPanel(figure, panel, { steps, height }) {
  const width = figure.clientWidth;
  if (width === 0) return;
  const words = panel.words ?? twoDigits;
  const entries = panel.curves.filter(({ name }) => name !== undefined);
  const caption = html(
    "figcaption",
    {},
    html("span", { class: "st-chart-title" }, panel.title),
    ...entries.map(({ look, name = "", samples, quiet }) => {
      const last = samples.at(-1);
      return html("span", { class: `st-legend ${look}` }, html("bdi", {}, name), last && !quiet ? ` ${words(last.value)}` : "");
    }),
  );
  const values = panel.curves.flatMap(({ samples }) => samples.map(({ value }) => value));
  const plot = values.length === 0 ? emptyPlot(panel.waiting, height) : plotOf(panel, values, { width, height, steps, words });
  figure.replaceChildren(caption, plot);
}

/** @param {string} words @param {number} height */
function emptyPlot(words, height) {
  const node = html("p", { class: "st-note st-chart-empty" }, words);
  node.style.height = `${height}px`;
  return node;
}

/** @param {Panel} panel @param {number[]} values @param {{width: number, height: number, steps: number, words: (value: number) => string}} options */
function plotOf(panel, values, { width, height, steps, words }) {
  const lastStep = Math.max(1, steps, ...panel.curves.map(({ samples }) => samples.at(-1)?.step ?? 0));
  const yTicks = ticks(0, panel.top ?? highEnough(values), height < 150 ? 3 : 5);
  const xTicks = ticks(0, lastStep, Math.max(2, Math.floor(width / 110))).filter((step) => step <= lastStep);
  const label = panel.words ?? ((/** @type {number} */ value) => String(value));
  const scale = yTicks.map((value) => (value === 0 ? "0" : label(value)));
  const left = Math.max(40, AIR + LETTER * Math.max(...scale.map(({ length }) => length)));
  const inner = { width: width - left - MARGIN.right, height: height - MARGIN.top - MARGIN.bottom };
  const top = /** @type {number} */ (yTicks.at(-1));
  const x = (/** @type {number} */ step) => left + (step / lastStep) * inner.width;
  const y = (/** @type {number} */ value) => MARGIN.top + (1 - Math.min(value, top) / top) * inner.height;
  const foot = MARGIN.top + inner.height;
  return svg(
    "svg",
    { width, height, role: "img", "aria-label": describe(panel, words) },
    ...yTicks.map((value, index) =>
      svg(
        "g",
        {},
        svg("path", { class: value === 0 ? "axis" : "grid", d: `M${left} ${y(value)}H${width - MARGIN.right}` }),
        svg("text", { x: left - 8, y: y(value) + 4, "text-anchor": "end" }, scale[index]),
      ),
    ),
    ...xTicks.map((step) =>
      svg("text", { x: x(step), y: foot + 18, "text-anchor": step === 0 ? "start" : step === lastStep ? "end" : "middle" }, step === 0 ? "step 0" : String(step)),
    ),
    ...panel.curves.map(({ look, samples, dots }) =>
      svg(
        "g",
        { class: `curve ${look}` },
        svg("polyline", { points: samples.map(({ step, value }) => `${x(step).toFixed(1)},${y(value).toFixed(1)}`).join(" ") }),
        // One sample makes no line.
        ...(dots || samples.length === 1 ? samples : []).map(({ step, value }) => dot(x(step), y(value), samples.length > 40 ? 1.5 : 3, `step ${step}: ${words(value)}`)),
      ),
    ),
  );
}

/** @param {number} cx @param {number} cy @param {number} r @param {string} words */
function dot(cx, cy, r, words) {
  return svg("circle", { cx: cx.toFixed(1), cy: cy.toFixed(1), r }, svg("title", {}, words));
}

/** @param {number} value */
function twoDigits(value) {
  return value.toFixed(2);
}

/**
 * The value under which nearly all others lie.
 * @param {number[]} values
 */
export function highEnough(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(FITTING * sorted.length))] || 1;
}

/** What a screen reader says of the picture. @param {Panel} panel @param {(value: number) => string} words */
function describe({ title, curves }, words) {
  const last = curves.flatMap(({ name, samples, quiet }) => {
    const sample = samples.at(-1);
    return sample && name && !quiet ? [`${name} ${words(sample.value)} at step ${sample.step}`] : [];
  });
  return `${title}: ${last.join(", ")}`;
}
