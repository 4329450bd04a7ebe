// @ts-check
/** The Label screen's keys: when they act, and what they set off. */

import { commandOf } from "./editor_keys.js";

/** @typedef {import("./editor_keys.js").Command} Command */
/** @typedef {Record<string, (command: Command) => void>} Commands by name */

const TYPING = "input, textarea, select, [contenteditable]:not([contenteditable=false])";
/** Elements that Space and Enter press. */
const BUTTONS = "button, a, summary, [role=button], [role=tab]";
/** Elements that use the arrow keys themselves. */
const OWN_ARROWS = "[role=slider], [role=listbox], [role=menu], [role=radio]";
const ARROWS = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]);

export class EditorKeyboard {
  /** Whether the next Tab leaves the picture instead of choosing a box, as long as none is selected. */
  #tabLeaves = false;
  /** @type {KeyboardEvent[] | null} keys that wait, or null while none has to */
  #held = null;

  /**
   * @param {import("./lifecycle.js").Life} life
   * @param {{doc: import("./editor_document.js").EditorDocument, canvas: import("./editor_canvas.js").EditorCanvas,
   *   gestures: import("./editor_gestures.js").EditorGestures, keys: import("./key_map.js").KeyMap}} editor
   * @param {Commands} commands
   */
  constructor(life, { doc, canvas, gestures, keys }, commands) {
    this.life = life;
    this.doc = doc;
    this.canvas = canvas;
    this.gestures = gestures;
    this.keys = keys;
    this.commands = commands;
    life.listen(document, "keydown", (event) => this.#down(event));
    life.listen(document, "keyup", (event) => event.key === " " && gestures.holdSpace(false));
    life.listen(window, "blur", () => gestures.holdSpace(false));
  }

  /**
   * Let keys wait until something is done, and act then in their order; if it fails, they are forgotten.
   * @param {Promise<unknown>} done
   */
  hold(done) {
    const held = (this.#held ??= []);
    const release = (/** @type {KeyboardEvent[]} */ events) => {
      if (this.#held !== held) return;
      this.#held = null;
      events.forEach((event) => this.#act(event));
    };
    done.then(() => release(held), () => release([]));
  }

  /** @param {KeyboardEvent} event */
  #down(event) {
    const target = event.target instanceof Element ? event.target : document.body;
    if (event.defaultPrevented || event.isComposing || !this.doc.image || !this.life.visible) return;
    if (target.closest(TYPING) || document.querySelector("dialog[open]")) return;
    if (ARROWS.has(event.key) && target.closest(OWN_ARROWS)) return;
    if (event.key === " ") return this.#space(event, target);
    const pressed = event.key === "Enter" && this.#forButton(target);
    const command = pressed ? null : commandOf(event, this.doc.inHand !== null, this.keys.keysOf);
    if (!command || (this.gestures.busy && command.name !== "cancel")) return;
    if (command.name === "cycle" && !this.#tabStays(event)) return;
    if (command.name === "copy" && String(getSelection()) !== "") return; // words on the page are copied by the browser
    event.preventDefault();
    if (this.#held) this.#held.push(event);
    else this.#act(event);
  }

  /** @param {KeyboardEvent} event */
  #act(event) {
    const command = commandOf(event, this.doc.inHand !== null, this.keys.keysOf);
    if (!command || !this.doc.image) return;
    this.#tabLeaves = false;
    if (command.name === "cancel") this.#cancel();
    else this.commands[command.name]?.(command);
  }

  /** @param {Element} target @returns {boolean} whether Space and Enter are meant for it */
  #forButton(target) {
    const button = target.closest(BUTTONS);
    // One that still has the focus is not meant while the pointer is on the picture, nor is the tab that led here.
    return button !== null && !button.matches("[role=tab][aria-selected=true]") && !this.canvas.view.matches(":hover");
  }

  /** @param {KeyboardEvent} event @param {Element} target */
  #space(event, target) {
    if (this.#forButton(target)) return;
    event.preventDefault(); // the page would scroll
    this.gestures.holdSpace(true);
  }

  /** @param {KeyboardEvent} event */
  #tabStays({ key }) {
    if (key !== "Tab") return true;
    const leaves = this.#tabLeaves && this.doc.selectedId === null;
    return document.activeElement === this.canvas.view && this.doc.pickable.length + this.doc.ghosts.reachable.length > 0 && !leaves;
  }

  #cancel() {
    const elsewhere = document.activeElement !== this.canvas.view;
    if (elsewhere) this.canvas.view.focus({ preventScroll: true }); // from the bar, the panel or the strip
    if (this.gestures.busy || this.gestures.awaitsCorner) return this.gestures.cancel();
    if (this.doc.waiting) return this.doc.dropWaiting();
    this.doc.select(null);
    this.#tabLeaves = !elsewhere;
  }
}
