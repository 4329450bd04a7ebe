// @ts-check
/** The bar above the picture: where we are, what is saved, and the buttons that have no better place. */

import { iconButton, wordButton } from "./buttons.js";
import { html, setAttributes, setText } from "./elements.js";
import { nameKey, withKey } from "./key_titles.js";
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
  /** @type {number | null} the image that the reason is of */
  #explained = null;

  /**
   * @param {import("./editor_document.js").EditorDocument} doc
   * @param {import("./key_map.js").KeyMap} keys that tooltips tell of
   * @param {ToolbarActions} actions
   */
  constructor(doc, keys, actions) {
    this.doc = doc;
    this.keys = keys;
    this.previous = this.#keyed("previous", "back", "Previous image", actions.previous);
    this.next = this.#keyed("next", "forward", "Next image", actions.next);
    this.skip = this.#keyed("nextUnlabelled", "skip", "Next unlabelled image", actions.nextUnlabelled);
    this.undo = this.#keyed("undo", "undo", "Undo", actions.undo);
    this.redo = this.#keyed("redo", "redo", "Redo", actions.redo);
    this.zoom = html("button", { type: "button", class: "st-zoom", onclick: actions.fit }, "100%");
    this.#follow(this.zoom, "fit", "Fit the picture");
    this.place = html("button", { type: "button", class: "st-place" });
    this.#follow(this.place, "jump", "Jump to an image");
    this.filter = iconButton("filter", "Filter: all images", () => {});
    this.flag = this.#keyed("toggleFlag", "flag", "Flag this image", actions.toggleFlag);
    this.note = iconButton("note", "Note", () => {});
    keys.addEventListener("change", () => this.draw());
    this.name = html("span", { class: "st-image-name", dir: "auto" });
    this.status = html("span", { class: "st-badge" });
    this.reason = html("span", { class: "st-image-reason" });
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
        this.#keyed("zoomOut", "minus", "Zoom out", actions.zoomOut),
        this.zoom,
        this.#keyed("zoomIn", "add", "Zoom in", actions.zoomIn),
        this.#keyed("fit", "fit", "Fit the picture", actions.fit),
      ),
    );
    this.bar = html(
      "div",
      { class: "st-label-bar", role: "group", "aria-label": "Image" },
      html("div", { class: "st-group" }, this.previous, this.next, this.skip),
      html("div", { class: "st-group" }, this.place, this.filter),
      html("div", { class: "st-title" }, this.name, this.status, this.reason),
      this.saveState,
      this.ofImage,
      this.ofView,
    );
  }

  /** @param {string} id of its binding @param {string} symbol @param {string} label @param {() => void} run */
  #keyed(id, symbol, label, run) {
    const button = iconButton(symbol, label, run);
    this.#follow(button, id, label);
    return button;
  }

  /** Tell of a key as it is, whatever it is changed to. @param {Element} button @param {string} id @param {string} label */
  #follow(button, id, label) {
    const tell = () => nameKey(button, label, this.keys, id);
    this.keys.addEventListener("change", tell);
    tell();
  }

  /** Follow the document; without an image only the ways to one remain. */
  draw() {
    const { image, place, status, canUndo, canRedo } = this.doc;
    for (const part of [this.ofImage, this.ofView, this.name, this.status, this.reason]) part.hidden = !image;
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
    this.#explain(image, status === "unlabelled");
    this.flag.setAttribute("aria-pressed", String(image.flag ?? false));
    const note = image.note ?? "";
    nameKey(this.note, "Note", this.keys, "editNote");
    setAttributes(this.note, { "data-written": note !== "", "aria-description": note || null });
    if (note !== "") this.note.title = `${withKey("Note", this.keys, "editNote")}: ${note}`;
    setDisabled(this.undo, !canUndo);
    setDisabled(this.redo, !canRedo);
  }

  /**
   * Say why the image is shown; that stays when its first box is drawn, since the picture moves where the line goes.
   * @param {import("./records.js").ImageRecord} image
   * @param {boolean} unlabelled
   */
  #explain({ id, look }, unlabelled) {
    if (!unlabelled && id === this.#explained) return;
    this.#explained = id;
    setText(this.reason, unlabelled ? (look?.reason ?? "") : "");
    this.reason.title = this.reason.textContent ?? "";
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
