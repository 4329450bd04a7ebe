// @ts-check
/** A picture of the Live screen put into the open project, and opened in Label. */

import { api } from "./api.js";
import { studio } from "./store.js";
import { upload } from "./upload.js";

/**
 * Add a picture to a project and open it in Label; one that the project has already is opened as it is.
 * @param {number} project
 * @param {Blob} picture
 * @param {string} name
 * @throws {Error} whose message is a sentence for the user
 */
export async function sendToLabel(project, picture, name) {
  const { report, failure } = await upload(project, [{ file: new File([picture], name, { type: picture.type }), path: name }], () => {});
  if (failure !== null) throw new Error(failure);
  const [refused] = report.rejected;
  if (refused) throw new Error(`${refused.problem} ${refused.remedy}`);
  const page = await api("GET", `projects/${project}/images?text=${encodeURIComponent(name)}&sort=-added&limit=100`);
  const added = /** @type {import("./records.js").ImagePageRecord} */ (page).images.find((image) => image.name === name);
  if (!added) throw new Error(`${name} was added, but does not appear in the project. Look on the Images screen.`);
  if (report.added > 0) studio.changed("images");
  if (studio.project === project) studio.openImage(added.id);
}
