// @ts-check
/**
 * The Review screen: where a model and the labels disagree, worst first, each decided with one key.
 *
 * The root carries `data-ready="true"` once findings, or a message instead of them, are shown.
 */

import { api, ApiError, messageOf } from "./api.js";
import { grouped } from "./count_words.js";
import { html, setText } from "./elements.js";
import { failureState, noProject } from "./empty_state.js";
import { mountOnce } from "./lifecycle.js";
import { randomId } from "./random_id.js";
import { ReviewBar } from "./review_bar.js";
import { reviewKeys } from "./review_keys.js";
import { nothingToDecide } from "./review_nothing.js";
import { asMany, PAGE, ReviewQueue } from "./review_queue.js";
import { findingRow, ReviewStage } from "./review_stage.js";
import { KINDS, leftWords, mendWords } from "./review_words.js";
import { walkSegments } from "./segments.js";
import { studio } from "./store.js";
import { toast } from "./toast.js";

/** @typedef {import("./review_words.js").FindingRecord} FindingRecord */
/** @typedef {import("./review_words.js").FindingKind} FindingKind */
/** @typedef {import("./review_words.js").ReviewRecord} ReviewRecord */
/** @typedef {import("./records.js").ModelRecord} ModelRecord */

const MILLISECONDS_BETWEEN_LOOKS = 700;

/**
 * Build the Review screen in an element.
 * @param {HTMLElement} root
 */
export function mount(root) {
  return mountOnce(root, (element, life) => new ReviewView(element, life));
}

class ReviewView {
  #queue = new ReviewQueue();
  /** @type {WeakMap<FindingRecord, HTMLElement>} */
  #rows = new WeakMap();
  #turn = 0;
  /** @type {number | null} the project that is shown */
  #project = null;
  #stale = true;
  #busy = false;
  /** changes with each decision's begin and end */
  #decisions = 0;
  #dismissLast = () => {};
  /** @type {(() => Promise<void>) | null} takes the last decision back */
  #takeBack = null;
  /** @type {FindingKind | ""} */
  #kind = "";
  /** @type {Map<number, string>} */
  #names = new Map();
  /** @type {ModelRecord[]} */
  #models = [];
  /** @type {ReviewRecord | null} */
  #review = null;

  /**
   * @param {HTMLElement} root
   * @param {import("./lifecycle.js").Life} life
   */
  constructor(root, life) {
    this.root = root;
    this.life = life;
    root.classList.add("st-review");
    this.bar = new ReviewBar({ look: () => void this.#look(), stop: () => void this.#stop() });
    this.tabs = html("div", { class: "st-segments", role: "tablist", "aria-label": "Kinds of findings", onkeydown: walkSegments });
    this.tabs.append(...[/** @type {const} */ (["", "All"]), ...Object.entries(KINDS).map(([kind, { title }]) => /** @type {const} */ ([kind, title]))].map(([kind, title]) => this.#tab(kind, title)));
    this.stage = new ReviewStage({ mend: () => this.#mend(), dismiss: () => this.#dismiss(), open: () => this.#open() });
    this.list = html("ul", { class: "st-review-list", role: "listbox", tabindex: 0, "aria-label": "Findings, the worst first" });
    this.body = html("div", { class: "st-review-body", hidden: true }, this.stage.node, this.list);
    this.message = html("div", { class: "st-message" });
    root.append(...this.bar.nodes, this.tabs, this.message, this.body);
    this.tabs.hidden = true;
    this.#listen();
  }

  #listen() {
    const { life } = this;
    life.listen(studio, "project", () => this.#becomeStale());
    life.listen(studio, "changed", ({ detail }) => detail.by !== this && this.#becomeStale());
    life.listen(window, "focus", () => this.#becomeStale());
    life.onShow(() => this.#stale && this.#load());
    life.onHide(() => {
      this.#turn += 1; // nobody looks: the work goes on without being asked about
      this.#stale = true;
    });
    const deeds = { mend: () => this.#mend(), dismiss: () => this.#dismiss(), open: () => this.#open() };
    reviewKeys(life, { ...deeds, undo: () => this.#review && this.#takeBack?.(), step: (by) => this.#step(by) });
  }

  /** @param {string} kind @param {string} title */
  #tab(kind, title) {
    return html("button", { type: "button", role: "tab", "data-kind": kind, onclick: () => this.#filter(/** @type {FindingKind | ""} */ (kind)) }, title, html("span", { class: "st-count" }));
  }

  #becomeStale() {
    this.#stale = true;
    // While a decision is on its way, a list could be from before it.
    if (this.life.visible && !this.#busy) this.#load();
  }

  async #load() {
    const project = studio.project;
    const turn = ++this.#turn;
    const decisions = this.#decisions;
    if (project !== this.#project) {
      this.#dismissLast();
      this.#takeBack = null;
      this.#kind = "";
      this.#queue.replace([], null);
    }
    this.#project = project;
    this.#stale = false;
    if (project === null) return this.#say(noProject());
    try {
      const [models, review] = await Promise.all([api("GET", `models?project_id=${project}`), asMany((after, limit) => this.#ask(project, after, limit), this.#queue.findings.length)]);
      if (turn !== this.#turn) return;
      // A list that was read before a decision would ask for it again.
      if (this.#busy || decisions !== this.#decisions) return this.#becomeStale();
      this.#models = models;
      this.bar.offer(models);
      this.#show(review);
      if (review.state === "running") this.#follow(turn, project);
    } catch (error) {
      if (turn === this.#turn) this.#say(failureState(messageOf(error), () => this.#load()));
    }
  }

  /** @param {number} project @param {number | null} after @param {number} [limit] @returns {Promise<ReviewRecord>} */
  #ask(project, after, limit = PAGE) {
    const wanted = new URLSearchParams(this.#kind === "" ? {} : { kind: this.#kind });
    if (limit > PAGE) wanted.set("limit", String(limit));
    if (after !== null) wanted.set("after", String(after));
    return api("GET", `projects/${project}/review?${wanted}`);
  }

  /** Ask how far the look is until it has ended. @param {number} turn @param {number} project */
  async #follow(turn, project) {
    while (turn === this.#turn) {
      await new Promise((resolve) => setTimeout(resolve, MILLISECONDS_BETWEEN_LOOKS));
      if (turn !== this.#turn) return;
      if (document.hidden) continue; // nobody looks at the page
      try {
        const review = await api("GET", `projects/${project}/review?limit=0`);
        if (turn !== this.#turn) return;
        if (review.state !== "running") return void this.#load();
        this.bar.showWorking(review);
      } catch {
        this.bar.showSilence();
      }
    }
  }

  async #look() {
    const project = studio.project;
    if (project === null) return;
    try {
      await api("POST", `projects/${project}/review`, { model: this.bar.model.value || null });
    } catch (error) {
      toast(messageOf(error), { kind: "error" });
    }
    this.#load();
  }

  async #stop() {
    try {
      await api("DELETE", `projects/${studio.project}/review`);
    } catch (error) {
      toast(messageOf(error), { kind: "error" });
    }
  }

  /** @param {ReviewRecord} review */
  #show(review) {
    this.#review = review;
    this.#names = new Map(review.classes.map(({ id, name }) => [id, name]));
    this.#queue.replace(review.findings, review.next_after);
    this.bar.showWorking(review);
    this.#draw();
  }

  /** Show the queue as it is. */
  #draw() {
    const review = this.#review;
    if (!review) return;
    const { findings, current } = this.#queue;
    const open = this.#openOf("");
    const running = review.state === "running";
    this.bar.show(review, open > 0);
    this.tabs.hidden = open === 0;
    for (const tab of /** @type {NodeListOf<HTMLElement>} */ (this.tabs.querySelectorAll("[role=tab]"))) this.#drawTab(tab);
    this.body.hidden = findings.length === 0;
    this.message.replaceChildren(...(findings.length === 0 && !running ? [nothingToDecide(review, { models: this.#models.length, open, look: () => void this.#look(), showAll: () => this.#filter("") })] : []));
    const { scrollTop } = this.list;
    this.list.replaceChildren(...findings.map((finding) => this.#rowOf(finding)));
    this.list.scrollTop = scrollTop;
    if (current) this.#drawCurrent();
    this.root.dataset.ready = "true";
  }

  /** The row of a finding: made once, so that pictures stay. @param {FindingRecord} finding */
  #rowOf(finding) {
    const known = this.#rows.get(finding);
    if (known) return known;
    const onChoose = () => this.#queue.choose(this.#queue.findings.indexOf(finding)) && this.#drawCurrent();
    const row = findingRow(finding, { nameOf: this.#nameOf, onChoose });
    this.#rows.set(finding, row);
    return row;
  }

  /** Findings that wait. @param {FindingKind | ""} kind "" for all */
  #openOf(kind) {
    const { counts } = this.#review ?? {};
    if (!counts) return 0;
    return kind === "" ? Object.values(counts).reduce((sum, number) => sum + number, 0) : (counts[kind] ?? 0);
  }

  /** @param {HTMLElement} tab */
  #drawTab(tab) {
    const kind = /** @type {FindingKind | ""} */ (tab.dataset.kind);
    const chosen = kind === this.#kind;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
    setText(/** @type {Element} */ (tab.lastChild), grouped(this.#openOf(kind)));
  }

  #drawCurrent() {
    const { current, at, findings } = this.#queue;
    if (!current) return;
    const total = this.#openOf(this.#kind);
    this.stage.show(current, { nameOf: this.#nameOf, place: `${grouped(at + 1)} of ${grouped(Math.max(total, findings.length))}` });
    for (const row of this.list.children) row.setAttribute("aria-selected", String(row === this.list.children[at]));
    const row = /** @type {HTMLElement} */ (this.list.children[at]);
    this.list.setAttribute("aria-activedescendant", row.id);
    // Not scrollIntoView, which would move the page as well.
    if (row.offsetTop < this.list.scrollTop) this.list.scrollTop = row.offsetTop;
    else if (row.offsetTop + row.offsetHeight > this.list.scrollTop + this.list.clientHeight) this.list.scrollTop = row.offsetTop + row.offsetHeight - this.list.clientHeight;
    if (this.#queue.runsOut) this.#more();
  }

  #nameOf = (/** @type {number} */ id) => this.#names.get(id) ?? "?";

  async #more() {
    const { nextAfter } = this.#queue;
    const turn = this.#turn;
    if (nextAfter === null || studio.project === null) return;
    this.#queue.nextAfter = null;
    try {
      const review = await this.#ask(studio.project, nextAfter);
      if (turn !== this.#turn) return;
      this.#queue.extend(review.findings, review.next_after);
      this.#draw();
    } catch {
      this.#queue.nextAfter = nextAfter; // the next step asks again
    }
  }

  /** @param {FindingKind | ""} kind */
  #filter(kind) {
    this.#kind = kind;
    this.#queue.replace([], null);
    this.#load();
  }

  /** @param {number} by */
  #step(by) {
    if (this.#queue.step(by)) this.#drawCurrent();
  }

  #open() {
    const { current } = this.#queue;
    if (current) studio.openImage(current.image.id);
  }

  async #mend() {
    const finding = this.#queue.current;
    if (!finding) return;
    const { image } = finding;
    await this.#decide(finding, async () => {
      const answer = await api("POST", `findings/${finding.id}/draw`, { revision: image.revision, operation_id: randomId() });
      this.#queue.redraw(image.id, answer.revision, answer.boxes);
      studio.changed("boxes", this);
      const undo = async () => {
        if (answer.revision !== image.revision) {
          const back = { earlier: image.revision, revision: answer.revision, operation_id: randomId() };
          const { revision } = await api("POST", `images/${image.id}/restore`, back);
          this.#queue.redraw(image.id, revision, finding.boxes);
          Object.assign(image, { revision });
        }
        await api("POST", `findings/${finding.id}`, { state: "open" });
        studio.changed("boxes", this);
      };
      const words = mendWords(finding.kind, this.#nameOf(finding.class_id)).done + leftWords(answer.boxes);
      return { words, count: /** @type {const} */ ("fixed"), undo };
    });
  }

  async #dismiss() {
    const finding = this.#queue.current;
    if (!finding) return;
    await this.#decide(finding, async () => {
      await api("POST", `findings/${finding.id}`, { state: "dismissed" });
      const undo = () => api("POST", `findings/${finding.id}`, { state: "open" });
      return { words: "Left as it is. It will not be asked again.", count: /** @type {const} */ ("dismissed"), undo };
    });
  }

  /**
   * Carry a decision out, go on to the next finding, and offer to take it back.
   * @param {FindingRecord} finding
   * @param {() => Promise<{words: string, count: "fixed" | "dismissed", undo: () => Promise<unknown>}>} act
   */
  async #decide(finding, act) {
    if (this.#busy) return;
    this.#beBusy(true);
    try {
      const { words, count, undo } = await act();
      const place = this.#queue.remove(finding.id);
      this.#count(finding.kind, count, 1);
      this.#draw();
      const takeBack = async () => {
        if (this.#busy) return;
        this.#beBusy(true);
        this.#takeBack = null;
        dismiss();
        try {
          await undo();
          this.#queue.putBack(finding, place);
          this.#count(finding.kind, count, -1);
          this.#draw();
        } catch (error) {
          this.#failed(error);
        } finally {
          this.#beBusy(false);
        }
      };
      // One message at a time: several would lie over what is to be decided next.
      this.#dismissLast();
      const dismiss = (this.#dismissLast = toast(words, { action: { label: "Undo (U)", run: takeBack } }));
      this.#takeBack = takeBack;
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#beBusy(false);
    }
  }

  /** Begin or end a decision. @param {boolean} busy */
  #beBusy(busy) {
    this.#busy = this.stage.busy = busy;
    this.#decisions += 1;
    if (!busy && this.#stale) this.#becomeStale();
  }

  /** @param {FindingKind} kind @param {"fixed" | "dismissed"} decided @param {number} by */
  #count(kind, decided, by) {
    if (!this.#review) return;
    this.#review.counts[kind] -= by;
    this.#review[decided] += by;
  }

  /** @param {unknown} error */
  #failed(error) {
    const gone = error instanceof ApiError && (error.status === 409 || error.status === 404);
    toast(gone && error.status === 409 ? "The image was changed meanwhile. Look at it again." : messageOf(error), { kind: "error" });
    if (gone) this.#load();
  }

  /** @param {HTMLElement} message instead of everything else */
  #say(message) {
    this.#review = null;
    this.#takeBack = null;
    this.#queue.replace([], null);
    this.bar.hide();
    this.tabs.hidden = this.body.hidden = true;
    this.message.replaceChildren(message);
    this.root.dataset.ready = "true";
  }
}
