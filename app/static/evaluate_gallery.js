// @ts-check
/** Mistakes as pictures, the worst first: what is labelled drawn solid, what was found dashed; each opens its image. */

import { wordButton } from "./buttons.js";
import { grouped } from "./count_words.js";
import { html, setText, svg } from "./elements.js";
import { cropOf, MISTAKES, mistakeWords } from "./evaluate_words.js";
import { pictureUrl } from "./pictures.js";
import { studio } from "./store.js";

/** @typedef {import("./evaluate_words.js").MistakeRecord} MistakeRecord */
/** @typedef {import("./evaluate_words.js").MistakeKind} MistakeKind */
/** @typedef {import("./evaluate_words.js").ReportRecord} ReportRecord */

/** Cards shown at first, and more of them with each press. */
const AT_ONCE = 12;
/** Screen pixels a card is wide at most, times two for sharp screens: smaller crops need the larger picture. */
const SHARP = 512;
const THUMBNAIL = 256;

export class MistakeGallery {
  #shown = AT_ONCE;
  /** @type {MistakeRecord[]} */
  #entries = [];
  #total = 0;

  /** @param {ReportRecord} report */
  constructor(report) {
    this.report = report;
    this.tabs = html("div", { class: "st-segments", role: "tablist", "aria-label": "Kinds of mistakes", onkeydown: (/** @type {KeyboardEvent} */ event) => this.#walk(event) });
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
    this.words = html("p", { class: "st-note", role: "status", dir: "auto" });
    this.cards = html("ul", { class: "st-mistakes", "aria-label": "Mistakes" });
    this.more = wordButton("Show more", () => {
      this.#shown += 2 * AT_ONCE;
      this.#draw();
    });
    this.node = html(
      "section",
      { class: "st-plot st-gallery", "aria-label": "Mistakes" },
      html("div", { class: "st-gallery-head" }, html("h3", {}, "Mistakes, the worst first"), legend()),
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
    this.#show(this.report.gallery[kind] ?? [], total, total === 0 ? MISTAKES[kind].none : "");
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
    setText(this.words, words);
    this.words.hidden = words === "";
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
      setText(this.words, `The worst ${grouped(this.#entries.length)} of ${grouped(this.#total)}.`);
      this.words.hidden = false;
    }
  }

  /** @param {KeyboardEvent} event */
  #walk(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const all = /** @type {HTMLElement[]} */ ([...this.tabs.children]);
    const at = all.findIndex((tab) => tab === document.activeElement);
    const next = all[(at + step + all.length) % all.length];
    next.focus();
    next.click();
  }
}

function legend() {
  const line = (/** @type {string} */ look) => svg("svg", { width: 24, height: 10, "aria-hidden": "true" }, svg("line", { class: look, x1: 0, x2: 24, y1: 5, y2: 5 }));
  return html(
    "p",
    { class: "st-note st-gallery-legend" },
    html("span", {}, line("st-truth-line"), "labelled"),
    html("span", {}, line("st-found-line"), "found"),
  );
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
  const sharp = (SHARP / crop.width) * Math.max(width, height) > THUMBNAIL * 1.5;
  const picture = html("img", { src: pictureUrl({ id }, sharp ? "display" : "thumbnail"), alt: "", loading: "lazy", decoding: "async", draggable: "false" });
  Object.assign(picture.style, {
    width: `${(100 * width) / crop.width}%`,
    height: `${(100 * height) / crop.height}%`,
    left: `${(-100 * crop.x) / crop.width}%`,
    top: `${(-100 * crop.y) / crop.height}%`,
  });
  const frame = html("span", { class: "st-mistake-picture" }, picture, boxesOn(crop, truth, box));
  picture.addEventListener("error", () => frame.classList.add("st-gone"), { once: true });
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

/** @param {{x: number, y: number, width: number, height: number}} crop @param {import("./evaluate_words.js").Xyxy | null} truth @param {import("./evaluate_words.js").Xyxy | null} box */
function boxesOn(crop, truth, box) {
  /** @param {import("./evaluate_words.js").Xyxy | null} corners @param {string} look */
  const rect = (corners, look) => {
    if (!corners) return [];
    const [x0, y0, x1, y1] = corners;
    const at = { x: x0, y: y0, width: Math.max(0, x1 - x0), height: Math.max(0, y1 - y0) };
    return [svg("rect", { class: "st-halo", ...at }), svg("rect", { class: look, ...at })];
  };
  return svg(
    "svg",
    { viewBox: `${crop.x} ${crop.y} ${crop.width} ${crop.height}`, "aria-hidden": "true", focusable: "false" },
    ...rect(truth, "st-truth-line"),
    ...rect(box, "st-found-line"),
  );
}
