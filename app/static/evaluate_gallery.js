// @ts-check
/** Mistakes as pictures, the worst first: what is labelled drawn solid, what was found dashed; each opens its image. */

import { wordButton } from "./buttons.js";
import { grouped } from "./count_words.js";
import { boxMarks, croppedPicture, linesLegend } from "./cropped_picture.js";
import { html, setText } from "./elements.js";
import { cropOf, MISTAKES, mistakeWords } from "./evaluate_words.js";
import { walkSegments } from "./segments.js";
import { studio } from "./store.js";

/** @typedef {import("./evaluate_words.js").MistakeRecord} MistakeRecord */
/** @typedef {import("./evaluate_words.js").MistakeKind} MistakeKind */
/** @typedef {import("./evaluate_words.js").ReportRecord} ReportRecord */

/** Cards shown at first, and more of them with each press. */
const AT_ONCE = 12;
/** Screen pixels a card is wide at most, times two for sharp screens. */
const SHARP = 512;

export class MistakeGallery {
  #shown = AT_ONCE;
  /** @type {MistakeRecord[]} */
  #entries = [];
  #total = 0;
  #said = "";

  /** @param {ReportRecord} report */
  constructor(report) {
    this.report = report;
    this.tabs = html("div", { class: "st-segments", role: "tablist", "aria-label": "Kinds of mistakes", onkeydown: walkSegments });
    const kinds = /** @type {MistakeKind[]} */ (Object.keys(MISTAKES));
    this.tabs.append(
      ...kinds.map((kind) =>
        html(
          "button",
          { type: "button", role: "tab", "data-kind": kind, onclick: () => this.showKind(kind) },
          MISTAKES[kind].title,
          html("span", { class: "st-count" }, grouped(report.gallery_totals[kind] ?? 0)),
        ),
      ),
    );
    this.words = html("p", { class: "st-note", role: "status", dir: "auto", tabindex: -1 });
    this.cards = html("ul", { class: "st-mistakes", "aria-label": "Mistakes" });
    this.more = wordButton("Show more", () => {
      this.#shown += 2 * AT_ONCE;
      this.#draw();
    });
    this.node = html(
      "section",
      { class: "st-plot st-gallery", "aria-label": "Mistakes" },
      html("div", { class: "st-gallery-head" }, html("h3", {}, "Mistakes, the worst first"), linesLegend("found")),
      this.tabs,
      this.words,
      this.cards,
      html("div", { class: "st-actions" }, this.more),
    );
    this.showKind(kinds.find((kind) => (report.gallery_totals[kind] ?? 0) > 0) ?? "false_positives");
  }

  /** @param {MistakeKind} kind */
  showKind(kind) {
    const total = this.report.gallery_totals[kind] ?? 0;
    this.#select(kind);
    this.#show(this.report.gallery[kind] ?? [], total, total === 0 ? MISTAKES[kind].none : MISTAKES[kind].some);
  }

  /**
   * Show what lies behind a number of the confusion matrix.
   * @param {MistakeRecord[]} entries
   * @param {number} total
   * @param {string} words
   */
  showCell(entries, total, words) {
    this.#select(null);
    this.#show(entries, total, words);
    this.words.focus({ preventScroll: true });
    this.node.scrollIntoView({ block: "start", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  }

  /** @param {MistakeKind | null} kind */
  #select(kind) {
    [...this.tabs.children].forEach((node, index) => {
      const tab = /** @type {HTMLElement} */ (node);
      tab.setAttribute("aria-selected", String(tab.dataset.kind === kind));
      tab.tabIndex = tab.dataset.kind === kind || (kind === null && index === 0) ? 0 : -1;
    });
  }

  /** @param {MistakeRecord[]} entries @param {number} total @param {string} words */
  #show(entries, total, words) {
    this.#entries = entries;
    this.#total = total;
    this.#shown = AT_ONCE;
    this.#said = words;
    setText(this.words, words);
    this.cards.replaceChildren();
    this.#draw();
  }

  #draw() {
    const had = this.cards.childElementCount;
    this.cards.append(...this.#entries.slice(had, this.#shown).map(mistakeCard));
    if (had > 0) /** @type {HTMLElement | null} */ (this.cards.children[had]?.querySelector("button"))?.focus();
    const left = this.#entries.length - this.cards.childElementCount;
    this.more.hidden = left <= 0;
    setText(/** @type {Element} */ (this.more.lastChild), `Show more (${grouped(this.#total - this.cards.childElementCount)} left)`);
    if (left <= 0 && this.#total > this.#entries.length) {
      setText(this.words, `${this.#said} ${grouped(this.#entries.length)} of ${grouped(this.#total)} are shown.`);
    }
  }
}

/**
 * One mistake: the part of the picture around it, and what it is.
 * @param {MistakeRecord} mistake
 * @returns {HTMLElement}
 */
export function mistakeCard(mistake) {
  const { image_id: id, name, width, height, box, truth_box: truth } = mistake;
  const crop = cropOf(mistake);
  const words = mistakeWords(mistake);
  const frame = croppedPicture({ id, width, height }, crop, SHARP, ...boxMarks(truth, "st-truth-line"), ...boxMarks(box, "st-found-line"));
  return html(
    "li",
    { class: "st-mistake", "data-image-id": id },
    html(
      "button",
      { type: "button", class: "st-mistake-open", "aria-label": `Open ${name} in Label: ${words}`, title: name, onclick: () => studio.openImage(id) },
      frame,
      html("span", { class: "st-mistake-words", dir: "auto" }, words),
      html("span", { class: "st-note st-name", dir: "auto" }, name),
    ),
  );
}
