// @ts-check
/** Precision against recall, a line for each class; drawn in per cent, so that it fits any width. */

import { html, setText, svg } from "./elements.js";
import { share } from "./evaluate_words.js";
import { plotFrame } from "./plot_frame.js";

/** @typedef {import("./evaluate_words.js").CurveRecord} CurveRecord */
/**
 * @typedef {object} Line
 * @property {string} name
 * @property {string} colour
 * @property {CurveRecord} curve
 * @property {string} note stands beside the name
 * @property {{recall: number, precision: number} | null} [mark] where the suggested threshold leads
 * @property {boolean} [dashed]
 */

/** Each line has dashes of its own, so that they differ without colour. */
const DASHES = ["none", "7 3", "2 3", "9 3 2 3"];
const TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1];

/**
 * The points of a curve as SVG writes them: up to the highest recall reached, and down to the axis there.
 * @param {CurveRecord} curve
 * @returns {string} in a square of side 1, y downwards; "" for a class of which there is nothing
 */
export function pathOf({ recall, precision, score }) {
  const points = recall.flatMap((at, index) => (score[index] === null || precision[index] === null ? [] : [[at, Number(precision[index])]]));
  if (points.length === 0) return "";
  const last = points[points.length - 1];
  return [...points, [last[0], 0]].map(([x, y]) => `${round(x)},${round(1 - y)}`).join(" ");
}

/** @param {number} value */
const round = (value) => Number(value.toFixed(4));

/**
 * Where a class's suggested threshold leads.
 * @param {import("./evaluate_words.js").ClassFigures | undefined} of
 */
export function markOf(of) {
  return of && of.precision !== null && of.recall !== null ? { recall: of.recall, precision: of.precision } : null;
}

/**
 * What a curve says at a recall.
 * @param {Line} line
 * @param {number} recall
 * @returns {string}
 */
export function readOut({ name, curve }, recall) {
  const index = Math.min(curve.recall.length - 1, Math.max(0, Math.round(recall * (curve.recall.length - 1))));
  const found = `${Math.round(100 * curve.recall[index])} %`;
  const score = curve.score[index];
  if (score === null) return `${name}: never finds ${found} of them`;
  return `${name}: to find ${found} of them, take boxes from score ${share(score)}; ${Math.round(100 * Number(curve.precision[index]))} % of those are right`;
}

/**
 * Draw the curves in a frame.
 * @param {Line[]} lines
 * @param {string} sentence
 */
export function curvesPlot(lines, sentence) {
  const known = lines.filter(({ curve }) => pathOf(curve) !== "");
  const read = html("p", { class: "st-note st-curve-read", dir: "auto" }, HINT);
  const shapes = known.map(({ colour, curve, dashed }, index) => {
    const shape = svg("polyline", { class: "st-curve", points: pathOf(curve), "stroke-dasharray": dashed === undefined ? DASHES[index % DASHES.length] : dashed ? "7 3" : "none" });
    shape.style.stroke = colour;
    return shape;
  });
  const marks = known.map(({ colour, mark }) => {
    const dot = html("span", { class: "st-curve-mark", hidden: !mark });
    Object.assign(dot.style, { left: `${100 * (mark?.recall ?? 0)}%`, bottom: `${100 * (mark?.precision ?? 0)}%`, backgroundColor: colour });
    return dot;
  });
  const cursor = html("span", { class: "st-curve-cursor", hidden: true });
  const legend = html("ul", { class: "st-curve-legend", tabindex: known.length > 12 ? 0 : null, "aria-label": "Curves" });
  const plot = html(
    "div",
    { class: "st-curve-area" },
    svg(
      "svg",
      { viewBox: "0 0 1 1", preserveAspectRatio: "none", role: "img", "aria-label": `Precision against recall: ${known.map(({ name, note }) => `${name} ${note}`).join(", ")}` },
      svg("path", { class: "st-curve-grid", d: TICKS.map((tick) => `M0 ${1 - tick}H1`).join("") }),
      ...shapes,
    ),
    ...marks,
    cursor,
    ...TICKS.map((tick) => place(html("span", { class: "st-curve-x" }, String(tick)), "left", tick)),
    ...TICKS.map((tick) => place(html("span", { class: "st-curve-y" }, String(tick)), "bottom", tick)),
  );

  /** @param {number | null} chosen */
  const emphasise = (chosen) => {
    for (const list of [shapes, marks, [...legend.children]]) {
      list.forEach((node, index) => node.classList.toggle("st-faint", chosen !== null && index !== chosen));
    }
  };
  legend.append(
    ...known.map(({ name, colour, note }, index) => {
      const sample = svg("line", { x1: 0, x2: 20, y1: 5, y2: 5, "stroke-dasharray": shapes[index].getAttribute("stroke-dasharray") });
      sample.style.stroke = colour;
      return html(
        "li",
        { title: name, onpointerenter: () => emphasise(index), onpointerleave: () => emphasise(null) },
        svg("svg", { width: 20, height: 10, "aria-hidden": "true" }, sample),
        html("bdi", { class: "st-name" }, name),
        html("span", { class: "st-count" }, note),
      );
    }),
  );
  plot.addEventListener("pointermove", ({ clientX, clientY }) => {
    const { left, top, width, height } = plot.getBoundingClientRect();
    const recall = Math.min(1, Math.max(0, (clientX - left) / width));
    const index = nearest(known, recall, 1 - (clientY - top) / height);
    if (index === null) return;
    cursor.hidden = false;
    cursor.style.left = `${100 * recall}%`;
    emphasise(index);
    setText(read, readOut(known[index], recall));
  });
  plot.addEventListener("pointerleave", () => {
    cursor.hidden = true;
    emphasise(null);
    setText(read, HINT);
  });
  return plotFrame({
    title: "Precision and recall",
    sentence,
    kind: "st-curves",
    plot: known.length === 0 ? html("p", { class: "st-note" }, "There is no box of any class, so there is no curve.") : html("div", { class: "st-curve-frame" }, plot, html("p", { class: "st-axis-words" }, "Recall: the part of the objects that is found"), legend, read),
  });
}

const HINT = "Point at the curves to read them. A dot is where the suggested threshold leads.";

/** @param {Line[]} lines @param {number} recall @param {number} precision @returns {number | null} */
function nearest(lines, recall, precision) {
  let best = null;
  let least = Infinity;
  lines.forEach(({ curve }, index) => {
    const at = Math.round(recall * (curve.recall.length - 1));
    const off = Math.abs((curve.precision[at] ?? 0) - precision);
    if (off < least) [best, least] = [index, off];
  });
  return best;
}

/** @param {HTMLElement} node @param {"left" | "bottom"} side @param {number} part */
function place(node, side, part) {
  node.style[side] = `${100 * part}%`;
  node.setAttribute("aria-hidden", "true");
  return node;
}
