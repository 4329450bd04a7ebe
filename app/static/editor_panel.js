// @ts-check
/** The panel beside the picture: classes, this image's boxes, "No objects here", and the keys. */

import { iconButton } from "./buttons.js";
import { classForm } from "./class_form.js";
import { KEY_HINTS } from "./editor_keys.js";
import { sizeText } from "./editor_canvas.js";
import { html, setText } from "./elements.js";
import { icon } from "./icons.js";

/** Classes that have a digit. */
const WITH_KEY = 9;
/** The window's height, in screen pixels, from which the keys are shown at first. */
const ROOM_FOR_KEYS = 800;

export class EditorPanel {
  #drawn = "";

  /**
   * @param {import("./editor_document.js").EditorDocument} doc
   * @param {(made: import("./records.js").ClassRecord) => void} onClassAdded
   */
  constructor(doc, onClassAdded) {
    this.doc = doc;
    this.classList = html("ul", { class: "st-classes", "aria-label": "Classes" });
    this.classForm = classForm({
      label: "Add a class",
      project: () => doc.image?.project_id ?? null,
      onAdded: onClassAdded,
    });
    this.boxCount = html("span", { class: "st-count" });
    this.boxList = html("ul", { class: "st-boxes", "aria-label": "Boxes of this image" });
    this.empty = html(
      "button",
      { type: "button", class: "st-button st-wide st-empty-button", onclick: () => doc.markEmpty(!doc.labels.empty) },
      icon("empty"),
      html("span", {}, "No objects here"),
    );
    this.note = html("p", { class: "st-note" });
    const keys = html(
      "details",
      { class: "st-keys", open: innerHeight >= ROOM_FOR_KEYS },
      html("summary", {}, "Keys"),
      html("dl", {}, ...KEY_HINTS.flatMap(([key, what]) => [html("dt", {}, key), html("dd", {}, what)])),
    );
    this.panel = html(
      "aside",
      { class: "st-panel", "aria-label": "Classes and boxes" },
      html("section", { class: "st-section" }, html("h3", {}, "Classes"), this.classList, this.classForm.form),
      html(
        "section",
        { class: "st-section st-grow" },
        html("h3", {}, "Boxes", this.boxCount),
        this.boxList,
        this.note,
        this.empty,
      ),
      html("section", { class: "st-section" }, keys),
    );
  }

  /** Follow the document, rebuilding the lists only when they changed. */
  draw() {
    const { doc } = this;
    this.panel.hidden = !doc.image;
    if (!doc.image) return;
    const state = JSON.stringify([doc.image.id, doc.classes, doc.labels, doc.selectedId, doc.classId]);
    if (state === this.#drawn) return;
    this.#drawn = state;
    this.#drawClasses();
    this.#drawBoxes();
    this.classForm.setLabel(doc.classes.length === 0 ? "Name your first class" : "Add a class");
  }

  #drawClasses() {
    const { doc } = this;
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset.classId;
    this.classList.replaceChildren(
      ...doc.classes.map(({ id, name, colour }, index) => {
        const key = index < WITH_KEY ? String(index + 1) : "";
        const row = html(
          "button",
          {
            type: "button",
            class: "st-class",
            "data-class-id": id,
            "aria-pressed": String(id === doc.classId),
            "aria-keyshortcuts": key || null,
            title: name,
            onclick: () => doc.chooseClass(id),
          },
          html("kbd", { "aria-hidden": "true" }, key),
          swatch(colour),
          html("span", { class: "st-name" }, name),
          html("span", { class: "st-count", title: "Boxes in this project" }, String(doc.countOf(id))),
        );
        return html("li", {}, row);
      }),
    );
    if (focused) /** @type {HTMLElement | null} */ (this.classList.querySelector(`[data-class-id="${focused}"]`))?.focus();
  }

  #drawBoxes() {
    const { doc } = this;
    setText(this.boxCount, doc.boxes.length > 0 ? String(doc.boxes.length) : "");
    this.boxList.hidden = doc.boxes.length === 0;
    this.boxList.replaceChildren(
      ...doc.boxes.map((record, index) => {
        const label = doc.classOf(record.class_id);
        const name = label?.name ?? "unknown class";
        const selected = record.id === doc.selectedId;
        return html(
          "li",
          { class: selected ? "st-box-row selected" : "st-box-row" },
          html(
            "button",
            { type: "button", class: "st-box", "aria-pressed": String(selected), onclick: () => doc.select(record.id) },
            swatch(label?.colour ?? "#6b7280"),
            html("span", { class: "st-name" }, name),
            html("span", { class: "st-size" }, sizeText(record.box)),
          ),
          iconButton("trash", `Delete box ${index + 1}, ${name}`, () => doc.remove(record.id)),
        );
      }),
    );
    this.#reveal(this.boxList.querySelector(".selected"));
    const { empty } = doc.labels;
    this.empty.hidden = doc.boxes.length > 0;
    this.empty.setAttribute("aria-pressed", String(empty));
    this.note.hidden = doc.boxes.length > 0;
    setText(
      this.note,
      empty
        ? "Marked as holding nothing: training learns from it what is not an object."
        : "Drag over the picture to draw the first box.",
    );
  }

  /**
   * Scroll the list, and only the list, to a row.
   * @param {HTMLElement | null} row
   */
  #reveal(row) {
    if (!row) return;
    const { scrollTop, clientHeight } = this.boxList;
    const end = row.offsetTop + row.offsetHeight;
    if (row.offsetTop < scrollTop) this.boxList.scrollTop = row.offsetTop;
    else if (end > scrollTop + clientHeight) this.boxList.scrollTop = end - clientHeight;
  }
}

/** @param {string} colour */
function swatch(colour) {
  const dot = html("span", { class: "st-swatch", "aria-hidden": "true" });
  dot.style.backgroundColor = colour;
  return dot;
}
