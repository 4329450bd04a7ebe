// @ts-check
/** The page's one save queue, tied to the network and to the page's end; it outlives the Label screen. */

import { api } from "./api.js";
import { SaveQueue } from "./save_queue.js";
import { UnsavedEdits } from "./unsaved_edits.js";

/** Milliseconds after which a save without an answer counts as unanswered. */
const PATIENCE = 20_000;

/** @type {SaveQueue | null} */
let queue = null;

/** @returns {SaveQueue} */
export function labelSaves() {
  if (queue) return queue;
  const saves = new SaveQueue({
    put: (path, body, options) => api("PUT", path, body, options ?? { signal: AbortSignal.timeout(PATIENCE) }),
    kept: new UnsavedEdits(storage()),
  });
  addEventListener("online", () => saves.flush());
  addEventListener("pageshow", () => saves.flush());
  addEventListener("pagehide", () => saves.leave());
  document.addEventListener("visibilitychange", () => document.hidden && saves.flush());
  saves.restore(async (imageId) => (await api("GET", `images/${imageId}`)).image);
  queue = saves;
  return saves;
}

/** @returns {Storage | null} */
function storage() {
  try {
    return globalThis.localStorage;
  } catch {
    return null;
  }
}
