// @ts-check
/** A small searchable list of classes at the selected box: type, arrows, Enter; an unknown name can be added. */

import { api, messageOf } from "./api.js";
import { html, setAttributes, setText } from "./elements.js";
import { icon } from "./icons.js";
import { swatch } from "./swatch.js";

/** @typedef {import("./records.js").ClassRecord} ClassRecord */
/** @typedef {{label: ClassRecord} | {add: string}} Choice */

/** Screen pixels between the box and the list, and between the list and the view's edge. */
const GAP = 8;
const LONGEST_NAME = 100;

/**
 * What typing offers: classes whose name begins with the text, then those with a word that does, then those that hold
 * it, each in their own order; last a new class, unless one has that very name.
 * @param {readonly ClassRecord[]} classes
 * @param {string} text
 * @returns {Choice[]}
 */
export function choicesFor(classes, text) {
  const wanted = plain(text);
  const ranked = classes.map((label) => ({ label, rank: rankOf(plain(label.name), wanted) }));
  const found = [0, 1, 2].flatMap((rank) => ranked.filter((one) => one.rank === rank).map(({ label }) => ({ label })));
  const name = text.trim().normalize("NFC");
  const isNew = name !== "" && !classes.some((label) => label.name.normalize("NFC") === name);
  return isNew ? [...found, { add: name }] : found;
}

/** @param {string} name @param {string} wanted @returns {number} 0 is best, 3 none at all */
function rankOf(name, wanted) {
  if (name.startsWith(wanted)) return 0;
  const at = name.indexOf(wanted);
  if (at < 0) return 3;
  return name.split(/[\s_\-./]+/).some((word) => word.startsWith(wanted)) ? 1 : 2;
}

/** @param {string} text without case and accents */
function plain(text) {
  return text.trim().normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

export class ClassSearch {
  /** @type {Choice[]} */
  #choices = [];
  #at = 0;
  #adding = false;

  /**
   * @param {import("./editor_document.js").EditorDocument} doc
   * @param {import("./editor_canvas.js").EditorCanvas} canvas
   * @param {import("./key_map.js").KeyMap} keys
   * @param {import("./drawing_desk.js").ClassNews} news
   */
  constructor(doc, canvas, keys, { onAdded, onSent }) {
    this.doc = doc;
    this.canvas = canvas;
    this.keys = keys;
    this.onAdded = onAdded;
    this.onSent = onSent;
    this.list = html("ul", { class: "st-class-search-list", id: "st-class-search-list", role: "listbox", "aria-label": "Classes" });
    this.field = html("input", {
      type: "text",
      class: "st-input",
      role: "combobox",
      maxlength: LONGEST_NAME,
      autocomplete: "off",
      spellcheck: "false",
      dir: "auto",
      "aria-expanded": "true",
      "aria-autocomplete": "list",
      "aria-controls": this.list.id,
      oninput: () => this.#search(),
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event),
      onblur: () => !this.#adding && this.close(),
    });
    this.problem = html("p", { class: "st-problem", role: "alert", hidden: true });
    this.node = html(
      "div",
      { class: "st-class-search", hidden: true, onpointerdown: (/** @type {Event} */ event) => event.target !== this.field && event.preventDefault() },
      this.field,
      this.list,
      this.problem,
    );
  }

  /** Open at the selected box, or in the middle for the next one. */
  open() {
    if (!this.doc.image) return;
    const words = this.doc.selected ? "Class of this box" : "Class of the next box";
    setAttributes(this.field, { placeholder: `${words}…`, "aria-label": words });
    this.field.value = "";
    this.node.hidden = false;
    this.#search();
    this.#place();
    this.field.focus({ preventScroll: true });
  }

  close() {
    if (this.node.hidden) return;
    const focused = this.node.contains(document.activeElement);
    this.node.hidden = true;
    if (focused) this.canvas.view.focus({ preventScroll: true });
  }

  #place() {
    const { viewport } = this.canvas;
    const { selected } = this.doc;
    const { width, height } = viewport.view;
    const [own, high] = [this.node.offsetWidth, this.node.offsetHeight];
    if (!selected) return move(this.node, (width - own) / 2, Math.min(height / 5, height - high - GAP));
    const from = viewport.toView({ x: selected.box[0], y: selected.box[1] });
    const to = viewport.toView({ x: selected.box[2], y: selected.box[3] });
    const right = to.x + GAP + own <= width;
    move(this.node, Math.min(right ? to.x + GAP : from.x, width - own - GAP), Math.min(right ? from.y : to.y + GAP, height - high - GAP));
  }

  #search() {
    const { doc } = this;
    this.#choices = choicesFor(doc.offered, this.field.value);
    const now = doc.selected?.class_id ?? doc.classId;
    const own = this.#choices.findIndex((choice) => "label" in choice && choice.label.id === now);
    this.#at = this.field.value.trim() === "" ? Math.max(0, own) : 0;
    this.problem.hidden = true;
    this.list.replaceChildren(...this.#choices.map((choice, index) => this.#option(choice, index)));
    this.#mark();
  }

  /** @param {Choice} choice @param {number} index */
  #option(choice, index) {
    const place = "label" in choice ? this.doc.offered.indexOf(choice.label) : -1;
    const key = place >= 0 ? this.keys.ofClass(place) : "";
    const content =
      "label" in choice
        ? [swatch(choice.label.colour), html("span", { class: "st-name", dir: "auto" }, choice.label.name), html("kbd", { "aria-hidden": "true" }, key)]
        : [icon("add"), html("span", { class: "st-name" }, "Add class “", html("bdi", {}, choice.add), "”")];
    return html(
      "li",
      { role: "option", id: `st-class-option-${index}`, class: "st-class-search-option", onclick: () => this.#choose(choice) },
      ...content,
    );
  }

  #mark() {
    [...this.list.children].forEach((node, index) => {
      node.setAttribute("aria-selected", String(index === this.#at));
      if (index === this.#at) /** @type {HTMLElement} */ (node).scrollIntoView({ block: "nearest" });
    });
    setAttributes(this.field, { "aria-activedescendant": this.#choices.length > 0 ? `st-class-option-${this.#at}` : null });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.isComposing) return;
    const count = this.#choices.length;
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowDown: () => this.#step(1, count),
      ArrowUp: () => this.#step(-1, count),
      Enter: () => this.#choices[this.#at] && this.#choose(this.#choices[this.#at]),
      Escape: () => this.close(),
      Tab: () => this.close(),
    };
    if (!Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
  }

  /** @param {1 | -1} direction @param {number} count */
  #step(direction, count) {
    if (count === 0) return;
    this.#at = (this.#at + direction + count) % count;
    this.#mark();
  }

  /** @param {Choice} choice */
  async #choose(choice) {
    if ("label" in choice) {
      this.close();
      return this.doc.chooseClass(choice.label.id);
    }
    const project = this.doc.image?.project_id;
    if (project === undefined || this.#adding) return;
    this.#adding = true;
    const adding = api("POST", `projects/${project}/classes`, { name: choice.add }).then((made) => {
      this.close();
      if (this.doc.image?.project_id === project) this.onAdded(made);
    });
    this.onSent(adding);
    try {
      await adding;
    } catch (error) {
      setText(this.problem, messageOf(error));
      this.problem.hidden = false;
      this.field.focus({ preventScroll: true });
    } finally {
      this.#adding = false;
    }
  }
}

/** @param {HTMLElement} node @param {number} left @param {number} top */
function move(node, left, top) {
  Object.assign(node.style, { left: `${Math.max(GAP, left)}px`, top: `${Math.max(GAP, top)}px` });
}
