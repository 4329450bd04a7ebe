// @ts-check
/** The trainings that wait, in the order in which they will be done, with buttons that change it. */

import { iconButton } from "./buttons.js";
import { html } from "./elements.js";
import { capital, runName } from "./train_words.js";

/** @typedef {import("./records.js").RunRecord} RunRecord */
/**
 * @typedef {object} QueueWishes
 * @property {(from: number, to: number) => void} move
 * @property {(run: RunRecord) => void} remove
 * @property {(run: RunRecord) => void} show
 */

export class TrainQueue {
  #drawn = "";

  /** @param {QueueWishes} wishes */
  constructor(wishes) {
    this.wishes = wishes;
    this.list = html("ol", { class: "st-queue-list" });
    this.node = html("section", { class: "st-runs-panel", "aria-label": "Queue", hidden: true }, html("h3", {}, "Waiting"), this.list);
  }

  /** @param {RunRecord[]} queue in its order @param {boolean} busy whether a training is before them */
  show(queue, busy) {
    this.node.hidden = queue.length === 0 || (queue.length === 1 && !busy);
    const state = JSON.stringify(queue.map(({ id }) => id));
    if (state === this.#drawn) return; // a button that was just pressed keeps the focus
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset.queue;
    this.#drawn = state;
    this.list.replaceChildren(...queue.map((run, place) => this.#entry(run, place, queue.length)));
    if (focused) /** @type {HTMLElement | null} */ (this.list.querySelector(`[data-queue="${CSS.escape(focused)}"]`))?.focus();
  }

  /** @param {RunRecord} run @param {number} place @param {number} count */
  #entry(run, place, count) {
    const name = runName(run);
    const up = iconButton("up", `${name}: earlier`, () => this.wishes.move(place, place - 1));
    const down = iconButton("down", `${name}: later`, () => this.wishes.move(place, place + 1));
    up.disabled = place === 0;
    down.disabled = place === count - 1;
    up.dataset.queue = `${run.id} up`;
    down.dataset.queue = `${run.id} down`;
    return html(
      "li",
      { class: "st-queue-entry", "data-run": run.id },
      html("button", { type: "button", class: "st-link", dir: "auto", title: `Show ${name}`, onclick: () => this.wishes.show(run) }, name),
      html("span", { class: "st-count" }, capital(String(run.params?.preset ?? ""))),
      up,
      down,
      iconButton("close", `${name}: take out of the queue`, () => this.wishes.remove(run)),
    );
  }
}
