// @ts-check
/** One training as a person sees it: how far it is, how good, and what can be done about it. */

import { wordButton } from "./buttons.js";
import { samplesOf } from "./chart_scale.js";
import { html, setText } from "./elements.js";
import { icon } from "./icons.js";
import { timeLeft } from "./time_words.js";
import { drawChart } from "./train_chart.js";

/** @typedef {import("./records.js").RunRecord} RunRecord */
/** @typedef {"cancel" | "pause" | "resume" | "live"} RunAction */

/** What each state is called, and whether it still goes on. */
const STATES = {
  queued: { title: "Waiting to start", live: true },
  running: { title: "Training", live: true },
  stopping: { title: "Stopping at the next step", live: true },
  stalled: { title: "The trainer gives no sign of life", live: true },
  paused: { title: "Paused", live: false },
  cancelled: { title: "Stopped", live: false },
  failed: { title: "Training failed", live: false },
  done: { title: "Your detector is ready", live: false },
};

/** @type {Record<string, string>} */
const EXPLANATIONS = {
  queued: "The trainer is starting; this takes a few seconds.",
  stalled: "It is started again by itself when the studio finds that it died. Everything up to its last save is kept.",
  paused: "Everything so far is kept. Resume goes on where it was.",
  cancelled: "Everything so far is kept. Resume goes on where it was.",
};

/**
 * Whether a run may still change by itself.
 * @param {Pick<RunRecord, "status">} run
 */
export function isLive({ status }) {
  return STATES[status]?.live ?? false;
}

/**
 * The line below a run's title: epoch, step and time left.
 * @param {RunRecord} run
 * @returns {string}
 */
export function progressWords({ status, epoch, total_epochs, step, total_steps, seconds_left }) {
  if (status === "done") return total_steps === 1 ? "1 step" : `${total_steps} steps`;
  const parts = [];
  if (total_epochs > 0 && epoch > 0) parts.push(`epoch ${epoch} of ${total_epochs}`);
  if (total_steps > 0) parts.push(`step ${step} of ${total_steps}`);
  if (status === "running") parts.push(timeLeft(seconds_left));
  return parts.filter(Boolean).join(" · ");
}

/**
 * A run's title: what it does just now, or how it ended.
 * @param {Pick<RunRecord, "status" | "phase">} run
 * @returns {string}
 */
export function titleWords({ status, phase }) {
  if (status === "running" && phase) return phase.charAt(0).toUpperCase() + phase.slice(1);
  return STATES[status]?.title ?? status;
}

export class RunCard {
  /** @type {Map<string, import("./records.js").PointRecord>} by name and step */
  #points = new Map();
  /** @type {string | null} */
  #runId = null;
  #buttons = "";

  /** @param {(action: RunAction) => void} onAction */
  constructor(onAction) {
    this.onAction = onAction;
    this.symbol = html("span", { class: "st-run-symbol" });
    this.title = html("h3", {});
    this.words = html("p", { class: "st-note st-run-words" });
    this.bar = html("progress", { class: "st-progress", max: 1, value: 0, "aria-label": "Progress of the training" });
    this.explanation = html("p", { class: "st-run-explanation" });
    this.numbers = html("dl", { class: "st-numbers" });
    this.actions = html("div", { class: "st-actions" });
    this.chart = html("div", { class: "st-run-chart" });
    const head = html("div", { class: "st-run-head" }, this.symbol, html("div", { role: "status" }, this.title, this.words), this.actions);
    this.node = html("section", { class: "st-run", "aria-label": "Training" }, head, this.bar, this.explanation, this.numbers, this.chart);
  }

  /**
   * The step after which points are still to be fetched: one before the last known, since a validation is reported
   * after the loss of its step.
   * @returns {number}
   */
  get fetchedUntil() {
    let last = 0;
    for (const { step } of this.#points.values()) last = Math.max(last, step);
    return last - 1;
  }

  /**
   * Show a run, with the points that came since the last time.
   * @param {RunRecord} run
   * @param {import("./records.js").PointRecord[]} points
   */
  show(run, points) {
    if (run.id !== this.#runId) this.#points = new Map();
    this.#runId = run.id;
    for (const point of points) this.#points.set(`${point.name} ${point.step}`, point);
    const { status } = run;
    this.node.dataset.status = status;
    setText(this.title, titleWords(run));
    setText(this.words, progressWords(run));
    this.symbol.hidden = !["done", "failed", "stalled"].includes(status);
    this.symbol.replaceChildren(icon(status === "done" ? "check" : "warning"));
    this.bar.hidden = status === "done" || status === "failed";
    if (run.total_steps > 0) this.bar.value = run.step / run.total_steps;
    else if (status === "running") this.bar.removeAttribute("value"); // a bar without end while it prepares
    else this.bar.value = 0;
    const explanation = status === "failed" ? (run.error ?? "The log of the run says why.") : (EXPLANATIONS[status] ?? "");
    setText(this.explanation, explanation);
    this.explanation.hidden = explanation === "";
    this.#drawNumbers(run);
    this.#drawButtons(status);
    this.chart.hidden = this.#points.size === 0;
    if (this.#points.size > 0) drawChart(this.chart, [...this.#points.values()], { totalSteps: run.total_steps });
  }

  /** @param {RunRecord} run */
  #drawNumbers({ metrics }) {
    const loss = samplesOf([...this.#points.values()], "loss").at(-1)?.value ?? metrics.loss;
    /** @type {[string, string, unknown][]} */
    const numbers = [
      ["Loss", "How wrong the last step was; it falls as training goes on", loss],
      ["AP50", "Share found, on the validation images, with boxes that overlap by half (1 is perfect)", metrics.AP50 ?? metrics.val_AP50],
      ["AP", "The same, averaged over stricter overlaps", metrics.AP ?? metrics.val_AP],
    ];
    this.numbers.replaceChildren(
      ...numbers.map(([name, hint, value]) =>
        html("div", { title: hint }, html("dt", {}, name), html("dd", {}, typeof value === "number" ? value.toFixed(2) : "–")),
      ),
    );
  }

  /** @param {import("./records.js").RunStatus} status */
  #drawButtons(status) {
    if (status === this.#buttons) return;
    this.#buttons = status;
    const button = (/** @type {string} */ label, /** @type {RunAction} */ action, /** @type {any} */ look = {}) =>
      wordButton(label, () => this.onAction(action), look);
    const pause = button("Pause", "pause", { symbol: "pause" });
    const stop = button("Stop", "cancel", { symbol: "stop" });
    const resume = button("Resume", "resume", { symbol: "play", primary: true });
    /** @type {Record<string, HTMLElement[]>} */
    const choices = {
      queued: [stop],
      running: [pause, stop],
      stalled: [pause, stop],
      paused: [resume, stop],
      cancelled: [resume],
      failed: [resume],
      done: [button("Try it live", "live", { primary: true, symbol: "camera" })],
    };
    this.actions.replaceChildren(...(choices[status] ?? []));
  }
}
