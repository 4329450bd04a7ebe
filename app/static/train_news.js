// @ts-check
/** Telling a person elsewhere that a training ended: in the page's title, and as a notification if that was asked for. */

import { wordButton } from "./buttons.js";
import { browserStorage } from "./browser_storage.js";
import { html } from "./elements.js";
import { titled } from "./page_title.js";
import { toast } from "./toast.js";
import { runName } from "./train_words.js";

/** @typedef {import("./records.js").RunRecord} RunRecord */

const KEY = "ssd-studio.notify";

/**
 * What is told of a run that ended.
 * @param {RunRecord} run
 * @returns {{prefix: string, title: string, body: string} | null} null for what a person did just now
 */
export function endWords(run) {
  const name = runName(run);
  const score = run.metrics.AP50;
  switch (run.status) {
    case "done":
      return { prefix: "✓ Ready", title: "Your detector is ready", body: typeof score === "number" ? `${name}: AP50 ${score.toFixed(2)}` : name };
    case "failed":
      return { prefix: "⚠ Failed", title: "The training failed", body: `${name}: ${run.failure?.sentence ?? run.error ?? "its log says why"}` };
    case "paused":
      return run.failure ? { prefix: "Paused", title: "The training paused", body: `${name}: ${run.failure.sentence}` } : null;
    default:
      return null;
  }
}

export class TrainNews {
  #ended = false;

  /**
   * @param {import("./lifecycle.js").Life} life
   * @param {object} screen
   * @param {(run: RunRecord) => boolean} screen.shows whether a person has a run before their eyes
   * @param {(run: RunRecord) => void} screen.show
   */
  constructor(life, screen) {
    this.screen = screen;
    this.node = html("div", { class: "st-notify" });
    const seen = () => {
      if (document.hidden || !this.#ended) return;
      this.#ended = false;
      document.title = titled(document.title, "");
    };
    life.listen(window, "focus", seen);
    life.listen(document, "visibilitychange", seen);
    this.#draw();
  }

  /** How far a training is; it stands before the page's title. @param {RunRecord | null} run */
  progress(run) {
    if (this.#ended) return;
    const live = run !== null && run.status === "running" && run.total_steps > 0;
    const title = titled(document.title, live ? `${Math.floor((100 * run.step) / run.total_steps)} %` : "");
    if (title !== document.title) document.title = title;
    this.node.hidden = run === null || !["queued", "running", "stalled"].includes(run.status);
  }

  /** @param {RunRecord} run */
  ended(run) {
    const words = endWords(run);
    if (words === null) return;
    const away = document.hidden || !document.hasFocus();
    if (away) {
      this.#ended = true;
      document.title = titled(document.title, words.prefix);
    }
    // The next of the queue may have taken its place already.
    if (!this.screen.shows(run)) toast(`${words.title}. ${words.body}`, { kind: run.status === "failed" ? "error" : "note", seconds: 20, action: { label: "Show", run: () => this.screen.show(run) } });
    if (away && this.#wanted()) this.#notify(words, run);
  }

  /** @param {{title: string, body: string}} words @param {RunRecord} run */
  #notify({ title, body }, run) {
    try {
      // The tag lets two tabs of the same studio show it once.
      const note = new Notification(title, { body, tag: `ssd-studio-${run.id}` });
      note.addEventListener("click", () => {
        window.focus();
        this.screen.show(run);
        note.close();
      });
    } catch {
      // Some browsers know notifications only from service workers; the title tells it all the same.
    }
  }

  #wanted() {
    return "Notification" in globalThis && Notification.permission === "granted" && browserStorage()?.getItem(KEY) === "yes";
  }

  #draw() {
    // Without https, browsers offer no notifications to other machines' pages.
    if (!("Notification" in globalThis) || !globalThis.isSecureContext) return this.node.replaceChildren();
    if (Notification.permission === "denied") {
      return this.node.replaceChildren(html("span", { class: "st-note" }, "Your browser blocks notifications of this page."));
    }
    const on = this.#wanted();
    const button = wordButton(on ? "You will be told" : "Tell me when it ends", () => this.#toggle(), { small: true, symbol: on ? "check" : "bell" });
    button.setAttribute("aria-pressed", String(on));
    this.node.replaceChildren(button);
  }

  async #toggle() {
    const on = this.#wanted();
    if (!on && Notification.permission !== "granted") await Notification.requestPermission();
    try {
      browserStorage()?.setItem(KEY, on ? "no" : "yes");
    } catch {
      // Storage may be full; it then holds until the page is left.
    }
    this.#draw();
  }
}
