// @ts-check
/**
 * The Train screen: choose a preset, start, and follow the project's latest run.
 *
 * Everything shown is read from the server, so a reload or another tab shows the same. The root carries
 * `data-run` (the id of the run shown) and `data-status` (its status).
 */

import { api, messageOf } from "./api.js";
import { html, setText } from "./elements.js";
import { failureState, noProject } from "./empty_state.js";
import { mountOnce } from "./lifecycle.js";
import { isLive, RunCard } from "./run_card.js";
import { studio } from "./store.js";
import { toast } from "./toast.js";
import { TrainSetup } from "./train_setup.js";

/** @typedef {import("./records.js").RunRecord} RunRecord */
/** @typedef {import("./records.js").TrainingOptionsRecord} TrainingOptionsRecord */

/** Milliseconds between two looks at a run. */
const POLL = 1500;

/**
 * Build the Train screen in an element.
 * @param {HTMLElement} root
 */
export function mount(root) {
  return mountOnce(root, (element, life) => new TrainView(element, life));
}

class TrainView {
  /** @type {RunRecord | null} */
  #run = null;
  #turn = 0;
  /** @type {any} */
  #timer;

  /**
   * @param {HTMLElement} root
   * @param {import("./lifecycle.js").Life} life
   */
  constructor(root, life) {
    this.root = root;
    this.life = life;
    this.setup = new TrainSetup((asked) => this.#start(asked));
    this.card = new RunCard((action) => this.#act(action));
    this.noRun = html("div", { class: "st-no-run" }, html("p", { class: "st-note" }, "Progress, curves and the finished detector appear here. Training goes on when you close this page."));
    this.body = html("div", { class: "st-train-body", hidden: true }, this.setup.form, html("div", { class: "st-run-place" }, this.noRun, this.card.node));
    this.message = html("div", { class: "st-message" });
    root.append(this.body, this.message);
    root.classList.add("st-train");
    life.listen(studio, "project", () => this.#forget());
    life.listen(studio, "changed", ({ detail }) => detail.by !== this && life.visible && this.#loadOptions());
    life.onShow(() => this.#load());
    life.onHide(() => clearTimeout(this.#timer));
  }

  /** Another project: nothing shown is true any more. */
  #forget() {
    clearTimeout(this.#timer);
    this.#turn += 1;
    this.#run = null;
    delete this.root.dataset.run;
    delete this.root.dataset.status;
    if (this.life.visible) this.#load();
  }

  async #load() {
    if (studio.project === null) return this.#say(noProject());
    try {
      await Promise.all([this.#readOptions(), this.#readLatestRun()]);
      this.message.replaceChildren();
      this.body.hidden = false;
    } catch (error) {
      this.#say(failureState(messageOf(error), () => this.#load()));
    }
  }

  /** @param {HTMLElement} message */
  #say(message) {
    this.body.hidden = true;
    this.message.replaceChildren(message);
  }

  async #loadOptions() {
    await this.#readOptions().catch(() => {}); // the run's polling tells of a lost server
  }

  async #readOptions() {
    const project = studio.project;
    /** @type {TrainingOptionsRecord} */
    const options = await api("GET", `training/options?project=${project}`);
    if (project !== studio.project) return;
    this.setup.show(options);
  }

  async #readLatestRun() {
    const project = studio.project;
    const turn = ++this.#turn;
    const runs = await api("GET", `projects/${project}/runs`);
    if (turn !== this.#turn) return;
    if (runs.length === 0) return this.#showRun(null, []);
    await this.#follow(runs[0].id);
  }

  /** Read a run now and again as long as it lives and is seen. @param {string} runId */
  async #follow(runId) {
    clearTimeout(this.#timer);
    const turn = ++this.#turn;
    const after = this.#run?.id === runId ? this.card.fetchedUntil : -1;
    try {
      const { run, points } = await api("GET", `runs/${encodeURIComponent(runId)}?after_step=${after}`);
      if (turn !== this.#turn) return;
      this.#showRun(run, points);
      if (!isLive(run)) return;
    } catch (error) {
      if (turn !== this.#turn) return;
      if (this.#run === null) throw error;
      setText(this.card.words, `${messageOf(error)} Trying again…`);
    }
    if (this.life.visible) this.#timer = setTimeout(() => this.#follow(runId), POLL);
  }

  /** @param {RunRecord | null} run @param {import("./records.js").PointRecord[]} points */
  #showRun(run, points) {
    const before = this.#run;
    this.#run = run;
    this.noRun.hidden = run !== null;
    this.card.node.hidden = run === null;
    if (run) {
      this.card.show(run, points);
      this.root.dataset.run = run.id;
      this.root.dataset.status = run.status;
    }
    if (run?.status === "done" && before?.id === run.id && before.status !== "done") studio.changed("models", this);
    this.setup.setBusy(run !== null && isLive(run));
  }

  /** @param {import("./train_setup.js").Asked} asked */
  async #start(asked) {
    this.setup.setBusy(true);
    const started = await this.#ask(() => api("POST", `projects/${studio.project}/runs`, asked));
    if (!started) this.setup.setBusy(false);
  }

  /** @param {import("./run_card.js").RunAction} action */
  async #act(action) {
    if (action === "live") return studio.navigate("live");
    if (!this.#run) return;
    const path = `runs/${encodeURIComponent(this.#run.id)}`;
    await this.#ask(() => (action === "resume" ? api("POST", `${path}/resume`) : api("POST", `${path}/stop`, { stop: action })));
  }

  /**
   * @param {() => Promise<RunRecord>} request that answers with a run
   * @returns {Promise<boolean>} whether it was granted
   */
  async #ask(request) {
    try {
      const run = await request();
      this.#showRun(run, []);
      await this.#follow(run.id);
      return true;
    } catch (error) {
      toast(messageOf(error), { kind: "error" });
      return false;
    }
  }
}
