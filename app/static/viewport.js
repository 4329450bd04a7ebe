// @ts-check
/** The window on an image: how far it is zoomed and where it lies. Pure numbers, no elements. */

import { clamp } from "./box_geometry.js";

/** @typedef {import("./box_geometry.js").Point} Point */
/** @typedef {import("./box_geometry.js").Size} Size */

/** Screen pixels left free around a fitted image, so that edges and handles can be grabbed. */
const MARGIN = 16;
/** Screen pixels an image pixel may take at most, unless fitting takes more. */
const MAX_ZOOM = 32;

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
    const zoom = clamp(this.zoom * factor, fit, Math.max(MAX_ZOOM, fit));
    const scale = zoom / this.zoom;
    this.left = about.x - (about.x - this.left) * scale;
    this.top = about.y - (about.y - this.top) * scale;
    this.zoom = zoom;
    this.fitted = zoom === fit;
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

/** @param {number} offset @param {number} length @param {number} room */
function settled(offset, length, room) {
  if (length <= room - 2 * MARGIN + 0.5) return (room - length) / 2;
  return clamp(offset, room - length - MARGIN, MARGIN);
}
