// @ts-check
/** What a training needs and whether it is there, with a button that does the remedy. */

import { api, ApiError, messageOf } from "./api.js";
import { wordButton } from "./buttons.js";
import { counted, grouped } from "./count_words.js";
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

/** Checks that need a person and are seen at once: each of many classes may have one. */
const MOST_OPEN = 4;

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

/**
 * Settings that the server takes for nonsense, as a check; a model that is gone meanwhile has a way on.
 * @param {Pick<ApiError, "status" | "message">} error
 * @param {import("./train_settings.js").Asked} asked
 * @returns {CheckRecord}
 */
export function refused({ status, message }, { start }) {
  const action = status === 404 && start !== undefined ? { kind: "set", label: "Start from ImageNet", value: { start: null } } : null;
  return { name: "settings", state: "stop", sentence: message, remedy: "", action };
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
      this.answer = { ok: false, promise: { seconds: 0, measured: false }, checks: [refused(error, this.asked())] };
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
    const { open, fine } = sorted(checks);
    const [first, rest] = [open.slice(0, MOST_OPEN), open.slice(MOST_OPEN)];
    const parts = [
      ...(first.length > 0 ? [list(first.map((check) => this.#item(check)))] : []),
      ...this.#fold(rest, "st-rest", `${grouped(rest.length)} more to look at`),
      ...this.#fold(fine, "st-fine", `${counted(fine.length, "check")} ${fine.length === 1 ? "is" : "are"} fine`),
    ];
    const held = this.node.contains(document.activeElement) ? placeOf(/** @type {Element} */ (document.activeElement)) : null;
    this.node.replaceChildren(...parts);
    if (held === null) return;
    // Never at another check's button: who presses it again would do something else.
    const again = /** @type {HTMLElement | null} */ (this.node.querySelector(held) ?? this.node.querySelector("summary"));
    (again ?? this.node).focus({ preventScroll: true });
  }

  /** A folded list, open if it was; none of no checks. @param {CheckRecord[]} checks @param {string} look @param {string} words */
  #fold(checks, look, words) {
    if (checks.length === 0) return [];
    const open = /** @type {HTMLDetailsElement | null} */ (this.node.querySelector(`.${look}`))?.open ?? false;
    return [html("details", { class: `st-fold ${look}`, open }, html("summary", {}, words), list(checks.map((check) => this.#item(check))))];
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

/** Where a button or a fold is found again after another drawing, as a selector. @param {Element} control */
function placeOf(control) {
  const item = /** @type {HTMLElement | null} */ (control.closest("[data-check]"));
  if (item) return `[data-check="${CSS.escape(item.dataset.check ?? "")}"] button`;
  return control.closest(".st-rest") ? ".st-rest > summary" : ".st-fine > summary";
}

/** @param {HTMLElement[]} items */
function list(items) {
  return html("ul", { class: "st-needs" }, ...items);
}
