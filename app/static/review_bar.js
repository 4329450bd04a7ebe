// @ts-check
/** Above the findings: who looked and how far that is to be believed, which model looks next, and how far a look is. */

import { wordButton } from "./buttons.js";
import { grouped } from "./count_words.js";
import { html, setText } from "./elements.js";
import { icon } from "./icons.js";
import { decidedWords, doubtfulWords, lookWords } from "./review_words.js";

/** @typedef {import("./review_words.js").ReviewRecord} ReviewRecord */
/** @typedef {import("./records.js").ModelRecord} ModelRecord */

export class ReviewBar {
  /** @param {{look: () => void, stop: () => void}} actions */
  constructor({ look, stop }) {
    this.words = html("p", { class: "st-note st-review-look", dir: "auto" });
    this.model = html("select", { class: "st-select st-review-model", "aria-label": "Model that looks", dir: "auto" });
    this.again = wordButton("Look again", look, { symbol: "search" });
    this.bar = html("div", { class: "st-review-bar", hidden: true }, this.words, html("div", { class: "st-actions" }, this.model, this.again));
    this.warningWords = html("p", { dir: "auto" });
    this.warning = html("div", { class: "st-review-warning", role: "note", hidden: true }, icon("warning"), this.warningWords);
    this.progressWords = html("p");
    this.progress = html("progress", { class: "st-progress", "aria-label": "Progress of the look" });
    this.stop = wordButton("Stop", () => this.#stopping(stop), { small: true, symbol: "stop" });
    this.working = html(
      "div",
      { class: "st-review-working", hidden: true },
      this.progressWords,
      this.progress,
      html("div", { class: "st-actions" }, this.stop, html("span", { class: "st-note" }, "It goes on if you leave this screen.")),
    );
    this.nodes = [this.bar, this.warning, this.working];
  }

  /** The models to choose from; the choice made before stays. @param {ModelRecord[]} models */
  offer(models) {
    const kept = models.some(({ id }) => id === this.model.value) ? this.model.value : (models.find(({ is_default: yes }) => yes) ?? models[0])?.id;
    this.model.replaceChildren(...models.map(({ id, name, is_default: yes }) => html("option", { value: id, dir: "auto" }, yes ? `${name} (default)` : name)));
    this.model.value = kept ?? "";
    this.model.hidden = models.length < 2;
    this.again.hidden = models.length === 0;
  }

  /**
   * @param {ReviewRecord} review
   * @param {boolean} listed whether findings are listed below
   */
  show(review, listed) {
    const running = review.state === "running";
    const decided = decidedWords(review);
    // Where nothing is listed, the message in its place says what was decided, and what is left.
    const parts = listed ? [lookWords(review), decided && `So far: ${decided}.`] : [lookWords({ ...review, left_out: 0 })];
    setText(this.words, parts.filter(Boolean).join(" "));
    this.bar.hidden = running || (review.model === null && !listed && decided === "");
    const warning = listed ? doubtfulWords(review) : "";
    setText(this.warningWords, warning);
    this.warning.hidden = running || warning === "";
  }

  /** @param {ReviewRecord} review */
  showWorking({ state, done, total }) {
    this.working.hidden = state !== "running";
    if (this.working.hidden) this.stop.disabled = false;
    if (this.stop.disabled) return;
    const looking = done < total;
    setText(this.progressWords, looking ? `Looking for label errors: ${grouped(done)} of ${grouped(total)} images` : total > 0 ? "Comparing what was seen with the labels" : "The model is being loaded");
    if (looking) Object.assign(this.progress, { max: total, value: done });
    else this.progress.removeAttribute("value");
  }

  /** The server cannot be asked at the moment. */
  showSilence() {
    setText(this.progressWords, "The server does not answer; asking again…");
  }

  hide() {
    for (const node of this.nodes) node.hidden = true;
  }

  /** @param {() => void} stop */
  #stopping(stop) {
    this.stop.disabled = true;
    setText(this.progressWords, "Stopping: what was seen until now is compared with the labels");
    this.progress.removeAttribute("value");
    stop();
  }
}
