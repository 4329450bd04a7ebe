// @ts-check
/** What appears over the picture: the choice after a conflict, and the form that names the first class. */

import { wordButton } from "./buttons.js";
import { classForm } from "./class_form.js";
import { html } from "./elements.js";
import { icon } from "./icons.js";

/** Screen pixels between a waiting box and its form, and between the form and the view's edge. */
const GAP = 8;

/**
 * The bar over a picture whose boxes the server refuses.
 * @param {string} message why
 * @param {{tryAgain: () => void, loadSaved: () => void}} actions
 */
export function refusedBar(message, { tryAgain, loadSaved }) {
  return bar(
    `These boxes cannot be saved. ${message}`,
    wordButton("Try again", tryAgain, { primary: true, small: true }),
    wordButton("Load the saved boxes", loadSaved, { small: true }),
  );
}

/**
 * The bar that asks whose boxes shall stay.
 * @param {{mine: number, theirs: number}} boxes how many boxes I have, and how many the server
 * @param {{keepMine: () => void, takeTheirs: () => void, keepBoth: () => void}} actions
 */
export function conflictBar({ mine, theirs }, { keepMine, takeTheirs, keepBoth }) {
  const there = `${theirs === 0 ? "no" : theirs} ${theirs === 1 ? "box" : "boxes"} there`;
  const dashed = theirs === 0 ? "" : " (dashed)";
  return bar(
    `This image was changed in another window: ${there}${dashed}, ${mine === 0 ? "none" : mine} here. Which boxes shall stay?`,
    wordButton("Keep mine", keepMine, { primary: true, small: true }),
    wordButton("Keep theirs", takeTheirs, { small: true }),
    wordButton("Keep both", keepBoth, { small: true }),
  );
}

/** @param {string} words @param {...HTMLElement} actions */
function bar(words, ...actions) {
  return html("div", { class: "st-conflict", role: "alert" }, icon("warning"), html("span", {}, words), ...actions);
}

export class FirstClassPrompt {
  /**
   * @param {import("./editor_document.js").EditorDocument} doc
   * @param {(made: import("./records.js").ClassRecord) => void} onAdded
   */
  constructor(doc, onAdded) {
    this.doc = doc;
    const { form, field } = classForm({
      label: "Name your first class",
      project: () => doc.image?.project_id ?? null,
      onAdded,
      onCancel: () => doc.dropWaiting(),
    });
    this.field = field;
    this.node = html(
      "div",
      { class: "st-class-prompt", hidden: true },
      html("p", {}, "What is in this box?"),
      form,
      html("p", { class: "st-note" }, "Enter adds the class. Esc drops the box."),
    );
  }

  /**
   * Stand beside the waiting box, or be away.
   * @param {import("./viewport.js").Viewport} viewport
   */
  draw(viewport) {
    const { waiting } = this.doc;
    const opens = this.node.hidden && waiting !== null;
    this.node.hidden = waiting === null;
    if (waiting === null) return;
    const { x, y } = viewport.toView({ x: waiting[0], y: waiting[3] });
    const { width, height } = viewport.view;
    const left = Math.min(x, width - this.node.offsetWidth - GAP);
    const top = Math.min(y + GAP, height - this.node.offsetHeight - GAP);
    Object.assign(this.node.style, { left: `${Math.max(GAP, left)}px`, top: `${Math.max(GAP, top)}px` });
    if (opens) this.field.focus();
  }
}
