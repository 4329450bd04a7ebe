// @ts-check
/** The boxes of the image as a list: select, lock, delete, and type exact numbers for the selected one. */

import { withPart } from "./box_geometry.js";
import { iconButton } from "./buttons.js";
import { sizeText } from "./canvas_marks.js";
import { html, setAttributes, setText } from "./elements.js";
import { icon } from "./icons.js";
import { withKey } from "./key_titles.js";
import { swatch } from "./swatch.js";

/** @typedef {import("./records.js").BoxRecord} BoxRecord */
/** @typedef {"x" | "y" | "w" | "h"} Part */

const PARTS = /** @type {const} */ ([
  ["x", "Left"],
  ["y", "Top"],
  ["w", "Width"],
  ["h", "Height"],
]);
/** Rows from which on those out of sight are left undrawn. */
const MANY = 100;
const NO_CLASS_COLOUR = "#6b7280";

export class BoxList {
  /** @type {Map<string, Row>} by box id */
  #rows = new Map();
  /** What tooltips say now. */
  #said = "";

  /**
   * @param {import("./editor_document.js").EditorDocument} doc
   * @param {import("./key_map.js").KeyMap} keys
   * @param {() => void} onPicked told when a row was chosen
   */
  constructor(doc, keys, onPicked) {
    this.doc = doc;
    this.keys = keys;
    this.onPicked = onPicked;
    this.node = html("ul", { class: "st-boxes", "aria-label": "Boxes of this image" });
    this.numbers = new BoxNumbers(doc);
  }

  /** Follow the document; of many rows only those are touched that changed. */
  draw() {
    const { doc, node } = this;
    const { boxes, settings, selectedId } = doc;
    const labels = new Map(doc.classes.map((label) => [label.id, label]));
    const gone = new Set(this.#rows.keys());
    const words = { lock: withKey("Lock", this.keys, "toggleLock"), unlock: withKey("Unlock", this.keys, "toggleLock"), remove: withKey("Delete", this.keys, "remove") };
    const said = JSON.stringify(words);
    if (said !== this.#said) for (const row of this.#rows.values()) row.forget();
    this.#said = said;
    node.classList.toggle("many", boxes.length > MANY);
    boxes.forEach((record, index) => {
      gone.delete(record.id);
      const row = this.#rows.get(record.id) ?? this.#add(record.id);
      const label = labels.get(record.class_id);
      row.draw(record, index, label?.name ?? "unknown class", label?.colour ?? NO_CLASS_COLOUR, {
        selected: record.id === selectedId,
        hidden: !settings.isShown(record),
        locked: settings.isLocked(record),
        words,
      });
    });
    for (const id of gone) {
      this.#rows.get(id)?.node.remove();
      this.#rows.delete(id);
    }
    /** @type {Element | null} */
    let at = node.firstElementChild;
    for (const { id } of boxes) {
      const row = /** @type {Row} */ (this.#rows.get(id)).node;
      if (row === at) at = at.nextElementSibling;
      else node.insertBefore(row, at);
    }
    this.#drawNumbers();
  }

  #drawNumbers() {
    const { selected, settings } = this.doc;
    const row = selected ? this.#rows.get(selected.id)?.node : undefined;
    if (!selected || !row) return this.numbers.node.remove();
    if (this.numbers.node.parentNode !== row) {
      row.append(this.numbers.node);
      this.#reveal(row);
    }
    this.numbers.draw(selected, settings.isLocked(selected));
  }

  /** @param {string} id @returns {Row} */
  #add(id) {
    const { doc } = this;
    const row = new Row({
      choose: () => {
        doc.select(id);
        this.onPicked();
      },
      lock: () => doc.settings.toggleBoxLock(id),
      remove: () => doc.remove(id),
    });
    this.#rows.set(id, row);
    return row;
  }

  /**
   * Scroll the list, and only the list, to a row.
   * @param {HTMLElement} row
   */
  #reveal(row) {
    const { scrollTop, clientHeight } = this.node;
    const end = row.offsetTop + row.offsetHeight;
    if (row.offsetTop < scrollTop) this.node.scrollTop = row.offsetTop;
    else if (end > scrollTop + clientHeight) this.node.scrollTop = end - clientHeight;
  }
}

class Row {
  /** @type {unknown[]} what it shows now */
  #drawn = [];

  /** @param {{choose: () => void, lock: () => void, remove: () => void}} actions */
  constructor({ choose, lock, remove }) {
    this.dot = swatch(NO_CLASS_COLOUR);
    this.name = html("span", { class: "st-name", dir: "auto" });
    this.size = html("span", { class: "st-size" });
    this.choose = html("button", { type: "button", class: "st-box", onclick: choose }, this.dot, this.name, this.size);
    this.lock = iconButton("unlock", "", lock);
    this.remove = iconButton("trash", "", remove);
    this.node = html("li", { class: "st-box-row" }, html("div", { class: "st-box-line" }, this.choose, this.lock, this.remove));
  }

  /** Draw it anew the next time, whatever has changed. */
  forget() {
    this.#drawn = [];
  }

  /**
   * @param {BoxRecord} record
   * @param {number} index
   * @param {string} name
   * @param {string} colour
   * @param {{selected: boolean, hidden: boolean, locked: boolean, words: {lock: string, unlock: string, remove: string}}} state
   */
  draw(record, index, name, colour, { selected, hidden, locked, words: titles }) {
    const state = [record, index, name, colour, selected, hidden, locked];
    if (state.every((value, place) => value === this.#drawn[place])) return;
    this.#drawn = state;
    const words = ["st-box-row", selected && "selected", hidden && "hidden-box", locked && "locked"];
    setAttributes(this.node, { class: words.filter(Boolean).join(" ") });
    setAttributes(this.choose, { "aria-pressed": String(selected) });
    this.dot.style.backgroundColor = colour;
    setText(this.name, name);
    setText(this.size, sizeText(record.box));
    const which = `box ${index + 1}, ${name}`;
    setAttributes(this.lock, { "aria-label": `Lock ${which}`, title: locked ? titles.unlock : titles.lock, "aria-pressed": String(locked) });
    setAttributes(this.remove, { "aria-label": `Delete ${which}`, title: titles.remove });
    const symbol = locked ? "lock" : "unlock";
    if (this.lock.dataset.symbol !== symbol) this.lock.replaceChildren(icon(symbol));
    this.lock.dataset.symbol = symbol;
  }
}

/** The selected box's four numbers, in pixels of the image. */
class BoxNumbers {
  /** @type {BoxRecord | null} */
  #record = null;

  /** @param {import("./editor_document.js").EditorDocument} doc */
  constructor(doc) {
    this.doc = doc;
    this.fields = PARTS.map(([part, title]) => {
      const field = html("input", {
        type: "number",
        class: "st-box-number",
        step: "any",
        "data-part": part,
        "aria-label": `${title} in pixels`,
        onchange: () => this.#take(part, field),
        onkeydown: (/** @type {KeyboardEvent} */ event) => event.key === "Escape" && this.#restore(field),
      });
      return field;
    });
    this.node = html(
      "div",
      { class: "st-box-numbers", role: "group", "aria-label": "Place and size" },
      ...this.fields.map((field, index) => html("label", {}, html("span", { "aria-hidden": "true" }, PARTS[index][0]), field)),
    );
  }

  /** @param {BoxRecord} record @param {boolean} locked */
  draw(record, locked) {
    const other = record.box !== this.#record?.box;
    this.#record = record;
    for (const field of this.fields) {
      field.disabled = locked;
      if (other) field.value = this.#valueOf(/** @type {Part} */ (field.dataset.part));
    }
  }

  /** @param {Part} part */
  #valueOf(part) {
    const [x0, y0, x1, y1] = /** @type {BoxRecord} */ (this.#record).box;
    return String(Number({ x: x0, y: y0, w: x1 - x0, h: y1 - y0 }[part].toFixed(2)));
  }

  /** @param {Part} part @param {HTMLInputElement} field */
  #take(part, field) {
    const { doc } = this;
    const record = this.#record;
    const value = field.valueAsNumber;
    // What is shown is rounded: leaving it as it is must not round the box.
    if (record && doc.image && Number.isFinite(value) && field.value !== this.#valueOf(part)) {
      doc.reshape(record.id, withPart(record.box, part, value, doc.image), `${part} ${record.id}`);
    }
    field.value = this.#valueOf(part);
  }

  /** @param {HTMLInputElement} field */
  #restore(field) {
    field.value = this.#valueOf(/** @type {Part} */ (field.dataset.part));
    field.blur();
  }
}
