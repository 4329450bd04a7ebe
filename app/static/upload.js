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

/** @returns {ReportRecord} a report of nothing */
export function emptyReport() {
  return { added: 0, existing: 0, boxes: 0, classes: [], rejected: [], notes: [] };
}

/**
 * Send files; what was accepted before a failure stays accepted and is in the report.
 * @param {number} projectId
 * @param {readonly Incoming[]} incoming
 * @param {(sent: number) => void} onProgress told how many files have been answered for
 * @param {AbortSignal} [signal] ends it after the batch that is on its way
 * @returns {Promise<Upload>}
 */
export async function upload(projectId, incoming, onProgress, signal) {
  let report = emptyReport();
  let sent = 0;
  for (const batch of batchesOf(incoming)) {
    if (signal?.aborted) return { report, sent, failure: "You stopped the upload." };
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
