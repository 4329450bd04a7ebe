// @ts-check
/** What is told of models: their family, their figures and their receipts; pure. */

import { WAITING } from "./asked_again.js";
import { counted, grouped } from "./count_words.js";
import { share } from "./evaluate_words.js";
import { settingsOf } from "./train_words.js";

/**
 * @typedef {object} Lineage
 * @property {{id: string, name: string | null, deleted: boolean} | null} parent
 * @property {string | null} run
 * @property {string | null} snapshot
 * @property {{train?: number, val?: number} | null} images
 * @property {string | null} program
 * @property {string | null} runtime
 * @property {string | null} reason
 * @property {Record<string, any> | null} parity
 * @property {string | null} imported ISO time
 *
 * @typedef {object} ModelEntry
 * @property {string} id
 * @property {number} project_id
 * @property {string | null} run_id
 * @property {string} name
 * @property {string[]} classes
 * @property {string[]} [colours]
 * @property {Record<string, any>} metrics
 * @property {Record<string, any>} params
 * @property {string} note
 * @property {boolean} is_default
 * @property {string | null} parent_id
 * @property {{score: number, iou: number}} [thresholds]
 * @property {Lineage} lineage
 * @property {string} created ISO time
 * @property {string | null} deleted ISO time
 *
 * @typedef {{model: ModelEntry, depth: number}} FamilyRow
 * @typedef {{id: string, state: "running" | "done" | "failed", waiting?: boolean, done: number, total: number, error: string | null, receipt?: Record<string, any> | null}} ModelExport
 */

/** Generations that are drawn further to the right than their parents. */
const DEEPEST = 4;

/**
 * The models as a tree, row by row: families by their newest member, in each the children under their parents.
 * @param {readonly ModelEntry[]} models
 * @returns {FamilyRow[]}
 */
export function familyRows(models) {
  const known = new Map(models.map((model) => [model.id, model]));
  /** @type {Map<string | null, ModelEntry[]>} */
  const children = new Map();
  for (const model of models) {
    const parent = model.parent_id !== null && model.parent_id !== model.id && known.has(model.parent_id) ? model.parent_id : null;
    children.set(parent, [...(children.get(parent) ?? []), model]);
  }
  /** @type {FamilyRow[]} */
  const rows = [];
  const seen = new Set();
  const newestOf = (/** @type {ModelEntry} */ model, path = new Set()) => {
    if (path.has(model.id)) return model.created;
    path.add(model.id);
    /** @type {string} */
    let newest = model.created;
    for (const child of children.get(model.id) ?? []) {
      const theirs = newestOf(child, path);
      if (theirs > newest) newest = theirs;
    }
    return newest;
  };
  const walk = (/** @type {ModelEntry[]} */ family, /** @type {number} */ depth) => {
    const order = family.map((model) => ({ model, newest: newestOf(model) })).sort((a, b) => (a.newest < b.newest ? 1 : a.newest > b.newest ? -1 : 0));
    for (const { model } of order) {
      if (seen.has(model.id)) continue;
      seen.add(model.id);
      rows.push({ model, depth: Math.min(depth, DEEPEST) });
      walk(children.get(model.id) ?? [], depth + 1);
    }
  };
  walk(children.get(null) ?? [], 0);
  walk([...models], 0); // what is its own ancestor, as no sound database has it
  return rows;
}

/**
 * Where a model comes from, in a line.
 * @param {Pick<ModelEntry, "lineage" | "parent_id">} model
 * @returns {string}
 */
export function originWords({ lineage }) {
  const { parent, images, imported } = lineage;
  if (imported) return "imported";
  const learnt = images?.train ? `learnt from ${counted(images.train, "image")}` : "";
  const from = parent ? (parent.name === null ? "went on from a model that is gone" : `went on from “${parent.name}”${parent.deleted ? " (in the bin)" : ""}`) : "";
  return [from, learnt].filter(Boolean).join(", ") || "trained here";
}

/**
 * The figures on a model's row.
 * @param {Pick<ModelEntry, "metrics" | "classes">} model
 * @returns {[string, string][]}
 */
export function figuresOf({ metrics, classes }) {
  return [
    ["AP50", share(metrics.AP50)],
    ["AP", share(metrics.AP)],
    ["Classes", grouped(classes.length)],
  ];
}

/**
 * All that is known of where a model comes from.
 * @param {ModelEntry} model
 * @returns {[string, string][]} empty ones are left out
 */
export function lineageRows(model) {
  const { lineage, metrics, params, thresholds } = model;
  const split = { val: "validation", test: "test", train: "training" }[/** @type {"val"} */ (metrics.split)] ?? "";
  /** @type {[string, string][]} */
  const rows = [
    ["Parent", lineage.parent ? (lineage.parent.name ?? "a model that is gone") : lineage.imported ? "" : "none: began from ImageNet’s weights"],
    ["Images", lineage.images ? `${grouped(lineage.images.train ?? 0)} to learn from, ${grouped(lineage.images.val ?? 0)} for validation` : ""],
    ["Snapshot", lineage.snapshot ? lineage.snapshot.slice(0, 12) : ""],
    ["Run", lineage.run ? lineage.run.slice(0, 12) : ""],
    ["Imported", lineage.imported ? dateWords(lineage.imported) : ""],
    ["Measured", split ? `AP ${share(metrics.AP)}, AP50 ${share(metrics.AP50)}, AP75 ${share(metrics.AP75)} on its ${split} images` : ""],
    ["Suggested", thresholds ? `score from ${share(thresholds.score)}, overlap up to ${share(thresholds.iou)}` : ""],
    ["Live uses", lineage.runtime ? `LiteRT ${lineage.runtime}${lineage.reason ? `: ${lineage.reason}` : ""}` : ""],
    ["Made by", lineage.program ?? ""],
    ["Id", model.id],
  ];
  // The parent tells where it began, if that is known.
  const settings = Object.entries(settingsOf(params)).filter(([name, value]) => value !== "–" && (name !== "Began from" || lineage.imported));
  return [...rows, ...settings].filter(([, value]) => value !== "");
}

/**
 * A date as people write it here: 25 Nov 2026, 21:42.
 * @param {string} moment ISO time
 * @returns {string}
 */
export function dateWords(moment) {
  const date = new Date(moment);
  if (Number.isNaN(date.getTime())) return moment;
  const day = date.toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
  return `${day}, ${date.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" })}`;
}

/**
 * What an export lost, in sentences.
 * @param {Record<string, any> | null | undefined} receipt as the archive's parity.json has it
 * @returns {string[]}
 */
export function receiptWords(receipt) {
  if (!receipt) return [];
  /** @type {string[]} */
  const words = [];
  const of = receipt.export;
  if (typeof receipt.note === "string") words.push(receipt.note);
  if (of && typeof of === "object") words.push(...lossWords(of, receipt));
  const files = Object.keys(receipt.files ?? {}).length;
  if (files > 0) words.push(`The zip holds ${counted(files, "file")} of the model, ${files === 1 ? "its checksum" : "their checksums"} and these figures in parity.json, and an example of use.`);
  return words;
}

/** @param {Record<string, any>} of an export's figures @param {Record<string, any>} receipt @returns {string[]} */
function lossWords(of, { images, reference }) {
  if (typeof of.failed === "string") return [of.failed];
  const words = [];
  const on = typeof images === "number" ? ` on ${grouped(images)} of its own images` : "";
  const digits = (/** @type {unknown} */ value, /** @type {number} */ places) => (typeof value === "number" ? value.toFixed(places) : null);
  const [after, before] = [digits(of.AP, 3), digits(reference?.AP, 3)];
  if (after && before) words.push(after === before ? `AP ${after}${on}, the same as the trained network.` : `AP ${after}${on}, where the trained network has ${before}.`);
  else if (on) words.push(`Compared with the trained network${on}.`);
  const [mean, most, score] = [digits(of.mean_box_shift, 2), digits(of.max_box_shift, 1), digits(of.max_score_difference, 3)];
  if (mean && most && score) words.push(`Boxes move by ${mean} pixels on average and ${most} at most, scores by ${score} at most.`);
  const [now, then] = [digits(of.milliseconds, 1), digits(reference?.milliseconds, 1)];
  if (now && then) words.push(`${now} ms for an image; the trained network took ${then} ms on the same computer.`);
  return words;
}

/**
 * How far an export is, in words.
 * @param {Pick<ModelExport, "state" | "waiting" | "done" | "total">} state
 * @returns {string}
 */
export function exportingWords({ state, waiting, done, total }) {
  if (waiting) return WAITING;
  if (state === "done") return "The file is ready.";
  return total > 0 ? `Converting and comparing: ${Math.min(done, total)} of ${counted(total, "image")}` : "Preparing…";
}
