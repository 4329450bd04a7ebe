// @ts-check
/** The bar above the picture: where we are, what is saved, and the buttons that have no better place. */

import { iconButton, wordButton } from "./buttons.js";
import { html, setAttributes, setText } from "./elements.js";
import { savingWords } from "./saving_words.js";

/** @typedef {import("./save_queue.js").Summary} Summary */
/**
 * @typedef {object} ToolbarActions
 * @property {() => void} previous
 * @property {() => void} next
 * @property {() => void} nextUnlabelled
 * @property {() => void} undo
 * @property {() => void} redo
 * @property {() => void} zoomIn
 * @property {() => void} zoomOut
 * @property {() => void} fit
 * @property {() => void} toggleFlag
 * @property {() => void} saveNow
 * @property {(imageId: number) => void} show
 */

const STATUS_WORDS = { labelled: "Labelled", unlabelled: "Unlabelled", empty: "No objects" };

export class EditorToolbar {
  /** @type {number | null} the image whose saving needs a decision */
  #troubled = null;

  /**
   * @param {import("./editor_document.js").EditorDocument} doc
   * @param {ToolbarActions} actions
   */
  constructor(doc, actions) {
    this.doc = doc;
    this.previous = iconButton("back", "Previous image (A)", actions.previous);
    this.next = iconButton("forward", "Next image (D)", actions.next);
    this.skip = iconButton("skip", "Next unlabelled image (Shift D)", actions.nextUnlabelled);
    this.undo = iconButton("undo", "Undo (Ctrl Z)", actions.undo);
    this.redo = iconButton("redo", "Redo (Ctrl Shift Z)", actions.redo);
    this.zoom = html("button", { type: "button", class: "st-zoom", title: "Fit the picture (F)", onclick: actions.fit }, "100%");
    this.place = html("button", { type: "button", class: "st-place", title: "Jump to an image (J)" });
    this.filter = iconButton("filter", "Filter: all images", () => {});
    this.flag = iconButton("flag", "Flag this image (G)", actions.toggleFlag);
    this.note = iconButton("note", "Note (M)", () => {});
    this.name = html("span", { class: "st-image-name", dir: "auto" });
    this.status = html("span", { class: "st-badge" });
    this.saving = html("span", { class: "st-saving-words" });
    this.retry = wordButton("Retry now", actions.saveNow, { small: true });
    this.show = wordButton("Show the image", () => this.#troubled !== null && actions.show(this.#troubled), { small: true });
    this.saveState = html(
      "div",
      { class: "st-saving" },
      html("span", { class: "st-saving-dot", "aria-hidden": "true" }),
      html("span", { role: "status", "aria-live": "polite" }, this.saving),
      this.retry,
      this.show,
    );
    this.ofImage = html("div", { class: "st-group st-of-image" }, this.flag, this.note);
    this.ofView = html(
      "div",
      { class: "st-group st-of-view" },
      html("div", { class: "st-group" }, this.undo, this.redo),
      html(
        "div",
        { class: "st-group" },
        iconButton("minus", "Zoom out (−)", actions.zoomOut),
        this.zoom,
        iconButton("add", "Zoom in (+)", actions.zoomIn),
        iconButton("fit", "Fit the picture (F)", actions.fit),
      ),
    );
    this.bar = html(
      "div",
      { class: "st-bar", role: "toolbar", "aria-label": "Image" },
      html("div", { class: "st-group" }, this.previous, this.next, this.skip),
      html("div", { class: "st-group" }, this.place, this.filter),
      html("div", { class: "st-title" }, this.name, this.status),
      this.saveState,
      this.ofImage,
      this.ofView,
    );
  }

  /** Follow the document; without an image only the ways to one remain. */
  draw() {
    const { image, place, status, canUndo, canRedo } = this.doc;
    for (const part of [this.ofImage, this.ofView, this.name, this.status]) part.hidden = !image;
    setDisabled(this.previous, !place || place.previous_id === null);
    setDisabled(this.next, !place || place.next_id === null);
    setDisabled(this.skip, !place || place.next_unlabelled_id === null || place.next_unlabelled_id === image?.id);
    const words = placeWords(place);
    setText(this.place, words);
    this.place.setAttribute("aria-label", `${words}: jump to an image`);
    if (!image) return;
    setText(this.name, image.name);
    this.name.title = image.name;
    setText(this.status, STATUS_WORDS[status]);
    this.status.dataset.status = status;
    this.flag.setAttribute("aria-pressed", String(image.flag ?? false));
    const note = image.note ?? "";
    setAttributes(this.note, { "data-written": note !== "", title: note === "" ? "Note (M)" : `Note (M): ${note}` });
    setDisabled(this.undo, !canUndo);
    setDisabled(this.redo, !canRedo);
  }

  /** @param {number} zoom screen pixels per image pixel */
  showZoom(zoom) {
    setText(this.zoom, `${Math.round(zoom * 100)}%`);
    this.zoom.setAttribute("aria-label", `Zoom ${Math.round(zoom * 100)} percent, fit the picture`);
  }

  /** @param {Summary} summary */
  showSaving(summary) {
    setText(this.saving, savingWords(summary));
    this.saveState.dataset.state = summary.state;
    this.saveState.title = summary.message;
    this.#troubled = summary.imageId;
    const needsDecision = summary.state === "refused" || summary.state === "conflict";
    this.retry.hidden = summary.state !== "offline" && summary.state !== "failing";
    this.show.hidden = !needsDecision || summary.imageId === this.doc.image?.id;
  }
}

/** @param {import("./records.js").PlaceRecord | null} place */
function placeWords(place) {
  if (!place) return "Jump to…";
  const total = place.total.toLocaleString("en");
  return place.number === null ? `– of ${total}` : `${place.number.toLocaleString("en")} of ${total}`;
}

/**
 * Switch a button off without throwing away the focus that may be on it.
 * @param {HTMLButtonElement} node its action must do nothing when there is nothing to do
 * @param {boolean} disabled
 */
function setDisabled(node, disabled) {
  node.setAttribute("aria-disabled", String(disabled));
}
