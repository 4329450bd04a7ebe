// @ts-check
/** The bar that narrows and orders the grid: search, state, split, class, flags, order. */

import { wordButton } from "./buttons.js";
import { grouped } from "./count_words.js";
import { html, setText } from "./elements.js";
import { icon } from "./icons.js";
import { isNarrow, SORTS } from "./image_query.js";

/** @typedef {import("./image_query.js").ImageFilter} ImageFilter */
/** @typedef {{unlabelled: number, labelled: number, empty: number, flagged: number, suggested: number, total: number, bin: number}} Counts */

const TYPING = 220;
/** @type {[string, string, keyof Counts][]} filter, words, count */
const STATES = [
  ["", "All", "total"],
  ["unlabelled", "Unlabelled", "unlabelled"],
  ["labelled", "Labelled", "labelled"],
  ["empty", "No objects", "empty"],
];
/** @type {["flagged" | "suggested", string][]} */
const MARKS = [
  ["flagged", "Flagged"],
  ["suggested", "Suggestions"],
];

export class ImageFilters {
  /** @type {ImageFilter} */
  #filter = {};
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #typing;

  /** @param {(filter: ImageFilter) => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
    this.search = html("input", {
      type: "search",
      class: "st-input",
      placeholder: "Find by name or note",
      "aria-label": "Find by name or note",
      autocomplete: "off",
      maxlength: 200,
      spellcheck: "false",
      oninput: () => this.#typed(),
      onkeydown: (/** @type {KeyboardEvent} */ event) => event.key === "Enter" && this.#search(),
    });
    this.states = html("div", { class: "st-chips", role: "group", "aria-label": "Show" });
    this.chips = new Map(
      /** @type {[string, HTMLButtonElement][]} */ ([
        ...STATES.map(([value, words]) => [value || "all", chip(value || "all", words, () => this.#change({ status: /** @type {any} */ (value || undefined) }))]),
        ...MARKS.map(([mark, words]) => [mark, chip(mark, words, () => this.#change({ [mark]: this.#filter[mark] ? undefined : true }))]),
      ]),
    );
    this.states.append(...this.chips.values());
    this.split = html("select", { class: "st-select", "aria-label": "Split", onchange: () => this.#change({ split: /** @type {any} */ (this.split.value || undefined) }) });
    for (const [value, words] of [["", "Every split"], ["train", "Training"], ["val", "Validation"], ["test", "Test"], ["none", "In no split"]])
      this.split.append(html("option", { value }, words));
    this.classes = html("select", { class: "st-select", "aria-label": "Class", onchange: () => this.#change({ class_id: this.classes.value === "" ? undefined : Number(this.classes.value) }) });
    this.sort = html("select", { class: "st-select", "aria-label": "Order", onchange: () => this.#order(this.sort.value) });
    for (const [value, words] of SORTS) this.sort.append(html("option", { value }, words));
    this.clear = wordButton("Clear filters", () => this.reset(), { small: true, symbol: "close" });
    this.node = html(
      "div",
      { class: "st-filters", role: "search", "aria-label": "Filter the photographs" },
      html("div", { class: "st-filter-row" }, html("div", { class: "st-search" }, icon("search"), this.search), this.split, this.classes, this.sort),
      html("div", { class: "st-filter-row" }, this.states, this.clear),
    );
    this.showClasses([]);
  }

  /** @param {ImageFilter} filter */
  show(filter) {
    this.#filter = filter;
    // What is being typed is not taken away by an answer that comes late.
    if (this.#typing === undefined && this.search.value.trim() !== (filter.text ?? "")) this.search.value = filter.text ?? "";
    this.split.value = filter.split ?? "";
    this.classes.value = filter.class_id === undefined ? "" : String(filter.class_id);
    this.sort.value = filter.sort ?? "name";
    for (const [value] of STATES) this.chips.get(value || "all")?.setAttribute("aria-pressed", String((filter.status ?? "") === value));
    for (const [mark] of MARKS) this.chips.get(mark)?.setAttribute("aria-pressed", String(filter[mark] === true));
    for (const [select, on] of /** @type {[Element, boolean][]} */ ([[this.split, !!filter.split], [this.classes, filter.class_id !== undefined]])) select.classList.toggle("st-chosen", on);
    this.clear.hidden = !isNarrow(filter);
  }

  /** @param {Counts} counts */
  showCounts(counts) {
    for (const [value, , key] of STATES) showCount(this.chips.get(value || "all"), counts[key]);
    for (const [mark] of MARKS) {
      showCount(this.chips.get(mark), counts[mark]);
      const button = this.chips.get(mark);
      if (button) button.hidden = counts[mark] === 0 && !this.#filter[mark];
    }
  }

  /** @param {{id: number, name: string, archived?: unknown}[]} classes */
  showClasses(classes) {
    const chosen = this.#filter.class_id;
    this.classes.replaceChildren(html("option", { value: "" }, "Every class"), ...classes.map(({ id, name }) => html("option", { value: id }, name)));
    // A class that is gone still narrows, and must be seen to.
    if (chosen !== undefined && !classes.some(({ id }) => id === chosen)) this.classes.append(html("option", { value: chosen }, "A class that is gone"));
    this.classes.value = chosen === undefined ? "" : String(chosen);
    this.classes.hidden = classes.length === 0 && chosen === undefined;
  }

  /** Show every image again; the order stays. */
  reset() {
    clearTimeout(this.#typing);
    this.#typing = undefined;
    this.search.value = "";
    this.onChange(this.#filter.sort ? { sort: this.#filter.sort } : {});
  }

  /** What is most useful is not labelled yet. @param {string} sort */
  #order(sort) {
    this.#change({ sort: sort === "name" ? undefined : sort, ...(sort === "useful" ? { status: "unlabelled" } : {}) });
  }

  #typed() {
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.#search(), TYPING);
  }

  #search() {
    clearTimeout(this.#typing);
    this.#typing = undefined;
    this.#change({ text: this.search.value.trim() || undefined });
  }

  /** @param {ImageFilter} part */
  #change(part) {
    const all = Object.entries({ ...this.#filter, ...part });
    this.onChange(Object.fromEntries(all.filter(([, value]) => value !== undefined)));
  }
}

/** @param {string} name @param {string} words @param {() => void} onclick @returns {HTMLButtonElement} */
function chip(name, words, onclick) {
  return html("button", { type: "button", class: "st-chip", "data-filter": name, "aria-pressed": "false", onclick }, html("span", {}, words), html("span", { class: "st-count" }));
}

/** @param {HTMLElement | undefined} button @param {number} number */
function showCount(button, number) {
  const node = button?.querySelector(".st-count");
  if (node) setText(node, grouped(number ?? 0));
}
