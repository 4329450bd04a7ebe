// @ts-check
/** A picture of the Live screen put into the open project, with what the model found on it as suggestions. */

import { api } from "./api.js";
import { studio } from "./store.js";
import { upload } from "./upload.js";

/** The score below which nothing is suggested: the slider in Label begins there. */
export const LEAST_SUGGESTED = 0.1;

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
  const page = await api("GET", `projects/${project}/images?text=${encodeURIComponent(name)}&sort=-added&limit=100`);
  const added = /** @type {import("./records.js").ImagePageRecord} */ (page).images.find((image) => image.name === name);
  if (!added) throw new Error(`${name} was added, but does not appear in the project. Look on the Images screen.`);
  const [right, down] = [added.width / width, added.height / height];
  const found = detections.map(({ box: [x0, y0, x1, y1], ...rest }) => ({ ...rest, box: [x0 * right, y0 * down, x1 * right, y1 * down] }));
  const offered = await api("POST", `images/${added.id}/suggestions`, { model_id: model, found });
  studio.changed("images");
  return { imageId: added.id, suggested: offered.length };
}
