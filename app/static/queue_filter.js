// @ts-check
/** The control that chooses which images the Label screen walks through. */

import { wordButton } from "./buttons.js";
import { html, setAttributes, setText } from "./elements.js";
import { queueOf, queueWords, setQueue } from "./label_queue.js";
import { orderWords } from "./look_ahead.js";
import { Popover } from "./popover.js";
import { studio } from "./store.js";

/** @typedef {import("./label_queue.js").Filter} Filter */

export class QueueFilter {
  #drawn = "";

  /**
   * @param {import("./lifecycle.js").Life} life
   * @param {HTMLButtonElement} button
   * @param {import("./editor_document.js").EditorDocument} doc
   * @param {() => void} leave give the keyboard back to the picture
   * @param {import("./look_ahead.js").LookAheadFeed} ahead
   */
  constructor(life, button, doc, leave, ahead) {
    this.button = button;
    this.doc = doc;
    this.status = select("Status", [
      ["", "Any status"],
      ["unlabelled", "Unlabelled"],
      ["labelled", "Labelled"],
      ["empty", "No objects"],
    ]);
    this.split = select("Split", [
      ["", "Any split"],
      ["train", "Training"],
      ["val", "Validation"],
      ["test", "Test"],
      ["none", "No split"],
    ]);
    this.classes = select("Class", []);
    this.flagged = tick("Flagged only");
    this.suggested = tick("With suggestions only");
    this.text = html("input", { type: "search", class: "st-input", dir: "auto", placeholder: "Name or note", "aria-label": "Name or note contains" });
    this.ahead = ahead;
    this.order = select("Order", [
      ["", "Name"],
      ["useful", "Most useful first"],
    ]);
    this.order.field.addEventListener("change", () => this.#setOrder(this.order.field.value === "useful"));
    this.remark = html("p", { class: "st-note" });
    this.look = wordButton("Look at the images", () => void ahead.begin(), { small: true });
    this.byItself = tick("Let the model look at new images by itself");
    this.byItself.field.addEventListener("change", () => void ahead.letLookByItself(this.byItself.field.checked));
    this.all = wordButton("Show all images", () => this.#set({}));
    const fields = [this.status, this.split, this.classes, this.flagged, this.suggested];
    for (const { field } of fields) field.addEventListener("change", () => this.#set(this.#chosen()));
    this.text.addEventListener("change", () => this.#set(this.#chosen()));
    this.popover = new Popover(
      button,
      { label: "Which images to go through", look: "st-filter", onOpen: () => this.status.field.focus(), leave },
      ...fields.map(({ row }) => row),
      this.text,
      this.order.row,
      this.remark,
      this.look,
      this.byItself.row,
      this.all,
    );
    ahead.addEventListener("change", () => this.#drawOrder());
    this.#drawOrder();
    life.listen(studio, "queue", () => this.draw());
    life.listen(studio, "project", () => this.draw());
  }

  /** Follow the filter and the project's classes. */
  draw() {
    const filter = queueOf(studio.project);
    const { classes } = this.doc;
    const state = JSON.stringify([studio.project, filter, classes.map(({ id, name }) => [id, name])]);
    if (state === this.#drawn) return;
    this.#drawn = state;
    if (classes.length > 0 || this.classes.field.options.length === 0) this.#offerClasses(filter);
    this.status.field.value = filter.status ?? "";
    this.split.field.value = filter.split ?? "";
    this.classes.field.value = String(filter.class_id ?? "");
    this.flagged.field.checked = filter.flagged ?? false;
    this.suggested.field.checked = filter.suggested ?? false;
    this.text.value = filter.text ?? "";
    this.order.field.value = filter.sort ?? "";
    const words = queueWords(filter, (id) => this.doc.classOf(id)?.name);
    const label = words === "" ? "Filter: all images" : `Filter: ${words}`;
    setAttributes(this.button, { "aria-label": label, title: label, "data-active": words !== "" });
    this.all.hidden = words === "";
    this.#drawOrder();
  }

  /** Say what the useful order needs, and whether a model looks by itself. */
  #drawOrder() {
    const { look } = this.ahead;
    setText(this.remark, orderWords(look));
    this.remark.hidden = this.remark.textContent === "";
    this.look.hidden = this.remark.hidden || look === null || look.model === null || look.state === "working" || look.total === 0;
    this.byItself.row.hidden = look === null || look.model === null || !look.allowed;
    this.byItself.field.checked = look?.by_itself ?? false;
  }

  /** What is most useful is not labelled yet: so the order begins with those. @param {boolean} useful */
  #setOrder(useful) {
    const { sort, ...rest } = this.#chosen();
    this.#set(useful ? { ...rest, status: "unlabelled", sort: "useful" } : rest);
  }

  /** @param {Filter} filter */
  #offerClasses({ class_id }) {
    /** @type {[string, string][]} */
    const options = this.doc.classes.map(({ id, name }) => [String(id), name]);
    if (class_id !== undefined && !options.some(([id]) => id === String(class_id))) options.push([String(class_id), "A class that is gone"]);
    this.classes.field.replaceChildren(...[["", "Any class"], ...options].map(([value, label]) => html("option", { value }, label)));
  }

  /** @returns {Filter} */
  #chosen() {
    const { class_id, ...rest } = {
      status: this.status.field.value,
      split: this.split.field.value,
      class_id: Number(this.classes.field.value),
      flagged: this.flagged.field.checked,
      suggested: this.suggested.field.checked,
      text: this.text.value,
      sort: this.order.field.value,
    };
    return /** @type {Filter} */ ({ ...rest, ...(class_id > 0 ? { class_id } : {}) });
  }

  /** @param {Filter} filter */
  #set(filter) {
    if (studio.project !== null) setQueue(studio.project, filter);
  }
}

/** @param {string} label @param {[string, string][]} options */
function select(label, options) {
  const field = html("select", { class: "st-select" }, ...options.map(([value, words]) => html("option", { value }, words)));
  return { field, row: html("label", { class: "st-queue-row" }, html("span", {}, label), field) };
}

/** @param {string} label */
function tick(label) {
  const field = html("input", { type: "checkbox", class: "st-check" });
  return { field, row: html("label", { class: "st-filter-tick" }, field, html("span", {}, label)) };
}
