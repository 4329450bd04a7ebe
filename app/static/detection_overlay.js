// @ts-check
/** Drawing detections over a picture or a video, on a canvas that lies exactly over it. */

import { inkOn } from "./class_colour.js";

/** @typedef {{x0: number, y0: number, x1: number, y1: number, score: number, name: string, colour: string}} Detection */

const FONT = "600 13px system-ui, sans-serif";
const TAG_HEIGHT = 20;
const PADDING = 6;

/**
 * Paint detections, and nothing else, on a canvas.
 * @param {HTMLCanvasElement} canvas
 * @param {readonly Detection[]} detections in pixels of the picture
 * @param {{width: number, height: number}} picture its size
 * @param {{mirrored?: boolean}} [options] whether the picture is shown mirrored; words never are
 */
export function drawDetections(canvas, detections, picture, { mirrored = false } = {}) {
  const { clientWidth: width, clientHeight: height } = canvas;
  const density = globalThis.devicePixelRatio || 1;
  const context = canvas.getContext("2d");
  if (!context || !width || !height) return;
  resize(canvas, Math.round(width * density), Math.round(height * density));
  context.setTransform(density, 0, 0, density, 0, 0);
  context.clearRect(0, 0, width, height);
  context.font = FONT;
  context.textBaseline = "middle";
  const scaleX = width / picture.width;
  const scaleY = height / picture.height;
  // The best last, so that it lies on top.
  for (const detection of [...detections].reverse()) {
    const [x0, x1] = mirrored
      ? [width - detection.x1 * scaleX, width - detection.x0 * scaleX]
      : [detection.x0 * scaleX, detection.x1 * scaleX];
    const [y0, y1] = [detection.y0 * scaleY, detection.y1 * scaleY];
    frame(context, x0, y0, x1 - x0, y1 - y0, detection.colour);
    tag(context, x0, y0, width, `${detection.name} ${detection.score.toFixed(2)}`, detection.colour);
  }
}

/** Setting a canvas's size empties it and costs memory, so only when it differs. @param {HTMLCanvasElement} canvas @param {number} width @param {number} height */
function resize(canvas, width, height) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}

/** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} width @param {number} height @param {string} colour */
function frame(context, x, y, width, height, colour) {
  context.lineWidth = 5;
  context.strokeStyle = "rgb(0 0 0 / 45%)";
  context.strokeRect(x, y, width, height);
  context.lineWidth = 3;
  context.strokeStyle = colour;
  context.strokeRect(x, y, width, height);
}

/** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} limit the canvas's width @param {string} words @param {string} colour */
function tag(context, x, y, limit, words, colour) {
  const width = Math.ceil(context.measureText(words).width) + 2 * PADDING;
  const left = Math.max(0, Math.min(x - 1.5, limit - width));
  const top = y >= TAG_HEIGHT ? y - TAG_HEIGHT : y;
  context.fillStyle = colour;
  context.fillRect(left, top, width, TAG_HEIGHT);
  context.fillStyle = inkOn(colour);
  context.fillText(words, left + PADDING, top + TAG_HEIGHT / 2 + 0.5);
}
