// @ts-check
/** The curves of several trainings over each other, and the settings in which they differ. */

import { api, messageOf } from "./api.js";
import { samplesOf, smoothed, thinned } from "./chart_scale.js";
import { html, setText } from "./elements.js";
import { numbersTable } from "./plot_frame.js";
import { isLive } from "./run_feed.js";
import { Charts } from "./train_chart.js";
import { differences, numberWords, runName } from "./train_words.js";

/** @typedef {import("./records.js").RunRecord} RunRecord */
/** @typedef {import("./records.js").PointRecord} PointRecord */

const MOST_POINTS = 400;

/**
 * The panels of a comparison, a curve for each run.
 * @param {readonly {name: string, points: readonly PointRecord[]}[]} runs
 * @returns {import("./line_plot.js").Panel[]}
 */
export function comparedPanels(runs) {
  const curves = (/** @type {string} */ value, /** @type {boolean} */ dots) =>
    runs.map(({ name, points }, index) => {
      const samples = samplesOf(points, value);
      return { look: `run-${index}`, name, samples: thinned(dots ? samples : smoothed(samples), MOST_POINTS), dots };
    });
  return [
    { title: "AP50 on the validation images", curves: curves("val_AP50", true), top: 1, waiting: "None of them was validated." },
    { title: "AP", curves: curves("val_AP", true), top: 1, waiting: "None of them was validated." },
    { title: "Training loss, smoothed", curves: curves("loss", false), top: null, waiting: "None of them has begun." },
  ];
}

export class TrainComparison {
  /** @type {Map<string, PointRecord[]>} by run and how far it was */
  #known = new Map();
  #drawn = "";
  #turn = 0;

  constructor() {
    this.charts = new Charts();
    this.table = html("div", { class: "st-compared-settings" });
    this.problem = html("p", { class: "st-problem", role: "alert" });
    this.node = html("section", { class: "st-comparison", "aria-label": "Comparison", hidden: true }, html("h4", {}, "Compared"), this.problem, this.charts.node, this.table);
  }

  forget() {
    this.#known.clear();
    this.#drawn = "";
    this.#turn += 1;
    this.node.hidden = true;
  }

  /** @param {RunRecord[]} runs */
  async show(runs) {
    this.node.hidden = runs.length < 2;
    if (runs.length < 2) return;
    const state = runs.map(keyOf).join(" ");
    if (state === this.#drawn) return;
    this.#drawn = state;
    const turn = ++this.#turn;
    try {
      const points = await Promise.all(runs.map((run) => this.#read(run)));
      if (turn !== this.#turn) return;
      setText(this.problem, "");
      const named = runs.map((run, index) => ({ name: runName(run), points: points[index] }));
      this.charts.show(comparedPanels(named), Math.max(...runs.map(({ total_steps }) => total_steps)));
      this.table.replaceChildren(settingsTable(runs));
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#drawn = "";
      setText(this.problem, messageOf(error));
    }
  }

  /** @param {RunRecord} run @returns {Promise<PointRecord[]>} */
  async #read(run) {
    const key = keyOf(run);
    const known = this.#known.get(key);
    if (known) return known;
    const points = await api("GET", `runs/${encodeURIComponent(run.id)}/metrics`);
    for (const other of [...this.#known.keys()]) if (other.startsWith(run.id)) this.#known.delete(other);
    this.#known.set(key, points);
    return points;
  }
}

/** Changes when a run's curves do; one that trains is drawn anew at each validation. @param {RunRecord} run */
function keyOf(run) {
  return `${run.id}:${run.attempts ?? 0}:${isLive(run) ? numberWords(run.metrics.AP) : run.status}`;
}

/** @param {RunRecord[]} runs */
function settingsTable(runs) {
  const rows = differences(runs);
  if (rows.length === 0) return html("p", { class: "st-note" }, "They were trained with the same settings.");
  const heads = ["Setting", ...runs.map(runName)];
  return numbersTable({ heads, rows: rows.map(([name, values]) => [name, ...values]) });
}
