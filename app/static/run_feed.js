// @ts-check
/** A project's runs and the one that is shown, read from the server again and again; of its values only the new ones. */

import { api } from "./api.js";
import { waitingOf } from "./train_settings.js";

/** @typedef {import("./records.js").RunRecord} RunRecord */
/** @typedef {import("./records.js").PointRecord} PointRecord */

/** Runs of the history. */
export const MOST_RUNS = 50;
const LIVE = ["queued", "running", "stopping", "stalled"];

/** Milliseconds between two looks. */
const OFTEN = 1500;
const SOMETIMES = 2500;
const SELDOM = 6000;

/**
 * Whether a run may still change by itself.
 * @param {{status: string}} run
 */
export function isLive({ status }) {
  return LIVE.includes(status);
}

/**
 * The run to show: the one chosen, else the one that trains, else the next to, else the one that ended last.
 * @param {readonly RunRecord[]} runs newest first
 * @param {string | null} [chosen]
 * @returns {RunRecord | null}
 */
export function focusOf(runs, chosen = null) {
  const picked = runs.find(({ id }) => id === chosen);
  const busy = runs.find((run) => isLive(run) && run.status !== "queued");
  // The newest may have been taken out of the queue long before the one that was to be seen was done.
  return picked ?? busy ?? waitingOf(runs)[0] ?? [...runs].sort((a, b) => endOf(b) - endOf(a))[0] ?? null;
}

/** @param {RunRecord} run @returns {number} Unix milliseconds */
function endOf({ finished, created }) {
  return Date.parse(finished ?? created);
}

/**
 * Runs that ended between two looks.
 * @param {ReadonlyMap<string, string>} before statuses by id
 * @param {readonly RunRecord[]} now
 * @returns {RunRecord[]}
 */
export function endings(before, now) {
  return now.filter((run) => !isLive(run) && isLive({ status: before.get(run.id) ?? "done" }));
}

/**
 * How long to wait until the next look; null for no more looks. While nobody looks, only the end of a run is of interest.
 * @param {{seen: boolean, live: boolean, measuring: boolean}} state
 * @returns {number | null}
 */
export function pauseUntilNextLook({ seen, live, measuring }) {
  if (!seen) return live ? SELDOM : null;
  return live ? OFTEN : measuring ? SOMETIMES : SELDOM;
}

export class RunFeed {
  /** @type {RunRecord[]} newest first */
  runs = [];
  /** @type {RunRecord | null} the one shown */
  run = null;
  /** @type {Map<string, PointRecord>} by name and step */
  #points = new Map();
  #era = "";
  #turn = 0;
  /** @type {string | null} */
  #chosen = null;

  /** @param {typeof api} [ask] */
  constructor(ask = api) {
    this.ask = ask;
  }

  /** @returns {PointRecord[]} of the run shown */
  get points() {
    return [...this.#points.values()];
  }

  /** Whether any run may still change by itself. */
  get live() {
    return this.runs.some(isLive);
  }

  /** Start anew, as for another project. Answers on their way are dropped. */
  forget() {
    this.#turn += 1;
    this.runs = [];
    this.#show(null);
    this.#chosen = null;
  }

  /**
   * Show a run of the history; null for the one that matters most.
   * @param {string | null} id
   */
  choose(id) {
    this.#chosen = id;
    this.#show(focusOf(this.runs, id));
  }

  /**
   * Take a run as an answer gave it.
   * @param {RunRecord} run
   */
  take(run) {
    this.#turn += 1;
    this.runs = this.runs.some(({ id }) => id === run.id) ? this.runs.map((known) => (known.id === run.id ? run : known)) : [run, ...this.runs];
    this.choose(this.#chosen);
  }

  /**
   * Read all runs of a project.
   * @param {number} project
   * @returns {Promise<RunRecord[] | null>} those that ended since the last time; null if the answer came too late
   */
  async readRuns(project) {
    const turn = this.#turn;
    /** @type {RunRecord[]} */
    const runs = await this.ask("GET", `projects/${project}/runs?limit=${MOST_RUNS}`);
    if (turn !== this.#turn) return null;
    const before = new Map(this.runs.map(({ id, status }) => [id, status]));
    this.runs = runs;
    this.#show(focusOf(runs, this.#chosen));
    return endings(before, runs);
  }

  /**
   * Read the run shown, with the values that came since the last time.
   * @returns {Promise<boolean>} whether its status changed
   */
  async readShown() {
    const shown = this.run;
    if (shown === null) return false;
    const turn = this.#turn;
    const answer = await this.ask("GET", `runs/${encodeURIComponent(shown.id)}?after_step=${this.#fetchedUntil}`);
    if (turn !== this.#turn || this.run?.id !== shown.id) return false;
    const whole = this.#era === eraOf(answer.run);
    this.#show(answer.run);
    // A run that was taken up again may have gone back some steps: what it will never reach again is no news.
    if (whole) for (const point of answer.points) this.#points.set(`${point.name} ${point.step}`, point);
    // The list tells of endings; until then it keeps the status it knew.
    return answer.run.status !== this.runs.find(({ id }) => id === shown.id)?.status;
  }

  /** One step before the last known one, since a validation is reported after the loss of its step. */
  get #fetchedUntil() {
    let last = 0;
    for (const { step } of this.#points.values()) last = Math.max(last, step);
    return last - 1;
  }

  /** @param {RunRecord | null} run */
  #show(run) {
    const era = run === null ? "" : eraOf(run);
    if (era !== this.#era) this.#points.clear();
    this.#era = era;
    this.run = run;
  }
}

/** Changes when a run's values so far may not hold any more. @param {RunRecord} run */
function eraOf({ id, attempts, params }) {
  return `${id} ${attempts ?? 0} ${params?.revision ?? 0}`;
}
