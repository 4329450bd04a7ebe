// @ts-check
/** The window on an image: how far it is zoomed and where it lies. Pure numbers, no elements. */

import { clamp } from "./box_geometry.js";

/** @typedef {import("./box_geometry.js").Point} Point */
/** @typedef {import("./box_geometry.js").Size} Size */

/** Screen pixels left free around a fitted image, so that edges and handles can be grabbed. */
const MARGIN = 16;
/** Screen pixels an image pixel may take at most, unless fitting takes more. */
const MAX_ZOOM = 32;
/** The part of the view that a box takes when it is zoomed to. */
const PART_OF_VIEW = 0.6;

export class Viewport {
  /** Screen pixels per image pixel. */
  zoom = 1;
  /** Where the image's upper left corner lies in the view, in screen pixels. */
  left = 0;
  top = 0;
  /** Whether the image is to stay fitted when the view changes size. */
  fitted = true;
  /** @type {Size} */
  view = { width: 0, height: 0 };
  /** @type {Size} */
  image = { width: 1, height: 1 };

  /**
   * Take a new image, fitted.
   * @param {Size} image
   */
  setImage(image) {
    this.image = image;
    this.fit();
  }

  /**
   * Follow the view's size; the middle of what was seen stays in the middle.
   * @param {Size} view
   */
  setView(view) {
    const before = this.view;
    this.view = view;
    if (this.fitted) return this.fit();
    this.left += (view.width - before.width) / 2;
    this.top += (view.height - before.height) / 2;
    this.#settle();
  }

  /** The zoom at which the whole image is seen. */
  get fitZoom() {
    const width = Math.max(1, this.view.width - 2 * MARGIN);
    const height = Math.max(1, this.view.height - 2 * MARGIN);
    return Math.min(width / this.image.width, height / this.image.height);
  }

  fit() {
    this.zoom = this.fitZoom;
    this.fitted = true;
    this.#settle();
  }

  /**
   * Zoom by a factor about a point of the view, which keeps showing the same place of the image.
   * @param {number} factor
   * @param {Point} about screen pixels in the view; its middle if left out
   */
  zoomBy(factor, about = { x: this.view.width / 2, y: this.view.height / 2 }) {
    const fit = this.fitZoom;
    const low = Math.min(fit, this.zoom); // at its actual size an image may be smaller than fitted
    this.#zoomTo(clamp(this.zoom * factor, low, Math.max(MAX_ZOOM, fit)), about);
  }

  /**
   * Zoom so that a place of the image lies under a point of the view, as two fingers hold it.
   * @param {Point} place pixels of the image
   * @param {Point} at screen pixels in the view
   * @param {number} zoom as far as it is allowed
   */
  hold(place, at, zoom) {
    this.zoomBy(zoom / this.zoom, at);
    this.left = at.x - place.x * this.zoom;
    this.top = at.y - place.y * this.zoom;
    this.#settle();
  }

  /**
   * Show the image at its actual size, one screen pixel for each of its own.
   * @param {Point} [about] as in zoomBy
   */
  actualSize(about = { x: this.view.width / 2, y: this.view.height / 2 }) {
    this.#zoomTo(1, about);
  }

  /**
   * Bring a box into the middle, as large as is good to work on; when it is there already, fit the image.
   * @param {import("./records.js").Xyxy} box
   */
  showBox([x0, y0, x1, y1]) {
    const fit = this.fitZoom;
    const wanted = PART_OF_VIEW * Math.min(this.view.width / (x1 - x0), this.view.height / (y1 - y0));
    const zoom = clamp(wanted, fit, Math.max(MAX_ZOOM, fit));
    const middle = { x: (x0 + x1) / 2, y: (y0 + y1) / 2 };
    const { left, top, zoom: before } = this;
    this.#zoomTo(zoom, { x: 0, y: 0 });
    this.left = this.view.width / 2 - middle.x * zoom;
    this.top = this.view.height / 2 - middle.y * zoom;
    this.#settle();
    if (zoom === before && Math.hypot(this.left - left, this.top - top) < 1) this.fit();
  }

  /**
   * Move the image as little as it takes to see a box; a box larger than the view may stay cut.
   * @param {import("./records.js").Xyxy} box
   * @returns {boolean} whether it had to move
   */
  reveal([x0, y0, x1, y1]) {
    const before = [this.left, this.top];
    const from = this.toView({ x: x0, y: y0 });
    const to = this.toView({ x: x1, y: y1 });
    this.left += intoView(from.x, to.x, this.view.width);
    this.top += intoView(from.y, to.y, this.view.height);
    this.#settle();
    return this.left !== before[0] || this.top !== before[1];
  }

  /** The part of the image in view. @returns {import("./records.js").Xyxy} */
  get seen() {
    const from = this.toImage({ x: 0, y: 0 });
    const to = this.toImage({ x: this.view.width, y: this.view.height });
    const { width, height } = this.image;
    return [clamp(from.x, 0, width), clamp(from.y, 0, height), clamp(to.x, 0, width), clamp(to.y, 0, height)];
  }

  /** @param {number} zoom @param {Point} about */
  #zoomTo(zoom, about) {
    const scale = zoom / this.zoom;
    this.left = about.x - (about.x - this.left) * scale;
    this.top = about.y - (about.y - this.top) * scale;
    this.zoom = zoom;
    this.fitted = zoom === this.fitZoom;
    this.#settle();
  }

  /**
   * Move the image under the view.
   * @param {number} dx
   * @param {number} dy
   */
  panBy(dx, dy) {
    this.left += dx;
    this.top += dy;
    this.#settle();
  }

  /**
   * The place of the image under a point of the view; it may lie outside the image.
   * @param {Point} point screen pixels in the view
   * @returns {Point} pixels of the image
   */
  toImage({ x, y }) {
    return { x: (x - this.left) / this.zoom, y: (y - this.top) / this.zoom };
  }

  /**
   * Where a place of the image is seen.
   * @param {Point} point pixels of the image
   * @returns {Point} screen pixels in the view
   */
  toView({ x, y }) {
    return { x: this.left + x * this.zoom, y: this.top + y * this.zoom };
  }

  /** Keep a larger image over the view and a smaller one in its middle. */
  #settle() {
    this.left = settled(this.left, this.image.width * this.zoom, this.view.width);
    this.top = settled(this.top, this.image.height * this.zoom, this.view.height);
  }
}

/** @param {number} start @param {number} end @param {number} room @returns {number} how far to move */
function intoView(start, end, room) {
  if (end - start > room - 2 * MARGIN) return start > room / 2 ? room / 2 - start : end < room / 2 ? room / 2 - end : 0;
  if (start < MARGIN) return MARGIN - start;
  return end > room - MARGIN ? room - MARGIN - end : 0;
}

/** @param {number} offset @param {number} length @param {number} room */
function settled(offset, length, room) {
  if (length <= room - 2 * MARGIN + 0.5) return (room - length) / 2;
  return clamp(offset, room - length - MARGIN, MARGIN);
}
