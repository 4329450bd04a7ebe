// @ts-check
/** Pictures made from what the Live screen shows: with boxes, or as they are, and small ones for the gallery. */

import { paintDetections } from "./detection_overlay.js";

/** @typedef {import("./detection_overlay.js").Look} Look */
/** @typedef {import("./records.js").Candidate} Candidate */

const QUALITY = 0.92;
/** Lines and letters are made for a picture of this many pixels, and grow with it. */
const USUAL_SIDE = 900;

/**
 * A picture with boxes in its own size.
 * @param {CanvasImageSource} source
 * @param {{width: number, height: number}} size of the picture
 * @param {readonly Candidate[]} rows best first
 * @param {Look} look
 * @param {"image/png" | "image/jpeg"} type
 * @param {{width: number, height: number}} [asked] the size it was looked at in, where that differs
 */
export async function annotated(source, size, rows, look, type, asked = size) {
  const { canvas, context } = copyOf(source, size);
  const scale = Math.max(1, Math.max(size.width, size.height) / USUAL_SIDE);
  paintDetections(context, size.width, size.height, rows, look, asked, { scale });
  return blobOf(canvas, type);
}

/**
 * The frame that a video shows, in its own size.
 * @param {HTMLVideoElement} video
 */
export function frameOf(video) {
  return blobOf(copyOf(video, { width: video.videoWidth, height: video.videoHeight }).canvas, "image/jpeg");
}

/**
 * A small copy of a picture, upright.
 * @param {Blob} picture
 * @param {number} longest its longer side at most
 * @returns {Promise<Blob>}
 */
export async function smallCopy(picture, longest) {
  const whole = await createImageBitmap(picture);
  const scale = Math.min(1, longest / Math.max(whole.width, whole.height));
  const size = { width: Math.max(1, Math.round(whole.width * scale)), height: Math.max(1, Math.round(whole.height * scale)) };
  const { canvas } = copyOf(whole, size);
  whole.close();
  return blobOf(canvas, "image/jpeg");
}

/** @param {CanvasImageSource} source @param {{width: number, height: number}} size */
function copyOf(source, { width, height }) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.imageSmoothingQuality = "high";
  context.drawImage(source, 0, 0, width, height);
  return { canvas, context };
}

/** @param {HTMLCanvasElement} canvas @param {string} type @returns {Promise<Blob>} */
async function blobOf(canvas, type) {
  const blob = await new Promise((/** @type {(blob: Blob | null) => void} */ resolve) => canvas.toBlob(resolve, type, QUALITY));
  if (!blob) throw new Error(`This browser could not make a picture of ${canvas.width} × ${canvas.height} pixels.`);
  return blob;
}
