// @ts-check
/** Boxes taken for pasting, on this photograph, on another one, or in another project. */

import { besideOthers, cutToImage } from "./box_geometry.js";

/** @typedef {import("./records.js").BoxRecord} BoxRecord */
/** @typedef {import("./records.js").ClassRecord} ClassRecord */

export class CopiedBoxes {
  /** @type {{record: BoxRecord, className: string}[]} */
  #taken = [];
  /** @type {number | null} the project they come from */
  #projectId = null;

  get count() {
    return this.#taken.length;
  }

  /**
   * @param {readonly BoxRecord[]} boxes
   * @param {readonly ClassRecord[]} classes of their project
   * @param {number} projectId
   */
  take(boxes, classes, projectId) {
    const names = new Map(classes.map(({ id, name }) => [id, name]));
    this.#taken = boxes.map((record) => ({ record, className: names.get(record.class_id) ?? "" }));
    this.#projectId = projectId;
  }

  /**
   * The boxes as a project can have them: in another one than theirs, classes go by their names.
   * @param {number} projectId
   * @param {readonly ClassRecord[]} classes of that project
   * @returns {BoxRecord[]} without those whose class is not there
   */
  boxesFor(projectId, classes) {
    const own = projectId === this.#projectId;
    return this.#taken.flatMap(({ record, className }) => {
      const label = classes.find(({ id, name }) => (own ? id === record.class_id : name === className));
      return label ? [{ ...record, class_id: label.id }] : [];
    });
  }
}

/**
 * Boxes cut to an image, each beside those that lie exactly where it would.
 * @param {readonly BoxRecord[]} records
 * @param {readonly import("./records.js").Xyxy[]} others the boxes of the image
 * @param {import("./box_geometry.js").Size} size of the image
 * @returns {BoxRecord[]} without those of which nothing is left
 */
export function placedBeside(records, others, size) {
  const taken = [...others];
  return records.flatMap((record) =>
    cutToImage([record.box], size).map((cut) => {
      const box = besideOthers(cut, taken, size);
      taken.push(box);
      return { ...record, box };
    }),
  );
}
