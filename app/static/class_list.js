// @ts-check
/** The classes beside the picture: which one is in hand, its digit and count, an eye that hides and a lock that holds. */

import { iconButton } from "./buttons.js";
import { chordForAria, chordWords } from "./editor_keys.js";
import { html, setAttributes, setText } from "./elements.js";
import { icon } from "./icons.js";
import { swatch } from "./swatch.js";

/** @typedef {import("./records.js").ClassRecord} ClassRecord */
/**
 * @typedef {object} Row
 * @property {HTMLElement} node
 * @property {HTMLButtonElement} choose
 * @property {HTMLElement} count
 * @property {HTMLButtonElement} eye
 * @property {HTMLButtonElement} lock
 */

export class ClassList {
  /** @type {Map<number, Row>} by class id */
  #rows = new Map();
  #built = "";

  /** @param {import("./editor_document.js").EditorDocument} doc @param {import("./key_map.js").KeyMap} keys */
  constructor(doc, keys) {
    this.doc = doc;
    this.keys = keys;
    this.node = html("ul", { class: "st-classes", "aria-label": "Classes" });
  }

  /** Follow the document; rows are built anew only when the classes themselves changed. */
  draw() {
    const { doc } = this;
    const { settings } = doc;
    const shown = this.#shownClasses();
    const state = JSON.stringify(shown.map(({ id, name, colour, archived }, index) => [id, name, colour, archived, this.keys.ofClass(index)]));
    if (state !== this.#built) this.#build(shown);
    this.#built = state;
    for (const label of shown) {
      const row = /** @type {Row} */ (this.#rows.get(label.id));
      const [hidden, locked] = [settings.hiddenClasses.has(label.id), settings.lockedClasses.has(label.id)];
      setAttributes(row.node, { "data-hidden": hidden, "data-locked": locked });
      setAttributes(row.choose, { "aria-pressed": String(label.id === doc.classId) });
      setText(row.count, String(doc.countOf(label.id)));
      turn(row.eye, hidden, "eye-off", "eye");
      turn(row.lock, locked, "lock", "unlock");
    }
  }

  /** The classes to choose from, then archived ones that this image still has. */
  #shownClasses() {
    const { offered, classes, boxes } = this.doc;
    const here = new Set(boxes.map(({ class_id }) => class_id));
    return [...offered, ...classes.filter(({ id, archived }) => archived && here.has(id))];
  }

  /** @param {ClassRecord[]} shown */
  #build(shown) {
    const focused = /** @type {HTMLElement | null} */ (document.activeElement?.closest(".st-class-line"))?.dataset.classId;
    this.#rows = new Map(shown.map((label, index) => [label.id, this.#row(label, index)]));
    this.node.replaceChildren(...[...this.#rows.values()].map(({ node }) => node));
    if (focused) this.#rows.get(Number(focused))?.choose.focus();
  }

  /** @param {ClassRecord} label @param {number} index @returns {Row} */
  #row({ id, name, colour, archived }, index) {
    const { doc } = this;
    const key = archived ? "" : this.keys.firstKey(`class ${index + 1}`);
    const count = html("span", { class: "st-count", title: "Boxes in this project" });
    const choose = html(
      "button",
      {
        type: "button",
        class: "st-class",
        "data-class-id": id,
        "aria-keyshortcuts": key === "" ? null : chordForAria(key),
        "aria-disabled": archived ? "true" : null,
        title: archived ? `${name} (archived: not for new boxes)` : name,
        onclick: () => !archived && doc.chooseClass(id),
      },
      html("kbd", { "aria-hidden": "true" }, key === "" ? "" : chordWords(key)),
      swatch(colour),
      html("span", { class: "st-name", dir: "auto" }, name),
      count,
    );
    const eye = iconButton("eye", `Hide boxes of ${name}`, () => doc.settings.toggleHidden(id));
    const lock = iconButton("unlock", `Lock boxes of ${name}`, () => doc.settings.toggleClassLock(id));
    const node = html("li", { class: archived ? "st-class-line archived" : "st-class-line", "data-class-id": id }, choose, eye, lock);
    return { node, choose, count, eye, lock };
  }
}

/** @param {HTMLButtonElement} button @param {boolean} on @param {string} symbolOn @param {string} symbolOff */
function turn(button, on, symbolOn, symbolOff) {
  const symbol = on ? symbolOn : symbolOff;
  setAttributes(button, { "aria-pressed": String(on) });
  if (button.dataset.symbol === symbol && button.firstChild) return;
  button.dataset.symbol = symbol;
  button.replaceChildren(icon(symbol));
}
