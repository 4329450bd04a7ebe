// @ts-check
/** The Label screen's keys: when they act, and what they set off. */

import { commandOf } from "./editor_keys.js";

/** @typedef {import("./editor_toolbar.js").ToolbarActions & {copyPrevious: () => void}} Actions */

const TYPING = "input, textarea, select, [contenteditable]:not([contenteditable=false])";
/** Elements that use the arrow keys themselves. */
const OWN_ARROWS = "[role=slider], [role=listbox], [role=menu], [role=radio]";
const ARROWS = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]);

export class EditorKeyboard {
  /** Whether the next Tab leaves the picture instead of choosing a box, as long as none is selected. */
  #tabLeaves = false;

  /**
   * @param {import("./lifecycle.js").Life} life
   * @param {{doc: import("./editor_document.js").EditorDocument, canvas: import("./editor_canvas.js").EditorCanvas,
   *   gestures: import("./editor_gestures.js").EditorGestures}} editor
   * @param {Actions} actions
   */
  constructor(life, { doc, canvas, gestures }, actions) {
    this.life = life;
    this.doc = doc;
    this.canvas = canvas;
    this.gestures = gestures;
    this.actions = actions;
    life.listen(document, "keydown", (event) => this.#down(event));
    life.listen(document, "keyup", (event) => event.key === " " && gestures.holdSpace(false));
    life.listen(window, "blur", () => gestures.holdSpace(false));
  }

  /** @param {KeyboardEvent} event */
  #down(event) {
    const target = event.target instanceof Element ? event.target : document.body;
    if (event.defaultPrevented || event.isComposing || !this.doc.image || !this.life.visible) return;
    if (target.closest(TYPING)) return;
    if (ARROWS.has(event.key) && target.closest(OWN_ARROWS)) return;
    if (event.key === " ") return this.#space(event, target);
    const command = commandOf(event, this.doc.selected !== null);
    if (!command || (this.gestures.busy && command.name !== "cancel")) return;
    if (command.name === "cycle" && !this.#tabStays()) return;
    event.preventDefault();
    this.#run(command);
  }

  /** @param {KeyboardEvent} event @param {Element} target */
  #space(event, target) {
    if (target.closest("button, a, summary, [role=button], [role=tab]")) return;
    event.preventDefault(); // the page would scroll
    this.gestures.holdSpace(true);
  }

  #tabStays() {
    const leaves = this.#tabLeaves && this.doc.selectedId === null;
    this.#tabLeaves = false;
    return document.activeElement === this.canvas.view && this.doc.boxes.length > 0 && !leaves;
  }

  /** @param {import("./editor_keys.js").Command} command */
  #run(command) {
    const { doc, actions } = this;
    switch (command.name) {
      case "chooseClass": {
        const chosen = doc.classes[command.index];
        if (chosen) doc.chooseClass(chosen.id);
        return;
      }
      case "nudge":
        return doc.nudge(command.dx, command.dy);
      case "cycle":
        return doc.cycle(command.direction);
      case "remove":
        return doc.selectedId === null ? undefined : doc.remove(doc.selectedId);
      case "toggleEmpty":
        return doc.markEmpty(!doc.labels.empty);
      case "cancel":
        return this.#cancel();
      default:
        return actions[command.name]();
    }
  }

  #cancel() {
    if (this.gestures.busy) return this.gestures.cancel();
    if (this.doc.waiting) return this.doc.dropWaiting();
    this.doc.select(null);
    this.#tabLeaves = true;
  }
}
