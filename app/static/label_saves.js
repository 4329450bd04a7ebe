// @ts-check
/** The page's one save queue and its marks, tied to the network and to the page's end; they outlive the Label screen. */

import { api } from "./api.js";
import { ImageMarks } from "./image_marks.js";
import { randomId } from "./random_id.js";
import { SaveQueue } from "./save_queue.js";
import { UnsavedEdits } from "./unsaved_edits.js";

/** Milliseconds after which a save without an answer counts as unanswered. */
const PATIENCE = 20_000;
/** Milliseconds until what other pages left is looked for again: one that was just reloaded may seem to live still. */
const SECOND_LOOK = 2000;
const LOCK = "ssd-studio.page.";

/** @typedef {{saves: SaveQueue, marks: ImageMarks, ready: Promise<void>}} Saving `ready`: what earlier pages left is known */

/** @type {Saving | null} */
let saving = null;

/** @returns {Saving} */
export function labelSaves() {
  if (saving) return saving;
  const page = randomId();
  const kept = new UnsavedEdits(storage(), page);
  const saves = new SaveQueue({ put: (path, body, options) => api("PUT", path, body, options ?? patience()), kept });
  const marks = new ImageMarks({ patch: (path, body, options) => api("PATCH", path, body, options ?? patience()), storage: storage() });
  const look = async (/** @type {number} */ imageId) => (await api("GET", `images/${imageId}`)).image;
  const takeUp = async () => {
    kept.spare(await livingPages(page));
    saves.restore(look);
    marks.restore(look);
  };
  const flush = () => {
    saves.flush();
    marks.flush();
  };
  addEventListener("online", flush);
  addEventListener("pageshow", flush);
  addEventListener("pagehide", () => {
    saves.leave();
    marks.leave();
  });
  addEventListener("beforeunload", (event) => {
    if (!saves.summary().kept || !marks.summary().kept) event.preventDefault(); // the browser asks before it drops them
  });
  document.addEventListener("visibilitychange", () => (document.hidden ? flush() : takeUp()));
  hold(LOCK + page);
  setTimeout(takeUp, SECOND_LOOK);
  saving = { saves, marks, ready: takeUp() };
  return saving;
}

function patience() {
  return { signal: AbortSignal.timeout(PATIENCE) };
}

/** @param {string} name of a lock that is held as long as this page lives */
function hold(name) {
  navigator.locks?.request(name, () => new Promise(() => {})).catch(() => {});
}

/**
 * The pages of this studio that are open in this browser, except one; none where the browser cannot tell.
 * @param {string} self
 * @returns {Promise<string[]>}
 */
async function livingPages(self) {
  const { held = [] } = (await navigator.locks?.query().catch(() => null)) ?? {};
  const names = held.map(({ name = "" }) => name).filter((name) => name.startsWith(LOCK));
  return names.map((name) => name.slice(LOCK.length)).filter((page) => page !== self);
}

/** @returns {Storage | null} */
function storage() {
  try {
    return globalThis.localStorage;
  } catch {
    return null;
  }
}
