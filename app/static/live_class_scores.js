// @ts-check
/** A score of its own for each class, folded away until it is wanted. */

import { api, messageOf } from "./api.js";
import { askedAgain, workingWords } from "./asked_again.js";
import { iconButton, wordButton } from "./buttons.js";
import { html, setText } from "./elements.js";
import { slider } from "./live_slider.js";
import { FLOOR } from "./live_thresholds.js";

/** @typedef {import("./records.js").ModelRecord} ModelRecord */
/** @typedef {ReturnType<typeof slider>} Slider */

export class LiveClassScores {
  /** @type {Map<string, {slider: Slider, reset: HTMLButtonElement}>} */
  #rows = new Map();
  /** @type {ModelRecord | null} */
  #model = null;
  #drawn = "";
  /** @type {Record<string, number>} scores set by hand or taken as suggested */
  own = {};
  #usual = FLOOR;

  /** @param {() => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
    this.list = html("div", { class: "st-live-scores" });
    this.best = wordButton("Use each class's best score", () => this.#takeBest(), { small: true, symbol: "spark" });
    this.note = html("p", { class: "st-note", role: "status", hidden: true });
    this.badge = html("span", { class: "st-badge", hidden: true });
    this.node = html(
      "details",
      { class: "st-live-fold" },
      html("summary", {}, html("span", {}, "Score of each class"), this.badge),
      html("div", { class: "st-live-fold-body" }, this.list, this.best, this.note),
    );
  }

  /** @param {ModelRecord} model @param {readonly string[]} colours */
  show(model, colours) {
    const state = JSON.stringify([model.id, model.classes, colours, model.thresholds]);
    if (state === this.#drawn) return;
    this.#drawn = state;
    this.#model = model;
    this.#rows.clear();
    this.own = Object.fromEntries(Object.entries(this.own).filter(([name]) => model.classes.includes(name)));
    this.list.replaceChildren(
      ...model.classes.map((name, index) => {
        const swatch = html("span", { class: "st-swatch", "aria-hidden": "true" });
        swatch.style.backgroundColor = colours[index];
        const reset = iconButton("undo", `Let ${name} follow the score of all`, () => this.#set(name, null));
        const made = slider({
          name,
          spoken: `Score of ${name}`,
          min: FLOOR,
          max: 1,
          value: this.own[name] ?? this.#usual,
          onInput: () => this.#set(name, made.value),
          before: swatch,
          after: reset,
        });
        this.#rows.set(name, { slider: made, reset });
        return made.node;
      }),
    );
    this.#say("");
    this.#suggest(model.thresholds?.class_scores ?? null);
    this.#draw();
  }

  /** Classes without a score of their own follow this one. @param {number} score */
  follow(score) {
    this.#usual = score;
    this.#draw();
  }

  /** @param {Record<string, number>} scores */
  setAll(scores) {
    this.own = { ...scores };
    this.#draw();
  }

  /** @param {string} name @param {number | null} score */
  #set(name, score) {
    const { [name]: _, ...others } = this.own;
    this.own = score === null ? others : { ...others, [name]: score };
    this.#draw();
    this.onChange();
  }

  #draw() {
    for (const [name, { slider: made, reset }] of this.#rows) {
      const own = Object.hasOwn(this.own, name);
      const score = own ? this.own[name] : this.#usual;
      if (made.value !== score) made.set(score);
      reset.style.visibility = own ? "visible" : "hidden";
      made.node.classList.toggle("st-follows", !own);
    }
    const { length } = Object.keys(this.own);
    setText(this.badge, String(length));
    this.badge.hidden = length === 0;
  }

  /** @param {Record<string, number> | null} scores */
  #suggest(scores) {
    for (const [name, row] of this.#rows) row.slider.suggest(scores?.[name] ?? null);
  }

  /** The scores with the best F1 on the validation images: from the model's card, else measured once. */
  async #takeBest() {
    const model = this.#model;
    if (!model) return;
    this.best.disabled = true;
    this.#say("");
    try {
      const scores = model.thresholds?.class_scores ?? (await this.#measured(model));
      if (scores === null || model !== this.#model) return;
      this.#suggest(scores);
      this.setAll(scores);
      this.#say("Each class stands at its best F1 on the validation images.");
      this.onChange();
    } catch (error) {
      if (model === this.#model) this.#say(messageOf(error));
    } finally {
      this.best.disabled = false;
    }
  }

  /** @param {ModelRecord} model @returns {Promise<Record<string, number> | null>} */
  async #measured(model) {
    const report = await askedAgain(() => api("GET", `models/${encodeURIComponent(model.id)}/evaluation?split=val`), {
      onWorking: (working) => this.#say(workingWords(working, "Measuring")),
      wanted: () => model === this.#model && this.node.isConnected,
    });
    if (report === null) return null;
    const found = Object.entries(report.thresholds?.per_class ?? {}).map(([name, { threshold }]) => [name, threshold]);
    return Object.fromEntries(found);
  }

  /** @param {string} words */
  #say(words) {
    setText(this.note, words);
    this.note.hidden = words === "";
  }
}
