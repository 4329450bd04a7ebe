// @ts-check
/** Drawing detections over a picture or a video, on a canvas that lies exactly over it, or into a picture of its own. */

import { inkOn } from "./class_colour.js";

/** @typedef {import("./records.js").Candidate} Candidate */
/** @typedef {{names: readonly string[], colours: readonly string[], inks: readonly string[]}} Look of each class, by its index */

const FALLBACK_COLOUR = "#3b82f6";
const FONT_FAMILY = "system-ui, sans-serif";
const LETTERS = 13;
const TAG_HEIGHT = 20;
const PADDING = 6;
const LINE = 3;

/** Of no class. @type {Look} */
export const NO_LOOK = { names: [], colours: [], inks: [] };

/**
 * What boxes of each class look like.
 * @param {readonly string[]} names in the order of the class indices
 * @param {readonly (string | undefined)[]} colours
 * @returns {Look}
 */
export function lookOf(names, colours) {
  const known = names.map((_, index) => colours[index] ?? FALLBACK_COLOUR);
  return { names, colours: known, inks: known.map(inkOn) };
}

/**
 * Paint detections, and nothing else, on a canvas.
 * @param {HTMLCanvasElement} canvas
 * @param {readonly Candidate[]} rows best first, in pixels of the picture
 * @param {Look} look
 * @param {{width: number, height: number}} picture its size
 * @param {{mirrored?: boolean, words?: boolean}} [options] whether the picture is shown mirrored (words never are), and
 *   whether each box has its name
 */
export function drawDetections(canvas, rows, look, picture, { mirrored = false, words = true } = {}) {
  const { clientWidth: width, clientHeight: height } = canvas;
  const density = globalThis.devicePixelRatio || 1;
  const context = canvas.getContext("2d");
  if (!context || !width || !height) return;
  resize(canvas, Math.round(width * density), Math.round(height * density));
  context.setTransform(density, 0, 0, density, 0, 0);
  context.clearRect(0, 0, width, height);
  paintDetections(context, width, height, rows, look, picture, { mirrored, words });
}

/**
 * Paint detections over what a canvas shows.
 * @param {CanvasRenderingContext2D} context
 * @param {number} width of what is painted on
 * @param {number} height
 * @param {readonly Candidate[]} rows best first, in pixels of the picture
 * @param {Look} look
 * @param {{width: number, height: number}} picture its size
 * @param {{mirrored?: boolean, words?: boolean, scale?: number}} [options] `scale`: of lines and letters
 */
export function paintDetections(context, width, height, rows, look, picture, { mirrored = false, words = true, scale = 1 } = {}) {
  context.font = `600 ${LETTERS * scale}px ${FONT_FAMILY}`;
  context.textBaseline = "middle";
  const scaleX = width / picture.width;
  const scaleY = height / picture.height;
  // The best last, so that it lies on top.
  for (let index = rows.length - 1; index >= 0; index -= 1) {
    const row = rows[index];
    const kind = row[5];
    const left = mirrored ? width - row[2] * scaleX : row[0] * scaleX;
    const top = row[1] * scaleY;
    const colour = look.colours[kind] ?? FALLBACK_COLOUR;
    frame(context, left, top, (row[2] - row[0]) * scaleX, row[3] * scaleY - top, colour, (words ? LINE : 2) * scale);
    if (words) tag(context, left, top, width, `${look.names[kind] ?? `class ${kind}`} ${row[4].toFixed(2)}`, colour, look.inks[kind] ?? "#ffffff", scale);
  }
}

/** Setting a canvas's size empties it and costs memory, so only when it differs. @param {HTMLCanvasElement} canvas @param {number} width @param {number} height */
function resize(canvas, width, height) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}

/** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} width @param {number} height @param {string} colour @param {number} line */
function frame(context, x, y, width, height, colour, line) {
  context.lineWidth = line * 1.7;
  context.strokeStyle = "rgb(0 0 0 / 45%)";
  context.strokeRect(x, y, width, height);
  context.lineWidth = line;
  context.strokeStyle = colour;
  context.strokeRect(x, y, width, height);
}

/** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} limit the canvas's width @param {string} words @param {string} colour @param {string} ink @param {number} scale */
function tag(context, x, y, limit, words, colour, ink, scale) {
  const width = Math.ceil(context.measureText(words).width) + 2 * PADDING * scale;
  const height = TAG_HEIGHT * scale;
  const left = Math.max(0, Math.min(x - scale * 1.5, limit - width));
  const top = y >= height ? y - height : y;
  context.fillStyle = colour;
  context.fillRect(left, top, width, height);
  context.fillStyle = ink;
  context.fillText(words, left + PADDING * scale, top + height / 2 + scale / 2);
}
