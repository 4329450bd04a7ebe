// @ts-check
/** A note to the image shown: a line or two that Enter, or leaving the field, saves. */

import { html, setText } from "./elements.js";
import { Popover } from "./popover.js";

/** Letters of a note. */
const LONGEST = 2000;

export class NotePopover {
  /** @type {number | null} the image whose note is being written */
  #imageId = null;

  /**
   * @param {HTMLButtonElement} button
   * @param {import("./editor_document.js").EditorDocument} doc
   * @param {(imageId: number, note: string) => void} save
   * @param {() => void} leave give the keyboard back to the picture
   */
  constructor(button, doc, save, leave) {
    this.doc = doc;
    this.save = save;
    this.field = html("textarea", {
      class: "st-input st-note-text",
      rows: 3,
      maxlength: LONGEST,
      dir: "auto",
      placeholder: "What somebody should know about this image",
      "aria-label": "Note",
    });
    const hint = html("p", { class: "st-note" });
    setText(hint, "Enter saves, Shift Enter begins a line, Esc leaves the note as it was.");
    this.popover = new Popover(
      button,
      { label: "Note to this image", look: "st-note-popover", onOpen: () => this.#begin(), onClose: () => this.#end(), leave },
      this.field,
      hint,
    );
    this.field.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "Escape") this.#imageId = null; // nothing is saved on the way out
      if (event.key !== "Enter" || event.shiftKey) return;
      event.preventDefault();
      this.popover.leave();
    });
    this.field.addEventListener("blur", () => this.#write());
  }

  #begin() {
    const { image } = this.doc;
    this.#imageId = image?.id ?? null;
    this.field.value = image?.note ?? "";
    this.field.focus();
    this.field.select();
  }

  #end() {
    this.#write();
    this.#imageId = null;
  }

  #write() {
    const { image } = this.doc;
    if (!image || this.#imageId !== image.id) return;
    const note = this.field.value.trim();
    if (note !== (image.note ?? "")) this.save(image.id, note);
  }
}
