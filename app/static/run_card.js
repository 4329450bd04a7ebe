// @ts-check
/** One training as a person sees it: how far it is, how good, how fast, and what can be done about it. */

import { wordButton } from "./buttons.js";
import { samplesOf } from "./chart_scale.js";
import { html, setText } from "./elements.js";
import { icon } from "./icons.js";
import { actionButtons, actionsOf } from "./run_actions.js";
import { isLive } from "./run_feed.js";
import { timeLeft } from "./time_words.js";
import { Charts, mainPanels, otherPanels } from "./train_chart.js";
import { failureCard } from "./train_failure.js";
import { TrainLog } from "./train_log.js";
import { TrainPhotos } from "./train_photos.js";
import { bytesWords, capital, numberWords, runName, timeOf } from "./train_words.js";

/** @typedef {import("./records.js").RunRecord} RunRecord */
/** @typedef {import("./records.js").PointRecord} PointRecord */
/** @typedef {import("./run_actions.js").RunAction} RunAction */
/**
 * @typedef {object} RunWishes
 * @property {(action: RunAction) => void} act
 * @property {(changes: Record<string, unknown>) => void} resume with changes
 * @property {(imageId: number) => void} openImage
 * @property {() => void} label somebody wants to go on labelling meanwhile
 */

/** @type {Record<string, string>} */
const TITLES = {
  queued: "Waiting to start",
  running: "Training",
  stopping: "Stopping at the next step",
  stalled: "The trainer gives no sign of life",
  paused: "Paused",
  cancelled: "Cancelled",
  failed: "Training failed",
  done: "Your detector is ready",
};

/** @type {Record<string, string>} */
const EXPLANATIONS = {
  queued: "It starts within seconds, or when the training before it has ended.",
  paused: "Everything so far is kept. Resume goes on where it was.",
  cancelled: "Everything up to its last save is kept. Resume goes on from there.",
};

/**
 * The line below a run's title: epoch, step and time left.
 * @param {RunRecord} run
 * @returns {string}
 */
export function progressWords({ status, epoch, total_epochs, step, total_steps, seconds_left }) {
  if (status === "done") {
    if (step < total_steps) return `${step} of ${total_steps} steps`;
    return total_steps === 1 ? "1 step" : `${total_steps} steps`;
  }
  const parts = [];
  // The run counts those behind it; a person wants to know which one it is in.
  if (total_epochs > 0 && step > 0) parts.push(`epoch ${Math.min(epoch + 1, total_epochs)} of ${total_epochs}`);
  if (total_steps > 0) parts.push(`step ${step} of ${total_steps}`);
  if (status === "running") parts.push(timeLeft(seconds_left));
  return parts.filter(Boolean).join(" · ");
}

/**
 * A run's title: what it does just now, or how it ended.
 * @param {Pick<RunRecord, "status" | "phase" | "stop">} run
 * @returns {string}
 */
export function titleWords({ status, phase, stop }) {
  // What is made of the best so far takes a minute after the last step.
  if (status === "stopping" && stop === "finish" && phase !== "training") return capital(phase);
  if (status === "running" && phase === "queued") return "Starting"; // taken up, but not a word from it yet
  if (status === "running" && phase) return capital(phase);
  return TITLES[status] ?? status;
}

export class RunCard {
  #buttons = "";
  #failure = "";
  #looks = "";

  /** @param {RunWishes} wishes */
  constructor(wishes) {
    this.wishes = wishes;
    this.symbol = html("span", { class: "st-run-symbol" });
    this.name = html("p", { class: "st-run-name", dir: "auto" });
    this.title = html("h3", { tabindex: -1 });
    this.words = html("p", { class: "st-note st-run-words" });
    this.bar = html("progress", { class: "st-progress", max: 1, value: 0, "aria-label": "Progress of the training" });
    this.epochs = html("div", { class: "st-epochs", "aria-hidden": "true" });
    this.barPlace = html("div", { class: "st-epoch-bar" }, this.bar, this.epochs);
    this.explanation = html("p", { class: "st-run-explanation" });
    this.trouble = html("div", {});
    this.numbers = html("dl", { class: "st-numbers" });
    this.actions = html("div", { class: "st-actions" });
    this.charts = new Charts();
    this.others = new Charts({ small: true });
    this.more = html("details", { class: "st-fold" }, html("summary", {}, "More curves"), this.others.node);
    this.photos = new TrainPhotos((id) => wishes.openImage(id));
    this.log = new TrainLog();
    this.meanwhile = html("p", { class: "st-meanwhile st-note" }, html("span", { class: "st-meanwhile-words" }, "Training goes on when you close this page."), wordButton("Label on meanwhile", () => wishes.label(), { small: true, symbol: "tag" }));
    // The steps are not announced: they change with every look.
    const head = html("div", { class: "st-run-head" }, this.symbol, html("div", { class: "st-run-titles" }, html("div", { role: "status" }, this.title), this.words), this.actions);
    this.notes = html("ul", { class: "st-run-notes" });
    this.node = html(
      "section",
      { class: "st-run", "aria-label": "Training", hidden: true },
      html("div", { class: "st-run-top" }, this.name, this.meanwhile),
      head,
      this.barPlace,
      this.explanation,
      this.trouble,
      this.numbers,
      this.notes,
      this.charts.node,
      this.photos.node,
      this.more,
      this.log.node,
    );
    this.more.addEventListener("toggle", () => this.#drawOthers());
  }

  /** @type {{run: RunRecord, points: PointRecord[]} | null} */
  #shown = null;

  /**
   * Show a run with all its points so far, or none.
   * @param {RunRecord | null} run
   * @param {PointRecord[]} points
   */
  show(run, points) {
    this.node.hidden = run === null;
    this.log.show(run?.id ?? null);
    this.#shown = run && { run, points };
    if (run === null) {
      this.#looks = "";
      void this.photos.show(null, null);
      return;
    }
    this.node.dataset.status = run.status;
    setText(this.name, runName(run));
    setText(this.title, titleWords(run));
    setText(this.words, progressWords(run));
    this.symbol.hidden = run.status !== "done";
    if (!this.symbol.hasChildNodes()) this.symbol.append(icon("check"));
    this.meanwhile.hidden = !isLive(run);
    this.#drawBar(run);
    this.#drawTrouble(run);
    this.#drawNumbers(run, points);
    this.#drawNotes(run);
    this.#drawButtons(run);
    this.charts.node.hidden = points.length === 0;
    if (points.length > 0) this.charts.show(mainPanels(points), run.total_steps);
    this.#drawOthers();
    this.#drawPhotos(run, points);
    void this.log.read();
  }

  /** @param {RunRecord} run */
  #drawBar(run) {
    this.barPlace.hidden = run.status === "done" || run.status === "failed";
    if (run.total_steps > 0) this.bar.value = run.step / run.total_steps;
    else if (run.status === "running") this.bar.removeAttribute("value"); // a bar without end while it prepares
    else this.bar.value = 0;
    // More marks than that would be a grey bar.
    this.epochs.hidden = run.total_epochs < 2 || run.total_epochs > 60;
    this.epochs.style.setProperty("--st-epochs", String(run.total_epochs));
  }

  /** @param {RunRecord} run */
  #drawTrouble(run) {
    const failure = run.failure ?? (run.status === "failed" ? { kind: "unknown", sentence: run.error ?? "The log of the run says why.", action: null } : null);
    const state = JSON.stringify([run.id, failure]);
    const explanation = failure ? "" : (EXPLANATIONS[run.status] ?? "");
    setText(this.explanation, explanation);
    this.explanation.hidden = explanation === "";
    if (state === this.#failure) return;
    this.#failure = state;
    this.trouble.hidden = failure === null;
    this.#replace(this.trouble, failure ? [failureCard(failure, { resume: this.wishes.resume, openImage: this.wishes.openImage, openLog: () => this.log.open() })] : []);
  }

  /** @param {RunRecord} run @param {PointRecord[]} points */
  #drawNumbers(run, points) {
    const { metrics } = run;
    const last = (/** @type {string} */ name) => samplesOf(points, name).at(-1)?.value;
    const rate = last("images_per_second");
    const memory = last("memory_bytes");
    const { spent, promised } = timeOf(run);
    /** @type {[string, string, string, string][]} name, hint, value, note */
    const numbers = [
      ["Time", "How long it has taken, beside what was promised before", spent, promised],
      ["Loss", "How wrong the last step was; it falls as training goes on", numberWords(last("loss") ?? metrics.loss), ""],
      ["AP50", "Share found, on the validation images, with boxes that overlap by half (1 is perfect)", numberWords(metrics.AP50 ?? metrics.val_AP50), ""],
      ["AP", "The same, averaged over stricter overlaps", numberWords(metrics.AP ?? metrics.val_AP), ""],
      ["Learning rate", "How far each step goes", numberWords(last("learning_rate")), ""],
      ["Images a second", "How fast it learns", rate === undefined ? "–" : rate.toFixed(rate < 10 ? 1 : 0), ""],
      ["Memory", "What the trainer holds", memory === undefined ? "–" : bytesWords(memory), ""],
    ];
    this.numbers.replaceChildren(
      ...numbers.map(([name, hint, value, note]) =>
        html("div", { title: hint }, html("dt", {}, name), html("dd", {}, value), note ? html("dd", { class: "st-number-note" }, note) : null),
      ),
    );
  }

  /** What the run decided by itself. @param {RunRecord} run */
  #drawNotes({ metrics }) {
    const notes = /** @type {{step: number, note: string}[]} */ (Array.isArray(metrics.notes) ? metrics.notes : []);
    this.notes.hidden = notes.length === 0;
    this.notes.replaceChildren(...notes.slice(-3).map(({ step, note }) => html("li", { dir: "auto" }, html("span", { class: "st-count" }, `step ${step}`), ` ${note}`)));
  }

  /** @param {RunRecord} run */
  #drawButtons(run) {
    const state = [run.id, run.status, Boolean(run.failure), ...actionsOf(run)].join(" ");
    if (state === this.#buttons) return;
    this.#buttons = state;
    // What a dialog says is that of the moment at which it opens.
    this.#replace(this.actions, actionButtons(run, (action, pressed) => this.wishes.act(action, pressed), () => this.#shown?.run ?? run));
  }

  /** Change what can be pressed; whose button went with it stays at the run. @param {HTMLElement} place @param {HTMLElement[]} children */
  #replace(place, children) {
    const held = place.contains(document.activeElement);
    place.replaceChildren(...children);
    if (held) this.title.focus({ preventScroll: true });
  }

  #drawOthers() {
    if (!this.#shown) return;
    const panels = otherPanels(this.#shown.points);
    this.more.hidden = panels.length === 0;
    if (this.more.open) this.others.show(panels, this.#shown.run.total_steps);
  }

  /** @param {RunRecord} run @param {PointRecord[]} points */
  #drawPhotos(run, points) {
    const looks = `${run.id} ${run.attempts} ${run.status === "done"} ${samplesOf(points, "val_AP").at(-1)?.step ?? ""}`;
    if (looks === this.#looks) return;
    this.#looks = looks;
    this.photos.show(run.id, run.project_id ?? null).catch(() => (this.#looks = "")); // the next look tries again
  }
}
