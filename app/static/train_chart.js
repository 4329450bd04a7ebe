// @ts-check
/** A run's curves: training loss and AP on the validation images, and on demand what else was measured. */

import { samplesOf, smoothed, thinned } from "./chart_scale.js";
import { html } from "./elements.js";
import { drawPanel } from "./line_plot.js";
import { bytesWords, numberWords } from "./train_words.js";

/** @typedef {import("./records.js").PointRecord} PointRecord */
/** @typedef {import("./line_plot.js").Panel} Panel */

const HEIGHT = 200;
const SMALL_HEIGHT = 120;
const MOST_POINTS = 400;

/**
 * A grid of figures that is drawn anew whenever it changes its width.
 */
export class Charts {
  /** @type {Panel[]} */
  #panels = [];
  #steps = 1;

  /** @param {{small?: boolean}} [options] */
  constructor({ small = false } = {}) {
    this.height = small ? SMALL_HEIGHT : HEIGHT;
    this.node = html("div", { class: small ? "st-charts st-small-charts" : "st-charts" });
    new ResizeObserver(() => this.#draw()).observe(this.node);
  }

  /**
   * @param {Panel[]} panels
   * @param {number} steps the steps that the run will have
   */
  show(panels, steps) {
    this.#panels = panels;
    this.#steps = steps;
    this.#draw();
  }

  #draw() {
    if (this.node.clientWidth === 0) return;
    while (this.node.childElementCount < this.#panels.length) this.node.append(html("figure", { class: "st-chart" }));
    while (this.node.childElementCount > this.#panels.length) this.node.lastChild?.remove();
    this.#panels.forEach((panel, index) => drawPanel(/** @type {HTMLElement} */ (this.node.children[index]), panel, { steps: this.#steps, height: this.height }));
  }
}

/**
 * The two curves that matter.
 * @param {readonly PointRecord[]} points
 * @returns {Panel[]}
 */
export function mainPanels(points) {
  const loss = samplesOf(points, "loss");
  return [
    {
      title: "Training loss",
      curves: [
        { look: "raw", name: "each step", samples: thinned(loss, MOST_POINTS), quiet: true },
        { look: "loss", name: "smoothed", samples: thinned(smoothed(loss), MOST_POINTS) },
      ],
      top: null,
      waiting: "The first value comes with the first steps.",
    },
    {
      title: "Validation images",
      curves: [
        { look: "ap50", name: "AP50", samples: samplesOf(points, "val_AP50"), dots: true },
        { look: "ap", name: "AP", samples: samplesOf(points, "val_AP"), dots: true },
      ],
      top: 1,
      waiting: "The first value comes with the first validation.",
    },
  ];
}

/**
 * What else is measured; only what there is.
 * @param {readonly PointRecord[]} points
 * @returns {Panel[]}
 */
export function otherPanels(points) {
  const curve = (/** @type {string} */ name) => thinned(samplesOf(points, name), MOST_POINTS);
  const single = (/** @type {string} */ title, /** @type {string} */ name, /** @type {(value: number) => string} */ words) => ({
    title,
    curves: [{ look: "loss", name: "now", samples: curve(name) }],
    top: null,
    waiting: "",
    words,
  });
  /** @type {Panel[]} */
  const panels = [
    {
      title: "Loss per epoch",
      curves: [
        { look: "loss", name: "where", samples: curve("localisation_loss") },
        { look: "ap", name: "what", samples: curve("classification_loss") },
      ],
      top: null,
      waiting: "",
    },
    single("Learning rate", "learning_rate", (value) => (value < 1e-3 ? numberWords(value) : twoFigures(value))),
    single("Images a second", "images_per_second", (value) => (value < 100 ? twoFigures(value) : value.toFixed(0))),
    single("Memory of the trainer", "memory_bytes", bytesWords),
  ];
  return panels.filter(({ curves }) => curves.some(({ samples }) => samples.length > 0));
}

/** @param {number} value */
function twoFigures(value) {
  return String(Number(value.toPrecision(2)));
}
