// @ts-check
/** A picture of the Live screen put into the open project, with what the model found on it as suggestions. */

import { api } from "./api.js";
import { hexOf } from "./random_id.js";
import { studio } from "./store.js";
import { upload } from "./upload.js";

/** The score below which nothing is suggested: the slider in Label begins there. */
export const LEAST_SUGGESTED = 0.1;

/** Characters that images are searched by. */
const LONGEST_TEXT = 200;

/**
 * Add a picture to a project, or find it there, and suggest what was found on it.
 * @param {number} project
 * @param {Blob} picture
 * @param {string} name
 * @param {{model: string, width: number, height: number, detections: {class: string, score: number, box: number[]}[]}} seen
 *   boxes in pixels of a picture of this size
 * @returns {Promise<{imageId: number, suggested: number}>}
 * @throws {Error} whose message is a sentence for the user
 */
export async function sendToLabel(project, picture, name, { model, width, height, detections }) {
  const { report, failure } = await upload(project, [{ file: new File([picture], name, { type: picture.type }), path: name }], () => {});
  if (failure !== null) throw new Error(failure);
  const [refused] = report.rejected;
  if (refused) throw new Error(`${refused.problem} ${refused.remedy}`);
  const page = await api("GET", `projects/${project}/images?text=${encodeURIComponent(name.slice(0, LONGEST_TEXT))}&sort=-added&limit=500`);
  const named = /** @type {import("./records.js").ImagePageRecord} */ (page).images.filter((image) => image.name === name);
  const added = report.added > 0 ? named[0] : await theOneOf(named, picture);
  if (!added) throw new Error(`${name} was added, but does not appear in the project. Look on the Images screen.`);
  const [right, down] = [added.width / width, added.height / height];
  const found = detections.map(({ box: [x0, y0, x1, y1], ...rest }) => ({ ...rest, box: [x0 * right, y0 * down, x1 * right, y1 * down] }));
  const offered = await api("POST", `images/${added.id}/suggestions`, { model_id: model, found });
  studio.changed("images");
  return { imageId: added.id, suggested: offered.length };
}

/**
 * Of images of one name, as pasted ones have it, the one with these bytes: its version begins their checksum.
 * @param {import("./records.js").ImageRecord[]} images newest first
 * @param {Blob} picture
 */
async function theOneOf(images, picture) {
  if (images.length < 2 || !globalThis.crypto?.subtle) return images[0]; // over plain http a browser has no checksums
  const digits = hexOf(new Uint8Array(await crypto.subtle.digest("SHA-256", await picture.arrayBuffer())));
  return images.find(({ version }) => version && digits.startsWith(version)) ?? images[0];
}
