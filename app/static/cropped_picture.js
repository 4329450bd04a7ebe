// @ts-check
/** A part of an image with marks over it, sharp enough for the width at which it is shown. */

import { html, svg } from "./elements.js";
import { pictureUrl } from "./pictures.js";

/** @typedef {import("./records.js").Xyxy} Xyxy */
/** @typedef {{x: number, y: number, width: number, height: number}} Crop pixels of the image */

/** The longer side of the small copy. */
const THUMBNAIL = 256;

/**
 * Make it; it fills its width and keeps the crop's proportions where its styles say so.
 * @param {{id: number, width: number, height: number, version?: string}} image
 * @param {Crop} crop
 * @param {number} sharp pixels that it is wide on the screen at most, sharp screens counted
 * @param {...Element} marks in pixels of the image, the last on top
 */
export function croppedPicture(image, crop, sharp, ...marks) {
  const { width, height } = image;
  const small = (sharp / crop.width) * Math.max(width, height) <= THUMBNAIL * 1.5;
  const picture = html("img", { src: pictureUrl(image, small ? "thumbnail" : "display"), alt: "", loading: "lazy", decoding: "async", draggable: "false" });
  Object.assign(picture.style, {
    width: `${(100 * width) / crop.width}%`,
    height: `${(100 * height) / crop.height}%`,
    left: `${(-100 * crop.x) / crop.width}%`,
    top: `${(-100 * crop.y) / crop.height}%`,
  });
  const over = svg("svg", { viewBox: `${crop.x} ${crop.y} ${crop.width} ${crop.height}`, "aria-hidden": "true", focusable: "false" }, ...marks);
  const frame = html("span", { class: "st-cropped" }, picture, over);
  picture.addEventListener("error", () => frame.classList.add("st-gone"), { once: true });
  return frame;
}

/**
 * A box over a picture, with a dark rim that keeps it visible on any ground.
 * @param {Xyxy | null} corners
 * @param {string} look the class of its line
 */
export function boxMarks(corners, look) {
  if (!corners) return [];
  const [x0, y0, x1, y1] = corners;
  const at = { x: x0, y: y0, width: Math.max(0, x1 - x0), height: Math.max(0, y1 - y0) };
  return [svg("rect", { class: "st-halo", ...at }), svg("rect", { class: look, ...at })];
}

/**
 * What the lines mean.
 * @param {string} found what the model's boxes are called
 */
export function linesLegend(found) {
  const line = (/** @type {string} */ look) => svg("svg", { width: 24, height: 10, "aria-hidden": "true" }, svg("line", { class: look, x1: 0, x2: 24, y1: 5, y2: 5 }));
  return html(
    "p",
    { class: "st-note st-lines-legend" },
    html("span", {}, line("st-truth-line"), "labelled"),
    html("span", {}, line("st-found-line"), found),
  );
}
