// @ts-check
/** The bar above the picture: where we are, what is saved, and the buttons that have no better place. */

import { iconButton, wordButton } from "./buttons.js";
import { html, setText } from "./elements.js";

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
 * @property {() => void} saveNow
 * @property {(imageId: number) => void} show
 */

const STATUS_WORDS = { labelled: "Labelled", unlabelled: "Unlabelled", empty: "No objects" };

/**
 * Words for the state of saving.
 * @param {Pick<Summary, "state" | "edits">} summary
 * @returns {string}
 */
export function savingWords({ state, edits }) {
  const kept = `${edits} ${edits === 1 ? "edit" : "edits"} kept`;
  switch (state) {
    case "saved":
      return "Saved";
    case "saving":
      return "Saving…";
    case "offline":
      return `Offline – ${kept}, retrying`;
    case "failing":
      return `Not saved – ${kept}, retrying`;
    case "refused":
      return `Not saved – ${kept}`;
    case "conflict":
      return `Changed elsewhere – ${kept}`;
  }
}

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
    this.place = html("span", { class: "st-place" });
    this.name = html("span", { class: "st-image-name" });
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
    this.bar = html(
      "div",
      { class: "st-bar", role: "toolbar", "aria-label": "Image" },
      html("div", { class: "st-group" }, this.previous, this.next, this.skip),
      html("div", { class: "st-title" }, this.place, this.name, this.status),
      this.saveState,
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
  }

  /** Follow the document. */
  draw() {
    const { image, place, status, canUndo, canRedo } = this.doc;
    this.bar.hidden = !image;
    if (!image || !place) return;
    setText(this.place, `${place.number} of ${place.total}`);
    setText(this.name, image.name);
    this.name.title = image.name;
    setText(this.status, STATUS_WORDS[status]);
    this.status.dataset.status = status;
    setDisabled(this.previous, place.previous_id === null);
    setDisabled(this.next, place.next_id === null);
    setDisabled(this.skip, place.next_unlabelled_id === null || place.next_unlabelled_id === image.id);
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

/**
 * Switch a button off without throwing away the focus that may be on it.
 * @param {HTMLButtonElement} node its action must do nothing when there is nothing to do
 * @param {boolean} disabled
 */
function setDisabled(node, disabled) {
  node.setAttribute("aria-disabled", String(disabled));
}
