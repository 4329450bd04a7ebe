// @ts-check
/** All trainings of a project as a table; those that are ticked are compared below it. */

import { html, setText } from "./elements.js";
import { dateWords } from "./models_words.js";
import { MOST_RUNS } from "./run_feed.js";
import { TrainComparison } from "./train_comparison.js";
import { numberWords, runName, STATUS_WORDS, timeOf } from "./train_words.js";

/** @typedef {import("./records.js").RunRecord} RunRecord */

/** Curves that can still be told apart. */
export const MOST_COMPARED = 6;
const HEADS = /** @type {[string, string][]} */ ([
  ["Compare", "compare"],
  ["Training", "name"],
  ["State", "state"],
  ["AP50", "number"],
  ["AP", "number"],
  ["Time", "number"],
  ["Promised", "number promised"],
  ["Begun", "begun"],
]);

/**
 * The ticked runs after a press: of too many, the one ticked longest ago goes.
 * @param {readonly string[]} ticked
 * @param {string} id
 * @param {boolean} on
 * @param {number} [most]
 * @returns {string[]}
 */
export function tickedAfter(ticked, id, on, most = MOST_COMPARED) {
  const others = ticked.filter((each) => each !== id);
  return on ? [...others, id].slice(-most) : others;
}

export class TrainHistory {
  /** @type {string[]} */
  #ticked = [];
  #drawn = "";
  /** @type {RunRecord[]} */
  #runs = [];

  /** @param {(run: RunRecord) => void} onShow */
  constructor(onShow) {
    this.onShow = onShow;
    this.comparison = new TrainComparison();
    this.body = html("tbody", {});
    this.hint = html("p", { class: "st-note" });
    this.node = html(
      "section",
      { class: "st-runs-panel", "aria-label": "History", hidden: true },
      html("div", { class: "st-history-head" }, html("h3", {}, "Trainings"), this.hint),
      html(
        "div",
        { class: "st-history-frame", tabindex: 0, role: "group", "aria-label": "Table of trainings" },
        html(
          "table",
          { class: "st-table st-history" },
          html("thead", {}, html("tr", {}, ...HEADS.map(([words, look]) => html("th", { scope: "col", class: `st-col-${look.replace(" ", " st-col-")}` }, look === "compare" ? html("span", { class: "st-hidden-words" }, words) : words)))),
          this.body,
        ),
      ),
      this.comparison.node,
    );
  }

  /**
   * @param {RunRecord[]} runs newest first
   * @param {RunRecord | null} shown
   */
  show(runs, shown) {
    this.#runs = runs;
    this.#ticked = this.#ticked.filter((id) => runs.some((run) => run.id === id));
    this.node.hidden = runs.length === 0;
    const newest = runs.length < MOST_RUNS ? "" : `The newest ${MOST_RUNS} are listed. `;
    setText(this.hint, runs.length < 2 ? "" : this.#ticked.length < 2 ? `${newest}Tick two or more to compare their curves.` : `${this.#ticked.length} are compared below.`);
    this.#draw(shown);
    void this.comparison.show(this.#ticked.flatMap((id) => runs.find((run) => run.id === id) ?? []));
  }

  forget() {
    this.#ticked = [];
    this.#drawn = "";
    this.comparison.forget();
    this.node.hidden = true;
  }

  /** @param {RunRecord | null} shown */
  #draw(shown) {
    const rows = this.#runs.map((run) => ({ run, cells: cellsOf(run), current: run.id === shown?.id }));
    const state = JSON.stringify([rows.map(({ run, cells, current }) => [run.id, run.status, cells, current]), this.#ticked]);
    if (state === this.#drawn) return;
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset.history;
    this.#drawn = state;
    this.body.replaceChildren(...rows.map(({ run, cells, current }) => this.#row(run, cells, current)));
    if (focused) /** @type {HTMLElement | null} */ (this.body.querySelector(`[data-history="${CSS.escape(focused)}"]`))?.focus({ preventScroll: true });
  }

  /** @param {RunRecord} run @param {string[]} cells @param {boolean} current */
  #row(run, cells, current) {
    const name = runName(run);
    const on = this.#ticked.includes(run.id);
    const tick = html("input", { type: "checkbox", class: "st-check", checked: on, "aria-label": `Compare ${name}`, "data-history": `${run.id} tick` });
    tick.addEventListener("change", () => {
      this.#ticked = tickedAfter(this.#ticked, run.id, tick.checked);
      this.show(this.#runs, current ? run : (this.#runs.find(({ id }) => id === this.body.querySelector("[aria-current]")?.getAttribute("data-run")) ?? null));
    });
    const [ap50, ap, spent, promised] = cells;
    return html(
      "tr",
      { "data-run": run.id, "data-status": run.status, "aria-current": current ? "true" : null },
      html("td", {}, tick),
      html("th", { scope: "row" }, html("button", { type: "button", class: "st-link", dir: "auto", title: `Show ${name}`, "data-history": `${run.id} name`, onclick: () => this.onShow(run) }, name)),
      html("td", {}, html("span", { class: "st-badge st-run-badge", "data-status": run.status }, STATUS_WORDS[run.status] ?? run.status)),
      html("td", { class: "st-col-number" }, ap50),
      html("td", { class: "st-col-number" }, ap),
      html("td", { class: "st-col-number" }, spent),
      html("td", { class: "st-col-number st-col-promised" }, promised),
      html("td", { class: "st-col-begun" }, run.started ? dateWords(run.started) : "–"),
    );
  }
}

/** AP50, AP, time and promise. @param {RunRecord} run @returns {string[]} */
function cellsOf(run) {
  const { metrics } = run;
  const { spent, promised } = timeOf(run);
  // While it runs the card tells the time; a table that changes each second is hard to read.
  const lives = ["running", "stopping", "stalled"].includes(run.status);
  return [numberWords(metrics.AP50 ?? metrics.val_AP50), numberWords(metrics.AP ?? metrics.val_AP), lives ? "…" : spent, promised.replace(" promised", "") || "–"];
}
