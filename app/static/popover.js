// @ts-check
/** A small panel that opens below the button it belongs to, and closes on Escape or a click elsewhere. */

import { html } from "./elements.js";

/** Screen pixels between the button and the panel, and between the panel and the window's edge. */
const GAP = 6;

export class Popover {
  #begun = false;
  #onOpen;
  #leave;
  #stay = () => this.place();

  /**
   * @param {HTMLButtonElement} button opens and closes it
   * @param {object} options
   * @param {string} options.label what the panel is called
   * @param {string} [options.look] another class
   * @param {() => void} [options.onOpen] also the place to put the focus
   * @param {() => void} [options.onClose]
   * @param {() => void} [options.leave] puts the focus where it belongs when the panel was left by a key
   * @param {...import("./elements.js").Child} children
   */
  constructor(button, { label, look = "", onOpen, onClose, leave }, ...children) {
    this.button = button;
    this.#onOpen = onOpen;
    this.#leave = leave;
    this.node = html("div", { class: `st-popover ${look}`, popover: "auto", role: "dialog", "aria-label": label }, ...children);
    button.popoverTargetElement = this.node;
    button.setAttribute("aria-haspopup", "dialog");
    this.node.addEventListener("keydown", (event) => {
      event.stopPropagation(); // the picture's keys rest meanwhile
      if (event.key !== "Escape" || event.isComposing) return;
      event.preventDefault();
      this.leave();
    });
    this.node.addEventListener("beforetoggle", (event) => {
      const opens = /** @type {ToggleEvent} */ (event).newState === "open";
      button.setAttribute("aria-expanded", String(opens));
      if (opens) return;
      this.#begun = false;
      window.removeEventListener("resize", this.#stay);
      onClose?.();
      // A field that is merely hidden would hold the focus until the next frame, and swallow the next key.
      const { activeElement } = document;
      if (activeElement instanceof HTMLElement && this.node.contains(activeElement)) activeElement.blur();
    });
    this.node.addEventListener("toggle", (event) => {
      if (/** @type {ToggleEvent} */ (event).newState === "open") this.#begin();
    });
  }

  get isOpen() {
    return this.node.matches(":popover-open");
  }

  open() {
    if (this.isOpen || this.button.getClientRects().length === 0) return;
    this.node.showPopover();
    this.#begin(); // at once: what is typed next is meant for it, and "toggle" comes late
  }

  close() {
    if (this.isOpen) this.node.hidePopover();
  }

  /** Close, and go back to work. */
  leave() {
    this.close();
    this.#leave?.();
  }

  #begin() {
    if (this.#begun) return;
    this.#begun = true;
    this.place();
    window.addEventListener("resize", this.#stay); // as when a telephone is turned
    this.#onOpen?.();
  }

  /** Stand below the button, or above it where there is no room below. */
  place() {
    const at = this.button.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.node;
    const left = Math.max(GAP, Math.min(at.left, innerWidth - width - GAP));
    const below = at.bottom + GAP;
    const top = below + height <= innerHeight - GAP ? below : Math.max(GAP, at.top - GAP - height);
    Object.assign(this.node.style, { left: `${left}px`, top: `${top}px` });
  }
}
