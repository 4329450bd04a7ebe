// @ts-check
/** What a person decides before an import, and what is said of it; pure. */

import { counted } from "./count_words.js";

/** @typedef {{written: string, name: string, boxes: number, exists: boolean, similar: string[]}} ClassPreview */
/**
 * @typedef {object} ImportPreview what an import would find
 * @property {string} format
 * @property {number} images
 * @property {number} existing
 * @property {number} labelled
 * @property {number} empty
 * @property {number} unlabelled
 * @property {number} boxes
 * @property {{train: number, val: number, test: number, none: number}} by_split
 * @property {ClassPreview[]} classes
 * @property {import("./records.js").ProblemRecord[]} problems
 * @property {string[]} notes
 * @property {boolean} base_in_doubt whether a corner makes it doubtful what coordinates of Pascal VOC count from
 *
 * @typedef {object} ImportChoice
 * @property {string} project its name
 * @property {string} format
 * @property {"auto" | "0" | "1"} voc_base
 * @property {"train" | "val" | "test" | null} split
 * @property {Record<string, string | null>} class_map
 */

/**
 * The names that differ from what is written; null for a class that is left out.
 * @param {Iterable<{written: string, name: string, taken: boolean}>} rows
 * @returns {Record<string, string | null>}
 */
export function classMap(rows) {
  /** @type {[string, string | null][]} */
  const entries = [];
  for (const { written, name, taken } of rows) {
    const wanted = name.trim();
    if (!taken) entries.push([written, null]);
    else if (wanted !== "" && wanted !== written) entries.push([written, wanted]);
  }
  return Object.fromEntries(entries); // not an object literal: a class may be called __proto__
}

/**
 * The folder that all paths lie in, and the paths below it.
 * @template {{path: string}} F
 * @param {readonly F[]} files
 * @returns {{folder: string | null, files: F[]}}
 */
export function withoutFolder(files) {
  const folder = files[0]?.path.split("/")[0];
  const shared = files.length > 0 && files.every(({ path }) => path.startsWith(`${folder}/`));
  if (!shared || folder === undefined) return { folder: null, files: [...files] };
  return { folder, files: files.map((file) => ({ ...file, path: file.path.slice(folder.length + 1) })) };
}

/**
 * A project's name for a data set.
 * @param {string} name of a folder or an archive, or a path to it
 * @returns {string}
 */
export function projectNameFor(name) {
  const last = name.replace(/[\\/]+$/, "").split(/[\\/]/).at(-1) ?? "";
  return last.replace(/\.zip$/i, "").replaceAll("_", " ").trim() || "Imported";
}

/**
 * What an import did, in a sentence or two.
 * @param {import("./records.js").ReportRecord} report
 * @returns {string}
 */
export function importSentence({ added, existing, boxes, classes, rejected }) {
  const there = existing > 0 ? `, ${existing === 1 ? "1 was" : `${existing} were`} already there` : "";
  const sentence = `${counted(added, "image")} added${there}; ${counted(boxes, "box", "boxes")} of ${counted(classes.length, "class", "classes")}.`;
  if (rejected.length === 0) return sentence;
  return `${sentence} ${rejected.length === 1 ? "1 problem is" : `${rejected.length} problems are`} listed below; everything else is in.`;
}

/**
 * How the images would be split, such as "160 training, 40 validation".
 * @param {ImportPreview["by_split"]} counts
 * @returns {string}
 */
export function splitWords({ train, val, test, none }) {
  const parts = [train > 0 && `${train} training`, val > 0 && `${val} validation`, test > 0 && `${test} test`, none > 0 && `${none} in no split`];
  return parts.filter(Boolean).join(", ") || "none";
}
