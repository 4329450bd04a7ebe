// @ts-check
/** One finding, large enough to judge: the place in its picture, what is said of it, and what can be done. */

import { wordButton } from "./buttons.js";
import { boxMarks, croppedPicture, linesLegend } from "./cropped_picture.js";
import { html, setAttributes, setText } from "./elements.js";
import { cropOf } from "./evaluate_words.js";
import { findingWords, KINDS, mendWords } from "./review_words.js";

/** @typedef {import("./review_words.js").FindingRecord} FindingRecord */

/** Screen pixels the picture is wide at most, times two for sharp screens. */
const SHARP = 1800;
/** Twice this part of the picture is shown at least: what a thing is, its surroundings tell. */
const LEAST_PART = 0.22;

/**
 * @typedef {object} StageActions
 * @property {() => void} mend do what the model says
 * @property {() => void} dismiss it is right as it is
 * @property {() => void} open show the image in Label
 */

/** @param {FindingRecord} finding @param {(id: number) => string} nameOf */
export function sentenceOf(finding, nameOf) {
  const drawn = finding.boxes.find(({ id }) => id === finding.box_id);
  return findingWords(finding, nameOf(finding.class_id), nameOf(drawn?.class_id ?? finding.class_id));
}

export class ReviewStage {
  /** @param {StageActions} actions */
  constructor(actions) {
    this.picture = html("div", { class: "st-review-picture" });
    this.kind = html("span", { class: "st-badge" });
    this.place = html("span", { class: "st-count" });
    this.words = html("h2", { class: "st-review-words", dir: "auto", role: "status" });
    this.name = html("span", { class: "st-name", dir: "auto" });
    this.mend = wordButton("", actions.mend, { primary: true, symbol: "check" });
    this.keep = wordButton("It is right as it is", actions.dismiss, { symbol: "close" });
    this.open = wordButton("Open in Label", actions.open, { symbol: "pencil" });
    setAttributes(this.mend, { "aria-keyshortcuts": "Enter Y", title: "Enter or Y" });
    setAttributes(this.keep, { "aria-keyshortcuts": "N", title: "N" });
    setAttributes(this.open, { "aria-keyshortcuts": "O", title: "O" });
    this.node = html(
      "section",
      { class: "st-review-stage", "aria-label": "Finding" },
      this.picture,
      html("div", { class: "st-review-facts" }, this.kind, this.name, this.place),
      this.words,
      html("div", { class: "st-actions st-review-actions" }, this.mend, this.keep, this.open),
      html(
        "div",
        { class: "st-review-foot" },
        linesLegend("seen by the model"),
        html("p", { class: "st-note st-review-keys" }, "Enter or Y does it, N leaves it, U takes it back, O opens it, ↑ ↓ walk."),
      ),
    );
  }

  /**
   * @param {FindingRecord} finding
   * @param {{nameOf: (id: number) => string, place: string}} of
   */
  show(finding, { nameOf, place }) {
    const { image, kind } = finding;
    this.node.dataset.findingId = String(finding.id);
    this.node.dataset.kind = kind;
    this.picture.replaceChildren(pictureOf(finding, SHARP));
    setText(this.kind, KINDS[kind].title);
    setText(this.place, place);
    setText(this.name, image.name);
    setAttributes(this.name, { title: image.name });
    setText(this.words, sentenceOf(finding, nameOf));
    setText(/** @type {Element} */ (this.mend.lastChild), mendWords(kind, nameOf(finding.class_id)).ask);
  }

  /** @param {boolean} busy whether a decision is on its way */
  set busy(busy) {
    for (const button of [this.mend, this.keep]) button.disabled = busy;
  }
}

/**
 * The place of a finding: the boxes that are drawn, the one in doubt thick, and the model's dashed.
 * @param {FindingRecord} finding
 * @param {number} sharp see `croppedPicture`; 0 for the small copy in any case
 */
function pictureOf(finding, sharp) {
  const { image, box, boxes, box_id: inDoubt, kind } = finding;
  const { width, height } = image;
  const drawn = boxes.find(({ id }) => id === inDoubt)?.box ?? null;
  const seen = kind === "unseen_box" ? null : box;
  const crop = cropOf({ box: seen, truth_box: drawn ?? (seen ? null : box), width, height }, LEAST_PART * Math.max(width, height));
  const others = boxes.filter(({ id }) => id !== inDoubt).flatMap(({ box: corners }) => boxMarks(corners, "st-truth-line st-thin-line"));
  return croppedPicture(image, crop, sharp, ...others, ...boxMarks(drawn, "st-truth-line"), ...boxMarks(seen, "st-found-line"));
}

/**
 * A finding in the list.
 * @param {FindingRecord} finding
 * @param {{nameOf: (id: number) => string, onChoose: () => void}} of
 */
export function findingRow(finding, { nameOf, onChoose }) {
  const { id, kind, image, score, class_id: of } = finding;
  return html(
    "li",
    { class: "st-review-row", role: "option", id: `st-finding-${id}`, "data-finding-id": id, onclick: onChoose },
    pictureOf(finding, 0),
    html(
      "span",
      { class: "st-review-row-words" },
      html("strong", {}, KINDS[kind].short),
      html("span", { dir: "auto", class: "st-name" }, nameOf(of)),
      html("span", { class: "st-note st-name", dir: "auto" }, image.name),
    ),
    html("span", { class: "st-count" }, score === null ? "" : score.toFixed(2)),
  );
}
