// @ts-check
/** A run's curves as plain SVG: training loss, and AP on the validation images. */

import { samplesOf, smoothed, thinned, ticks } from "./chart_scale.js";
import { html, svg } from "./elements.js";

/** @typedef {import("./records.js").PointRecord} PointRecord */
/** @typedef {import("./chart_scale.js").Sample} Sample */
/** @typedef {{className: string, samples: Sample[], dots?: boolean}} Curve */
/** @typedef {{title: string, curves: Curve[], legend: [string, string][], top: number | null, waiting: string}} Panel */

const HEIGHT = 200;
const MARGIN = { left: 40, right: 12, top: 8, bottom: 24 };
const MOST_POINTS = 400;
/** The highest share of loss values that must fit; a first spike may leave the chart. */
const FITTING = 0.98;

/** @type {WeakMap<HTMLElement, {points: readonly PointRecord[], totalSteps: number}>} what each chart shows */
const shown = new WeakMap();

/**
 * Draw a run's curves, and again whenever the element changes its width.
 * @param {HTMLElement} root
 * @param {readonly PointRecord[]} points `loss`, `val_AP` and `val_AP50` by step
 * @param {{totalSteps: number}} options the steps that the run will have
 */
export function drawChart(root, points, { totalSteps }) {
  const first = !shown.has(root);
  shown.set(root, { points, totalSteps });
  if (first) {
    root.classList.add("st-charts");
    new ResizeObserver(() => redraw(root)).observe(root);
  }
  redraw(root);
}

/** @param {HTMLElement} root */
function redraw(root) {
  const now = shown.get(root);
  if (!now || root.clientWidth === 0) return;
  if (root.childElementCount === 0) root.append(html("figure", { class: "st-chart" }), html("figure", { class: "st-chart" }));
  panelsOf(now.points).forEach((panel, index) => drawPanel(/** @type {HTMLElement} */ (root.children[index]), panel, now.totalSteps));
}

/** @param {readonly PointRecord[]} points @returns {Panel[]} */
function panelsOf(points) {
  const loss = samplesOf(points, "loss");
  return [
    {
      title: "Training loss",
      curves: [
        { className: "raw", samples: thinned(loss, MOST_POINTS) },
        { className: "loss", samples: thinned(smoothed(loss), MOST_POINTS) },
      ],
      legend: [
        ["loss", "smoothed"],
        ["raw", "each step"],
      ],
      top: null,
      waiting: "The first value comes with the first steps.",
    },
    {
      title: "Validation images",
      curves: [
        { className: "ap", samples: samplesOf(points, "val_AP"), dots: true },
        { className: "ap50", samples: samplesOf(points, "val_AP50"), dots: true },
      ],
      legend: [
        ["ap50", "AP50"],
        ["ap", "AP"],
      ],
      top: 1,
      waiting: "The first value comes with the first validation.",
    },
  ];
}

/** @param {HTMLElement} figure @param {Panel} panel @param {number} totalSteps */
function drawPanel(figure, panel, totalSteps) {
  const width = figure.clientWidth;
  if (width === 0) return;
  const values = panel.curves.flatMap(({ samples }) => samples.map(({ value }) => value));
  const latest = panel.curves.map(({ className, samples }) => ({ className, last: samples.at(-1) }));
  const caption = html(
    "figcaption",
    {},
    html("span", { class: "st-chart-title" }, panel.title),
    ...panel.legend.map(([className, words]) => {
      const last = latest.find((curve) => curve.className === className)?.last;
      const number = last && className !== "raw" ? ` ${last.value.toFixed(2)}` : "";
      return html("span", { class: `st-legend ${className}` }, words + number);
    }),
  );
  const plot = values.length === 0 ? html("p", { class: "st-note st-chart-empty" }, panel.waiting) : plotOf(panel, values, width, totalSteps);
  figure.replaceChildren(caption, plot);
}

/** @param {Panel} panel @param {number[]} values @param {number} width @param {number} totalSteps */
function plotOf(panel, values, width, totalSteps) {
  const lastStep = Math.max(1, totalSteps, ...panel.curves.map(({ samples }) => samples.at(-1)?.step ?? 0));
  const yTicks = ticks(0, panel.top ?? highEnough(values), 5);
  const xTicks = ticks(0, lastStep, Math.max(2, Math.floor(width / 110))).filter((step) => step <= lastStep);
  const inner = { width: width - MARGIN.left - MARGIN.right, height: HEIGHT - MARGIN.top - MARGIN.bottom };
  const x = (/** @type {number} */ step) => MARGIN.left + (step / lastStep) * inner.width;
  const top = /** @type {number} */ (yTicks.at(-1));
  const y = (/** @type {number} */ value) => MARGIN.top + (1 - Math.min(value, top) / top) * inner.height;
  const foot = MARGIN.top + inner.height;
  return svg(
    "svg",
    { width, height: HEIGHT, role: "img", "aria-label": describe(panel) },
    ...yTicks.map((value) =>
      svg(
        "g",
        {},
        svg("path", { class: value === 0 ? "axis" : "grid", d: `M${MARGIN.left} ${y(value)}H${width - MARGIN.right}` }),
        svg("text", { x: MARGIN.left - 8, y: y(value) + 4, "text-anchor": "end" }, String(value)),
      ),
    ),
    ...xTicks.map((step) =>
      svg("text", { x: x(step), y: foot + 18, "text-anchor": step === 0 ? "start" : step === lastStep ? "end" : "middle" }, step === 0 ? "step 0" : String(step)),
    ),
    ...panel.curves.map(({ className, samples, dots }) =>
      svg(
        "g",
        { class: `curve ${className}` },
        svg("polyline", { points: samples.map(({ step, value }) => `${x(step).toFixed(1)},${y(value).toFixed(1)}`).join(" ") }),
        ...(dots ? samples : []).map(({ step, value }) => svg("circle", { cx: x(step), cy: y(value), r: samples.length > 40 ? 1.5 : 3 })),
      ),
    ),
  );
}

/** The value under which nearly all others lie. @param {number[]} values */
function highEnough(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(FITTING * sorted.length))] || 1;
}

/** What a screen reader says of the picture. @param {Panel} panel */
function describe({ title, curves, legend }) {
  const last = legend.flatMap(([className, words]) => {
    const sample = curves.find((curve) => curve.className === className)?.samples.at(-1);
    return sample && className !== "raw" ? [`${words} ${sample.value.toFixed(2)} at step ${sample.step}`] : [];
  });
  return `${title}: ${last.join(", ")}`;
}
