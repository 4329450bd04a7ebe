// @ts-check
/** The bar that stands over the grid while images are selected: how many, and what to do with them. */

import { iconButton, wordButton } from "./buttons.js";
import { counted, grouped } from "./count_words.js";
import { html, setText } from "./elements.js";
import { attachMenu } from "./menu.js";

/** @typedef {import("./bulk_actions.js").BulkAction} BulkAction */

export class BulkBar {
  #total = 0;

  /**
   * @param {import("./image_selection.js").ImageSelection} selection
   * @param {(action: BulkAction) => void} onAction
   */
  constructor(selection, onAction) {
    this.selection = selection;
    this.count = html("span", { class: "st-bulk-count", role: "status" });
    this.every = html("button", { type: "button", class: "st-link", onclick: () => selection.selectEverything() });
    const item = (/** @type {string} */ label, /** @type {BulkAction["action"]} */ action, /** @type {unknown} */ value) => ({ label, run: () => onAction({ action, value }) });
    this.node = html(
      "div",
      { class: "st-bulk", role: "toolbar", "aria-label": "Selected images", hidden: true },
      iconButton("close", "Select nothing", () => selection.clear()),
      this.count,
      this.every,
      html(
        "div",
        { class: "st-actions" },
        attachMenu(wordButton("Split", () => {}, { small: true, symbol: "project" }), () => [
          item("Training", "split", "train"),
          item("Validation", "split", "val"),
          item("Test", "split", "test"),
          item("In no split", "split", null),
        ]),
        attachMenu(wordButton("Mark", () => {}, { small: true, symbol: "empty" }), () => [
          { ...item("Without objects", "status", "empty"), note: "Checked, and there is nothing to find" },
          { ...item("Unlabelled", "status", "unlabelled"), note: "Still to be looked at" },
          item("Flag", "flag", true),
          item("Take the flag away", "flag", false),
        ]),
        wordButton("Delete", () => onAction({ action: "delete", value: null }), { small: true, danger: true, symbol: "trash" }),
      ),
    );
    selection.addEventListener("change", () => this.#draw());
  }

  /** @param {number} total images that match the filter */
  show(total) {
    this.#total = total;
    this.#draw();
  }

  #draw() {
    const { selection } = this;
    this.node.hidden = selection.size === 0;
    if (selection.size === 0) return;
    setText(this.count, selection.everything ? `All ${counted(this.#total, "image")} selected` : `${grouped(selection.size)} selected`);
    this.every.hidden = selection.everything || !selection.wholePage || selection.size >= this.#total;
    setText(this.every, `Select all ${grouped(this.#total)} that match`);
  }
}
