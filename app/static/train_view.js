// @ts-check
/**
 * The Train screen: choose a preset, start, and follow the trainings of the open project.
 *
 * Everything shown is read from the server, so a reload or another tab shows the same. The root carries
 * `data-run` (the id of the run shown) and `data-status` (its status).
 */

import { api, messageOf } from "./api.js";
import { wordButton } from "./buttons.js";
import { html, setText } from "./elements.js";
import { emptyState, failureState, noProject } from "./empty_state.js";
import { mountOnce } from "./lifecycle.js";
import { RunCard } from "./run_card.js";
import { isLive, pauseUntilNextLook, RunFeed } from "./run_feed.js";
import { studio } from "./store.js";
import { toast } from "./toast.js";
import { TrainHistory } from "./train_history.js";
import { TrainNews } from "./train_news.js";
import { TrainQueue } from "./train_queue.js";
import { moved, waitingOf } from "./train_settings.js";
import { TrainSetup } from "./train_setup.js";

/** @typedef {import("./records.js").RunRecord} RunRecord */

/** All runs are read at each so many looks at the one shown. */
const LOOKS_UNTIL_LIST = 4;

/**
 * Build the Train screen in an element.
 * @param {HTMLElement} root
 */
export function mount(root) {
  return mountOnce(root, (element, life) => new TrainView(element, life));
}

class TrainView {
  #looks = 0;
  #turn = 0;
  #optionsTurn = 0;
  #loaded = false;
  #resuming = false;
  /** @type {any} the one timer */
  #timer;

  /**
   * @param {HTMLElement} root
   * @param {import("./lifecycle.js").Life} life
   */
  constructor(root, life) {
    this.root = root;
    this.life = life;
    this.feed = new RunFeed();
    this.setup = new TrainSetup({ onTrain: (asked) => this.#start(asked), onOpen: () => this.#readChoices() });
    this.card = new RunCard({
      act: (action, run) => this.#act(action, run),
      resume: (changes) => this.#resume(changes),
      openImage: (imageId) => studio.openImage(imageId),
      label: () => studio.navigate("label"),
    });
    this.queue = new TrainQueue({ move: (from, to) => this.#move(from, to), remove: (run) => this.#stop(run, "cancel"), show: (run) => this.#choose(run) });
    this.history = new TrainHistory((run) => this.#choose(run));
    this.news = new TrainNews(life, { shows: ({ id }) => life.visible && this.feed.run?.id === id, show: (run) => this.#reveal(run) });
    this.card.meanwhile.append(this.news.node);
    this.offline = html("p", { class: "st-problem st-offline", role: "status", hidden: true });
    this.noRun = html("div", { class: "st-no-run" });
    this.unfold = wordButton("New training", () => this.#unfold(this.unfold.getAttribute("aria-expanded") !== "true"), { symbol: "add" });
    this.unfold.classList.add("st-wide", "st-unfold");
    this.body = html(
      "div",
      { class: "st-train-body", hidden: true },
      this.unfold,
      this.setup.form,
      html("div", { class: "st-run-place" }, this.offline, this.noRun, this.card.node, this.queue.node, this.history.node),
    );
    this.message = html("div", { class: "st-message" });
    root.append(this.body, this.message);
    root.classList.add("st-train");
    this.setup.open(studio.project);
    this.#unfold(false);
    life.listen(studio, "project", () => this.#forget());
    life.listen(studio, "changed", ({ detail }) => detail.by !== this && life.visible && this.#readOptions().catch(() => {}));
    life.listen(studio, "model", ({ detail }) => detail.screen === "train" && this.#trainOn());
    // Another tab, or a command, may have started or changed a run.
    life.listen(window, "focus", () => this.#look(true));
    life.listen(document, "visibilitychange", () => this.#look(true));
    life.onShow(() => this.#load());
    life.onHide(() => this.#wait());
    // A training that runs is to be told of even by a page that never showed this screen.
    if (!life.visible) this.#look(true);
  }

  /** Another project: nothing shown is true any more. */
  #forget() {
    clearTimeout(this.#timer);
    this.#turn += 1;
    this.#loaded = false;
    this.feed.forget();
    this.history.forget();
    this.setup.open(studio.project);
    this.#unfold(false);
    this.#draw();
    if (this.life.visible) this.#load();
    else this.#look(true);
  }

  async #load() {
    clearTimeout(this.#timer);
    if (studio.project === null) return this.#say(noProject());
    const turn = ++this.#turn;
    try {
      await Promise.all([this.#readOptions(), this.#read(true)]);
      if (turn !== this.#turn) return;
      this.#loaded = true;
      this.#trainOn();
      this.message.replaceChildren();
      this.offline.hidden = true;
      this.body.hidden = false;
      this.#draw();
      this.#wait();
    } catch (error) {
      if (turn === this.#turn) this.#say(failureState(messageOf(error), () => this.#load()));
    }
  }

  /** @param {HTMLElement} message instead of everything else */
  #say(message) {
    this.#loaded = false;
    this.body.hidden = true;
    this.message.replaceChildren(message);
  }

  /** Somebody wants to train on from a model: its project is open by now. */
  #trainOn() {
    const model = studio.takeModel("train");
    if (model === null) return;
    this.setup.startFrom(model);
    this.#unfold(true);
  }

  /** On a narrow screen the form is folded away as soon as there is a run to look at. @param {boolean} open */
  #unfold(open) {
    this.unfold.setAttribute("aria-expanded", String(open));
    if (!open && this.setup.form.contains(document.activeElement) && this.setup.form.getClientRects().length === 0) this.unfold.focus();
    if (!open) this.unfold.scrollIntoView({ block: "nearest" }); // what was below the form has come up
  }

  /** What can be trained, and what a run needs. */
  async #readOptions() {
    const project = studio.project;
    if (project === null) return;
    const turn = (this.#optionsTurn += 1);
    const options = await api("GET", `training/options?project=${project}`);
    const empty = !options.ready && (await api("GET", `projects/${project}`)).images === 0;
    if (project !== studio.project || turn !== this.#optionsTurn) return;
    this.setup.show(options);
    this.#drawNothing(options, empty);
    this.setup.preflight.soon();
    if (this.setup.options.node.open) this.#readChoices();
  }

  /** Models and devices to choose from; asked for only while they are seen. */
  async #readChoices() {
    const project = studio.project;
    try {
      const [models, found] = await Promise.all([api("GET", `models?project_id=${project}`), api("GET", "devices")]);
      if (project !== studio.project) return;
      this.setup.options.offerModels(models);
      this.setup.options.offerDevices(found);
    } catch (error) {
      toast(messageOf(error), { kind: "error" });
    }
  }

  /** Look after a pause, if there is anything to look for. */
  #wait() {
    clearTimeout(this.#timer);
    const pause = pauseUntilNextLook({ seen: this.life.seen, live: this.feed.live, measuring: this.setup.preflight.measuring });
    if (pause !== null && this.life.alive) this.#timer = setTimeout(() => this.#look(), pause);
  }

  /** @param {boolean} [all] the list too */
  async #look(all = false) {
    if (studio.project === null || (this.life.visible && !this.#loaded)) return;
    clearTimeout(this.#timer);
    const turn = ++this.#turn;
    this.#looks += 1;
    try {
      const list = all || !this.life.seen || !this.feed.live || this.#looks % LOOKS_UNTIL_LIST === 0;
      await this.#read(list);
      this.offline.hidden = true;
    } catch (error) {
      if (turn !== this.#turn) return;
      setText(this.offline, `${messageOf(error)} Trying again…`);
      this.offline.hidden = false;
    }
    if (turn !== this.#turn) return;
    if (this.life.seen && this.setup.preflight.measuring) this.setup.preflight.look();
    this.#draw();
    this.#wait();
  }

  /** @param {boolean} list */
  async #read(list) {
    const project = /** @type {number} */ (studio.project);
    const ended = list ? await this.feed.readRuns(project) : [];
    if (ended === null || !this.life.seen) return this.#tell(ended ?? []);
    const changed = await this.feed.readShown();
    this.#tell(ended);
    if (changed) this.#tell((await this.feed.readRuns(project)) ?? []);
  }

  /** @param {RunRecord[]} ended */
  #tell(ended) {
    for (const run of ended) this.news.ended(run);
    if (ended.some(({ status }) => status === "done")) studio.changed("models", this);
    // How long a run takes is known better when one has ended.
    if (ended.length > 0 && this.life.seen) this.#readOptions().catch(() => {});
  }

  #draw() {
    const { run, runs, points } = this.feed;
    const queue = waitingOf(runs);
    const training = runs.find((each) => isLive(each) && each.status !== "queued") ?? null;
    this.news.progress(training ?? (run?.status === "queued" ? run : null));
    if (run) Object.assign(this.root.dataset, { run: run.id, status: run.status });
    else for (const name of ["run", "status"]) delete this.root.dataset[name];
    if (!this.life.seen) return;
    this.noRun.hidden = run !== null;
    this.unfold.hidden = run === null;
    this.card.show(run, points);
    this.queue.show(queue, training !== null);
    this.history.show(runs, run);
    this.setup.showQueue(queue, training !== null);
  }

  /** What stands where a run would. @param {import("./records.js").TrainingOptionsRecord} options @param {boolean} empty whether there is no image */
  #drawNothing({ ready, sentence }, empty) {
    const words = ready
      ? { symbol: "chart", title: "No training yet", text: "Curves, photographs with what the detector sees, and the finished detector appear here. Training goes on when you close this page." }
      : { symbol: "tag", title: sentence, text: "A detector learns from boxes on your photographs. Each labelled image makes it better." };
    const way = (/** @type {string} */ label, /** @type {"label" | "images"} */ screen, /** @type {boolean} */ primary) => wordButton(label, () => studio.navigate(screen), { primary });
    const ways = ready ? [] : empty ? [way("Add photographs", "images", true)] : [way("Go to Label", "label", true), way("Go to Images", "images", false)];
    this.noRun.replaceChildren(emptyState(words, ...ways));
  }

  /** @param {RunRecord} run */
  #choose(run) {
    this.feed.choose(run.id);
    this.#draw();
    this.card.node.scrollIntoView({ block: "nearest", behavior: "smooth" });
    this.#look();
  }

  /** Show a run that a message told of, from wherever. @param {RunRecord} run */
  #reveal(run) {
    if (run.project_id !== undefined) studio.setProject(run.project_id);
    studio.navigate("train");
    this.#choose(run);
  }

  /** @param {import("./train_settings.js").Asked} asked */
  async #start(asked) {
    this.setup.setStarting(true);
    this.feed.choose(null);
    let begun = false;
    await this.#ask(async () => {
      const run = await api("POST", `projects/${studio.project}/runs`, asked);
      begun = true;
      return run;
    });
    if (begun) this.#unfold(false); // once the run is drawn: before there is one, nothing is folded
    this.setup.setStarting(false);
  }

  /** @param {import("./run_actions.js").RunAction} action @param {RunRecord} run */
  async #act(action, run) {
    if (action === "live" || action === "evaluate") return run.model_id ? studio.openModel(run.model_id, action) : studio.navigate(action);
    if (action === "resume") return this.#resume({}, run);
    this.feed.choose(run.id); // what becomes of it is of more interest than the next of the queue
    await this.#stop(run, action);
  }

  /** @param {Record<string, unknown>} changes @param {RunRecord | null} [run] */
  async #resume(changes, run = this.feed.run) {
    if (!run || this.#resuming) return; // a second press would be told that the run has not ended
    this.#resuming = true;
    this.feed.choose(run.id);
    await this.#ask(() => api("POST", `runs/${encodeURIComponent(run.id)}/resume`, { changes }));
    this.#resuming = false;
  }

  /** @param {RunRecord} run @param {"pause" | "finish" | "cancel"} how */
  async #stop(run, how) {
    await this.#ask(() => api("POST", `runs/${encodeURIComponent(run.id)}/stop`, { how }));
  }

  /** Change the order of those that wait. @param {number} from @param {number} to */
  async #move(from, to) {
    const patches = moved(waitingOf(this.feed.runs), from, to);
    await this.#ask(async () => {
      for (const { id, priority } of patches) await api("PATCH", `runs/${encodeURIComponent(id)}`, { priority });
      return null;
    });
  }

  /** @param {() => Promise<RunRecord | null>} request that may answer with a run */
  async #ask(request) {
    const project = studio.project;
    try {
      const run = await request();
      if (project !== studio.project) return;
      if (run) this.feed.take(run);
      this.#draw();
    } catch (error) {
      toast(messageOf(error), { kind: "error" });
    }
    await this.#look(true);
  }
}
