// @ts-check
/** Addresses of an image's pictures, and loading one so that it appears whole. */

import { apiUrl } from "./api.js";

/** @typedef {{id: number, version?: string}} Pictured */

/**
 * Where a picture of an image is. The version keeps a browser's copy apart from another image under the same id.
 * @param {Pictured} image
 * @param {"display" | "thumbnail" | "file"} kind
 * @returns {string}
 */
export function pictureUrl({ id, version }, kind) {
  return apiUrl(`images/${id}/${kind}${version ? `?v=${encodeURIComponent(version)}` : ""}`);
}

/**
 * Load an image's display copy and decode it, so that showing it takes no time.
 * @param {Pictured & {name: string}} image
 * @returns {Promise<HTMLImageElement>}
 */
export async function loadPicture(image) {
  const picture = new Image();
  picture.alt = image.name;
  picture.src = pictureUrl(image, "display");
  try {
    await picture.decode();
  } catch {
    throw new Error(`The picture of ${image.name} could not be loaded.`);
  }
  return picture;
}
