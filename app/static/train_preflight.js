// @ts-check
/** What a training needs and whether it is there, with a button that does the remedy. */

import { api, ApiError, messageOf } from "./api.js";
import { wordButton } from "./buttons.js";
import { counted } from "./count_words.js";
import { html } from "./elements.js";
import { icon } from "./icons.js";
import { setQueue } from "./label_queue.js";
import { studio } from "./store.js";
import { toast } from "./toast.js";

/**
 * @typedef {{kind: string, label: string, value: any}} CheckAction
 * @typedef {{name: string, state: "ok" | "warn" | "stop", sentence: string, remedy: string, action: CheckAction | null}} CheckRecord
 * @typedef {{ok: boolean, promise: import("./train_words.js").Promised, checks: CheckRecord[]}} PreflightRecord
 */

const SYMBOLS = { ok: "check", warn: "warning", stop: "close" };
const SPOKEN = { ok: "Fine", warn: "Attention", stop: "Stops the training" };
const ORDER = { stop: 0, warn: 1, ok: 2 };

/** Milliseconds that settings rest before they are looked at. */
const REST = 250;

/**
 * The checks that need a person, worst first, and those that are fine.
 * @param {readonly CheckRecord[]} checks
 * @returns {{open: CheckRecord[], fine: CheckRecord[]}}
 */
export function sorted(checks) {
  const open = checks.filter(({ state }) => state !== "ok").sort((a, b) => ORDER[a.state] - ORDER[b.state]);
  return { open, fine: checks.filter(({ state }) => state === "ok") };
}

export class TrainPreflight {
  /** @type {PreflightRecord | null} */
  answer = null;
  #turn = 0;
  /** @type {any} */
  #timer;
  #drawn = "";

  /**
   * @param {object} wishes
   * @param {() => import("./train_settings.js").Asked} wishes.asked
   * @param {() => void} wishes.onAnswer
   * @param {(fix: Record<string, unknown>) => void} wishes.onFix
   */
  constructor({ asked, onAnswer, onFix }) {
    this.asked = asked;
    this.onAnswer = onAnswer;
    this.onFix = onFix;
    this.node = html("section", { class: "st-preflight", "aria-label": "Before the training", hidden: true });
  }

  /** Whether ten steps are being timed, so that asking again is worth it. */
  get measuring() {
    return this.answer?.promise.measuring ?? false;
  }

  /** Look again when the settings have come to rest. */
  soon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.look(), REST);
  }

  forget() {
    clearTimeout(this.#timer);
    this.#turn += 1;
    this.answer = null;
    this.#drawn = "";
    this.node.hidden = true;
  }

  async look() {
    clearTimeout(this.#timer);
    const project = studio.project;
    if (project === null) return;
    const turn = ++this.#turn;
    try {
      /** @type {PreflightRecord} */
      const answer = await api("POST", `projects/${project}/preflight`, this.asked());
      if (turn !== this.#turn) return;
      this.answer = answer;
    } catch (error) {
      if (turn !== this.#turn) return;
      // A server that is away is told of elsewhere; a setting that makes no sense is told here.
      if (!(error instanceof ApiError) || error.status === 0) return;
      this.answer = { ok: false, promise: { seconds: 0, measured: false }, checks: [{ name: "settings", state: "stop", sentence: messageOf(error), remedy: "", action: null }] };
    }
    this.#draw();
    this.onAnswer();
  }

  #draw() {
    const { checks } = /** @type {PreflightRecord} */ (this.answer);
    const state = JSON.stringify(checks);
    if (state === this.#drawn) return; // what is open or has focus stays
    this.#drawn = state;
    this.node.hidden = false;
    const unfolded = this.node.querySelector("details")?.open ?? false;
    const { open, fine } = sorted(checks);
    const words = `${counted(fine.length, "check")} ${fine.length === 1 ? "is" : "are"} fine`;
    this.node.replaceChildren(
      ...(open.length > 0 ? [list(open.map((check) => this.#item(check)))] : []),
      html("details", { class: "st-fold st-fine", open: unfolded }, html("summary", {}, words), list(fine.map((check) => this.#item(check)))),
    );
  }

  /** @param {CheckRecord} check */
  #item({ name, state, sentence, remedy, action }) {
    return html(
      "li",
      { class: "st-need", "data-state": state, "data-check": name },
      icon(SYMBOLS[state]),
      html(
        "div",
        {},
        html("p", { dir: "auto" }, html("span", { class: "st-hidden-words" }, `${SPOKEN[state]}: `), sentence),
        remedy ? html("p", { class: "st-note", dir: "auto" }, remedy) : null,
        action ? wordButton(action.label, () => this.#act(action), { small: true }) : null,
      ),
    );
  }

  /** @param {CheckAction} action */
  async #act({ kind, value }) {
    if (kind === "set") return this.onFix(value);
    if (kind === "split") return this.#split();
    if (typeof value?.image_id === "number") return studio.openImage(value.image_id);
    if (typeof value?.class_id === "number" && studio.project !== null) setQueue(studio.project, { class_id: value.class_id });
    studio.navigate("label");
  }

  async #split() {
    try {
      const { changed } = await api("POST", `projects/${studio.project}/validation-split`);
      toast(`${counted(changed, "image")} freed: each training keeps a part of them aside.`);
      studio.changed("images", this);
      await this.look();
    } catch (error) {
      toast(messageOf(error), { kind: "error" });
    }
  }
}

/** @param {HTMLElement[]} items */
function list(items) {
  return html("ul", { class: "st-needs" }, ...items);
}
