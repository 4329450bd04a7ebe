// @ts-check
/**
 * What can be done with one suggestion, beside it on the picture: a bar for the selected one, since a finger has neither
 * `Enter` nor `Delete`, and a cross for the one under a mouse, whose click accepts.
 */

import { iconButton, wordButton } from "./buttons.js";
import { html, setAttributes } from "./elements.js";
import { nameKey } from "./key_titles.js";
import { meet } from "./screen_rect.js";

/** @typedef {import("./box_geometry.js").Size} Size */
/** @typedef {import("./screen_rect.js").Rect} Place in the view */

/** Screen pixels between a box and its bar, so that the handles stay free. */
const GAP = 12;
/** Screen pixels between the bar and the view's edge. */
const EDGE = 6;
/** Screen pixels above a box that its name takes. */
const NAME = 18;
/** Screen pixels of the cross, as `.st-ghost-cross` has them. */
const CROSS = 26;

export class GhostActions {
  /** How large the bar is; measured once it is seen and then known, since that makes the page be laid out. */
  #size = { width: 0, height: 0 };

  /**
   * @param {import("./editor_document.js").EditorDocument} doc
   * @param {import("./editor_canvas.js").EditorCanvas} canvas
   * @param {import("./key_map.js").KeyMap} keys
   */
  constructor(doc, canvas, keys) {
    this.doc = doc;
    this.canvas = canvas;
    const { ghosts } = doc;
    this.accept = wordButton("Accept", () => ghosts.selected && ghosts.accept(ghosts.selected.id), { primary: true, symbol: "check" });
    this.reject = wordButton("Reject", () => ghosts.selected && ghosts.reject(ghosts.selected.id), { symbol: "close" });
    this.bar = html("div", { class: "st-ghost-bar", role: "group", "aria-label": "Selected suggestion", hidden: true }, this.accept, this.reject);
    this.cross = iconButton("close", "Reject this suggestion", () => ghosts.pointed && ghosts.reject(ghosts.pointed.id));
    setAttributes(this.cross, { class: "st-icon-button st-ghost-cross", tabindex: -1, hidden: true });
    for (const node of [this.bar, this.cross]) {
      // On a button the pointer is not on the picture: no box begins there, and what it points at stays.
      for (const type of ["pointerdown", "pointermove", "pointerup"]) node.addEventListener(type, (event) => event.stopPropagation());
    }
    canvas.view.append(this.bar, this.cross);
    const name = () => {
      nameKey(this.accept, "Accept this suggestion", keys, "acceptGhosts");
      nameKey(this.reject, "Reject this suggestion", keys, "remove");
      nameKey(this.cross, "Reject this suggestion", keys, "rejectPointed");
    };
    keys.addEventListener("change", name);
    name();
  }

  /** Follow the picture. */
  draw() {
    const { ghosts, preview, waiting, selectedId } = this.doc;
    const rests = preview === null && waiting === null;
    const selected = selectedId === null ? null : ghosts.selected;
    const pointed = ghosts.pointedId === null ? null : ghosts.pointed;
    const { view } = this.canvas.viewport;
    const place = rests && selected && this.doc.settings.canPick(selected) ? this.#placeOf(selected.box) : null;
    this.bar.hidden = place === null || !meet(place, { x: 0, y: 0, ...view });
    if (place && !this.bar.hidden) {
      if (this.#size.width === 0) this.#size = { width: this.bar.offsetWidth, height: this.bar.offsetHeight };
      move(this.bar, placeOfBar(place, this.#size, view));
    }
    this.cross.hidden = !rests || pointed === null || pointed.id === selected?.id;
    if (pointed && !this.cross.hidden) move(this.cross, placeOfCross(this.#placeOf(pointed.box), CROSS, view));
  }

  /** @param {import("./records.js").Xyxy} box @returns {Place} */
  #placeOf([x0, y0, x1, y1]) {
    const { viewport } = this.canvas;
    return { ...viewport.toView({ x: x0, y: y0 }), width: (x1 - x0) * viewport.zoom, height: (y1 - y0) * viewport.zoom };
  }
}

/**
 * Where the bar of a box stands: below it, or above its name, or over its lower edge where neither has room.
 * @param {Place} box
 * @param {Size} bar
 * @param {Size} view
 * @returns {import("./box_geometry.js").Point}
 */
export function placeOfBar({ x, y, width, height }, bar, view) {
  const lowest = view.height - EDGE - bar.height;
  const above = y - NAME - GAP - bar.height;
  const below = y + height + GAP;
  const top = below <= lowest ? below : above >= EDGE ? above : lowest;
  const left = Math.min(x + (width - bar.width) / 2, view.width - EDGE - bar.width);
  return { x: Math.max(EDGE, left), y: Math.max(EDGE, top) };
}

/**
 * Where the cross of a box stands: outside its right edge, where it covers neither the box nor its name and the pointer
 * comes to it without leaving; at a view's edge on the other side, or inside.
 * @param {Place} box
 * @param {number} side of the cross
 * @param {Size} view
 * @returns {import("./box_geometry.js").Point}
 */
export function placeOfCross({ x, y, width }, side, view) {
  const right = x + width;
  const left = right + side <= view.width ? right : x - side >= 0 ? x - side : Math.min(right, view.width) - side;
  return { x: left, y: Math.max(0, Math.min(y, view.height - side)) };
}

/** @param {HTMLElement} node @param {import("./box_geometry.js").Point} to */
function move(node, { x, y }) {
  node.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
}
