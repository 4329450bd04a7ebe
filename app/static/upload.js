// @ts-check
/** Sending photographs to a project in small batches, with one report over all of them. */

import { api, messageOf } from "./api.js";

/** @typedef {import("./records.js").ReportRecord} ReportRecord */
/** @typedef {{file: File, path: string}} Incoming `path` is relative to the folder that was chosen, else the name */
/** @typedef {{report: ReportRecord, sent: number, failure: string | null}} Upload */

const BATCH_FILES = 8;
const BATCH_BYTES = 32 * 1024 * 1024;

/**
 * Split files into batches that are small enough for steady progress.
 * @template {{file: {size: number}}} F
 * @param {readonly F[]} incoming
 * @returns {F[][]}
 */
export function batchesOf(incoming) {
  /** @type {F[][]} */
  const batches = [];
  let bytes = Infinity;
  for (const item of incoming) {
    const last = batches.at(-1);
    if (!last || last.length >= BATCH_FILES || bytes + item.file.size > BATCH_BYTES) {
      batches.push([item]);
      bytes = item.file.size;
    } else {
      last.push(item);
      bytes += item.file.size;
    }
  }
  return batches;
}

/**
 * One report over several.
 * @param {ReportRecord} a
 * @param {ReportRecord} b
 * @returns {ReportRecord}
 */
export function joined(a, b) {
  return {
    added: a.added + b.added,
    existing: a.existing + b.existing,
    boxes: a.boxes + b.boxes,
    classes: [...new Set([...a.classes, ...b.classes])],
    rejected: [...a.rejected, ...b.rejected],
    notes: [...a.notes, ...b.notes],
  };
}

/**
 * Send files; what was accepted before a failure stays accepted and is in the report.
 * @param {number} projectId
 * @param {readonly Incoming[]} incoming
 * @param {(sent: number) => void} onProgress told how many files have been answered for
 * @returns {Promise<Upload>}
 */
export async function upload(projectId, incoming, onProgress) {
  /** @type {ReportRecord} */
  let report = { added: 0, existing: 0, boxes: 0, classes: [], rejected: [], notes: [] };
  let sent = 0;
  for (const batch of batchesOf(incoming)) {
    const form = new FormData();
    for (const { file, path } of batch) form.append("files", file, path);
    try {
      report = joined(report, await api("POST", `projects/${projectId}/images`, form));
    } catch (error) {
      return { report, sent, failure: messageOf(error) };
    }
    sent += batch.length;
    onProgress(sent);
  }
  return { report, sent, failure: null };
}

/**
 * The files of a chooser.
 * @param {FileList | null} files
 * @returns {Incoming[]}
 */
export function chosenFiles(files) {
  return [...(files ?? [])]
    .map((file) => ({ file, path: file.webkitRelativePath || file.name }))
    .filter(({ file, path }) => !path.includes("/") || isPicture(file));
}

/**
 * The files of a drop; of dropped folders, the pictures at any depth.
 * @param {DataTransfer} transfer
 * @returns {Promise<Incoming[]>}
 */
export async function droppedFiles(transfer) {
  // The entries must all be taken before the first wait: the browser empties the list then.
  const entries = [...transfer.items].filter(({ kind }) => kind === "file").map((item) => item.webkitGetAsEntry?.());
  if (entries.some((entry) => !entry)) return chosenFiles(transfer.files);
  const found = await Promise.all(entries.map((entry) => filesUnder(/** @type {FileSystemEntry} */ (entry))));
  return found.flat();
}

/** @param {FileSystemEntry} entry @returns {Promise<Incoming[]>} */
async function filesUnder(entry) {
  const path = entry.fullPath.replace(/^\//, "");
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject));
    return !path.includes("/") || isPicture(file) ? [{ file, path }] : [];
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  /** @type {Incoming[]} */
  const found = [];
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject)); // at most 100 a call
    if (some.length === 0) return found;
    for (const inner of some) found.push(...(await filesUnder(inner)));
  }
}

/** @param {File} file */
function isPicture(file) {
  return file.type.startsWith("image/");
}
