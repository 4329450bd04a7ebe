// @ts-check
/** The panel beside the picture: classes, this image's boxes, and "No objects here". */

import { BoxList } from "./box_list.js";
import { classForm } from "./class_form.js";
import { ClassList } from "./class_list.js";
import { html, setText } from "./elements.js";
import { icon } from "./icons.js";
import { nameKey } from "./key_titles.js";

export class EditorPanel {
  /** @type {unknown[]} what it shows now */
  #drawn = [];
  #settingsChanges = 0;

  /**
   * @param {import("./editor_document.js").EditorDocument} doc
   * @param {import("./key_map.js").KeyMap} keys
   * @param {import("./drawing_desk.js").ClassNews} news
   * @param {() => void} onPicked told when a box was chosen from the list
   * @param {import("./ghost_bar.js").GhostBar} ghosts
   */
  constructor(doc, keys, news, onPicked, ghosts) {
    this.ghosts = ghosts;
    this.doc = doc;
    this.keys = keys;
    this.classes = new ClassList(doc, keys);
    this.classForm = classForm({ label: "Add a class", project: () => doc.image?.project_id ?? null, ...news });
    this.boxCount = html("span", { class: "st-count" });
    this.boxes = new BoxList(doc, keys, onPicked);
    this.empty = html(
      "button",
      { type: "button", class: "st-button st-wide st-empty-button", onclick: () => doc.markEmpty(!doc.labels.empty) },
      icon("empty"),
      html("span", {}, "No objects here"),
    );
    this.note = html("p", { class: "st-note" });
    this.panel = html(
      "aside",
      { class: "st-panel", "aria-label": "Classes and boxes" },
      ghosts.node,
      html("section", { class: "st-section st-class-section" }, html("h3", {}, "Classes"), this.classes.node, this.classForm.form),
      html(
        "section",
        { class: "st-section st-grow" },
        html("h3", {}, "Boxes", this.boxCount),
        this.boxes.node,
        this.note,
        this.empty,
      ),
    );
    doc.settings.addEventListener("change", () => (this.#settingsChanges += 1));
    keys.addEventListener("change", () => {
      this.#settingsChanges += 1;
      this.draw();
    });
  }

  /** Follow the document, touching only what changed. */
  draw() {
    const { doc } = this;
    this.panel.hidden = !doc.image;
    if (!doc.image) return;
    this.ghosts.draw();
    const state = [doc.image.id, doc.classes, doc.labels, doc.selectedId, doc.classId, this.#settingsChanges];
    if (state.every((value, index) => value === this.#drawn[index])) return;
    this.#drawn = state;
    this.classes.draw();
    this.boxes.draw();
    this.#drawEmpty();
    this.classForm.setLabel(doc.classes.length === 0 ? "Name your first class" : "Add a class");
  }

  #drawEmpty() {
    const { boxes, labels } = this.doc;
    const none = boxes.length === 0;
    setText(this.boxCount, none ? "" : String(boxes.length));
    this.boxes.node.hidden = none;
    this.empty.hidden = !none;
    nameKey(this.empty, "No objects here", this.keys, "toggleEmpty");
    this.empty.setAttribute("aria-pressed", String(labels.empty));
    this.note.hidden = !none;
    setText(
      this.note,
      labels.empty
        ? "Marked as holding nothing: training learns from it what is not an object."
        : "Drag over the picture, or click two corners, to draw the first box.",
    );
  }
}
