// @ts-check
/** What appears over the picture: the choice after a conflict, and the form that names the first class. */

import { wordButton } from "./buttons.js";
import { classForm } from "./class_form.js";
import { html } from "./elements.js";
import { icon } from "./icons.js";

/** Screen pixels between a waiting box and its form, and between the form and the view's edge. */
const GAP = 8;
const FIRST = "Name your first class";

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
 * @param {{mine: Side, theirs: Side}} sides what I have, and what the server has
 * @param {{keepMine: () => void, takeTheirs: () => void, keepBoth: () => void}} actions
 */
export function conflictBar({ mine, theirs }, { keepMine, takeTheirs, keepBoth }) {
  const dashed = theirs.boxes === 0 ? "" : " (dashed)";
  return bar(
    `This image was changed in another window. There: ${sideWords(theirs)}${dashed}. Here: ${sideWords(mine)}. Which shall stay?`,
    wordButton("Keep mine", keepMine, { primary: true, small: true }),
    wordButton("Keep theirs", takeTheirs, { small: true }),
    mine.boxes > 0 && theirs.boxes > 0 ? wordButton("Keep both", keepBoth, { small: true }) : null,
  );
}

/** @typedef {{boxes: number, empty: boolean}} Side how many boxes, and whether it is marked as holding nothing */

/** @param {Side} side */
function sideWords({ boxes, empty }) {
  if (boxes > 0) return boxes === 1 ? "1 box" : `${boxes} boxes`;
  return empty ? "marked “No objects”" : "no boxes";
}

/** @param {string} words @param {...(HTMLElement | null)} actions */
function bar(words, ...actions) {
  return html("div", { class: "st-conflict", role: "alert" }, icon("warning"), html("span", {}, words), ...actions);
}

export class FirstClassPrompt {
  /**
   * @param {import("./editor_document.js").EditorDocument} doc
   * @param {import("./drawing_desk.js").ClassNews} news
   */
  constructor(doc, news) {
    this.doc = doc;
    const { form, field, setLabel } = classForm({
      label: FIRST,
      project: () => doc.image?.project_id ?? null,
      ...news,
      onCancel: () => doc.dropWaiting(),
    });
    this.field = field;
    this.setLabel = setLabel;
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
    if (opens) this.setLabel(this.doc.offered.length === 0 ? FIRST : "Name of the class");
    const { x, y } = viewport.toView({ x: waiting[0], y: waiting[3] });
    const { width, height } = viewport.view;
    const left = Math.min(x, width - this.node.offsetWidth - GAP);
    const top = Math.min(y + GAP, height - this.node.offsetHeight - GAP);
    Object.assign(this.node.style, { left: `${Math.max(GAP, left)}px`, top: `${Math.max(GAP, top)}px` });
    if (opens) this.field.focus();
  }
}
