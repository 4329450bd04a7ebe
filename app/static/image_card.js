// @ts-check
/** One photograph in the grid: its thumbnail with its boxes, what is known of it, and what can be done with it. */

import { iconButton } from "./buttons.js";
import { html, svg } from "./elements.js";
import { icon } from "./icons.js";
import { pictureUrl } from "./pictures.js";

/** @typedef {import("./records.js").ImageRecord} ImageRecord */
/** @typedef {[number, number, number, number, number]} Drawn class id, then float xyxy pixels of the upright image */
/** @typedef {ImageRecord & {flag?: boolean, note?: string, warning?: string | null, suggestions?: number, drawn?: Drawn[]}} GridImage */

const SPLITS = { train: "Train", val: "Val", test: "Test" };

/**
 * Words for what is known of an image.
 * @param {Pick<ImageRecord, "status" | "boxes">} image
 * @returns {string}
 */
export function statusWords({ status, boxes }) {
  if (status === "empty") return "No objects";
  if (status === "unlabelled") return "Unlabelled";
  return boxes === 1 ? "1 box" : `${boxes ?? 0} boxes`;
}

/**
 * Make the card.
 * @param {GridImage} image
 * @param {{onOpen: () => void, onToggle: (range: boolean) => void, onDelete: () => void}} actions
 */
export function imageCard(image, { onOpen, onToggle, onDelete }) {
  const words = statusWords(image);
  const facts = [words, image.flag && "flagged", image.suggestions && "with suggestions"].filter(Boolean).join(", ");
  const check = html("input", { type: "checkbox", class: "st-check", tabindex: -1, "aria-label": `Select ${image.name}` });
  // The selection decides what is checked; Shift makes a range, which a "change" event would not tell.
  check.addEventListener("click", (event) => {
    event.preventDefault();
    setTimeout(() => onToggle(event.shiftKey)); // the browser takes its own tick back first
  });
  const open = html(
    "button",
    { type: "button", class: "st-card-open", tabindex: -1, "aria-label": `Label ${image.name}: ${facts}`, onclick: (/** @type {MouseEvent} */ event) => (event.shiftKey || event.ctrlKey || event.metaKey ? onToggle(event.shiftKey) : onOpen()) },
    html("img", { src: pictureUrl(image, "thumbnail"), alt: "", loading: "lazy", decoding: "async", draggable: "false" }),
    boxesOf(image),
  );
  const remove = iconButton("trash", `Delete ${image.name}`, onDelete);
  remove.tabIndex = -1; // Tab reaches the controls of one card only, whichever the grid says
  return html(
    "li",
    { class: "st-card", "data-image-id": image.id },
    html(
      "div",
      { class: "st-card-picture" },
      open,
      html("label", { class: "st-card-check" }, check),
      remove,
      // Their number would count the unsure ones too, which Label does not show.
      image.suggestions ? html("span", { class: "st-card-suggestions", title: "With suggestions" }, icon("spark")) : null,
    ),
    html(
      "div",
      { class: "st-card-foot" },
      html("span", { class: "st-name", title: image.note ? `${image.name}\n${image.note}` : image.name, dir: "auto" }, ...nameParts(image.name)),
      html(
        "span",
        { class: "st-card-facts" },
        html("span", { class: "st-status", "data-status": image.status }, words),
        image.split ? html("span", { class: "st-card-split" }, SPLITS[/** @type {"train"} */ (image.split)] ?? image.split) : null,
        image.warning ? html("span", { class: "st-card-warning", title: image.warning }, icon("warning"), html("span", { class: "st-hidden-words" }, image.warning)) : null,
        image.flag ? html("span", { class: "st-card-flag", title: "Flagged" }, flagMark()) : null,
      ),
    ),
  );
}

/**
 * Show which cards are selected.
 * @param {Iterable<Element>} cards
 * @param {{has: (id: number) => boolean}} selection
 */
export function markSelected(cards, selection) {
  for (const card of cards) {
    const on = selection.has(Number(/** @type {HTMLElement} */ (card).dataset.imageId));
    card.classList.toggle("st-selected", on);
    const check = card.querySelector(".st-check");
    if (check instanceof HTMLInputElement) check.checked = on;
  }
}

/** A long path loses its folders first, its file's name last. @param {string} name */
export function nameParts(name) {
  const cut = name.lastIndexOf("/") + 1;
  return [cut > 0 ? html("span", { class: "st-name-folder" }, name.slice(0, cut)) : null, html("span", { class: "st-name-file" }, name.slice(cut))];
}

/** The boxes in their classes' colours: the grid sets `--st-class-<id>`. @param {GridImage} image */
function boxesOf({ width, height, drawn }) {
  if (!drawn || drawn.length === 0) return null;
  return svg(
    "svg",
    { class: "st-card-boxes", viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true", focusable: "false" },
    ...drawn.map(([classId, x0, y0, x1, y1]) =>
      svg("rect", { x: x0, y: y0, width: Math.max(0, x1 - x0), height: Math.max(0, y1 - y0), style: `stroke: var(--st-class-${Number(classId)}, #3b82f6)`, "data-class-id": classId }),
    ),
  );
}

function flagMark() {
  return svg("svg", { class: "st-icon", viewBox: "0 0 20 20", "aria-hidden": "true" }, svg("path", { d: "M5 17V3.5h9.5l-2 3.5 2 3.5H5" }));
}
