// @ts-check
/** How far a model has looked at the images that wait: what the pages know of it, and what they can ask for. */

import { api, messageOf } from "./api.js";
import { counted, grouped } from "./count_words.js";
import { studio } from "./store.js";
import { toast } from "./toast.js";

/**
 * @typedef {object} LookAhead
 * @property {"idle" | "working" | "done" | "failed"} state
 * @property {number} done unlabelled images that were looked at
 * @property {number} total all unlabelled images
 * @property {{id: string, name: string} | null} model
 * @property {string | null} error
 * @property {boolean} ordered whether images have their place in the useful order
 * @property {boolean} by_itself whether it begins by itself in the project
 * @property {boolean} allowed whether the server allows that
 */

/** Milliseconds between two questions while a model looks, and while it does not. */
export const WHILE_WORKING = 1500;
export const WHILE_RESTING = 15_000;

/**
 * What is said of a look that is under way or failed; "" where nothing needs saying.
 * @param {LookAhead | null} look
 * @returns {string}
 */
export function lookWords(look) {
  if (look === null || look.model === null) return "";
  if (look.state === "working") return `Looking at ${grouped(Math.min(look.done + 1, look.total))} of ${counted(look.total, "image")} with ${look.model.name}`;
  if (look.state === "failed") return `Looking ahead with ${look.model.name} failed. ${look.error ?? ""}`.trim();
  return "";
}

/**
 * Why images cannot be ordered by use yet; "" where they can.
 * @param {LookAhead | null} look
 * @returns {string}
 */
export function orderWords(look) {
  if (look === null || look.ordered) return "";
  if (look.model === null) return "Train a model first: it tells what it would learn most from.";
  if (look.state === "working") return `${look.model.name} is looking at the images now.`;
  if (look.total === 0) return "Every image is labelled.";
  return "A model has to look at the images first.";
}

/** Asks the server about the open project while somebody looks, and tells ("change") when something is new. */
export class LookAheadFeed extends EventTarget {
  /** @type {LookAhead | null} */
  look = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #turn = 0;

  /** @param {import("./lifecycle.js").Life} life */
  constructor(life) {
    super();
    this.life = life;
    life.listen(studio, "project", () => this.#forget());
    life.listen(studio, "changed", ({ detail }) => detail.by !== this && this.read());
    life.onShow(() => this.read());
    life.onHide(() => clearTimeout(this.#timer));
    life.listen(document, "visibilitychange", () => this.read());
  }

  /** Ask now. */
  async read() {
    clearTimeout(this.#timer);
    const project = studio.project;
    if (project === null || !this.life.seen) return;
    const turn = ++this.#turn;
    try {
      const look = await api("GET", `projects/${project}/look-ahead`);
      if (turn === this.#turn) this.#take(look);
    } catch {
      // What is known stays; the next question may be answered.
    }
    if (turn === this.#turn) this.#timer = setTimeout(() => this.read(), this.look?.state === "working" ? WHILE_WORKING : WHILE_RESTING);
  }

  /** Have the model look at what waits. */
  begin() {
    return this.#ask("POST");
  }

  /** Stop it; it goes on where it was when it is asked again. */
  async stop() {
    await this.#ask("DELETE");
    await this.read();
  }

  /** @param {boolean} wanted whether a model looks by itself at what is new */
  letLookByItself(wanted) {
    return this.#ask("PATCH", { by_itself: wanted });
  }

  /** @param {"POST" | "DELETE" | "PATCH"} method @param {unknown} [body] */
  async #ask(method, body) {
    if (studio.project === null) return;
    const turn = ++this.#turn;
    try {
      const look = await api(method, `projects/${studio.project}/look-ahead`, body);
      if (turn === this.#turn && look) this.#take(look);
    } catch (error) {
      toast(messageOf(error), { kind: "error" });
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.read(), WHILE_WORKING);
  }

  /** @param {LookAhead} look */
  #take(look) {
    const before = this.look;
    this.look = look;
    if (JSON.stringify(before) !== JSON.stringify(look)) this.dispatchEvent(new Event("change"));
    // What was found stands on the cards, and the order is another one.
    if (before?.state === "working" && look.state !== "working") studio.changed("images", this);
  }

  #forget() {
    this.#turn += 1;
    this.look = null;
    this.dispatchEvent(new Event("change"));
    this.read();
  }
}
