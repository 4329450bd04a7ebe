// @ts-check
/** Changes to many images at once, each told with a way back. */

import { api, messageOf } from "./api.js";
import { counted } from "./count_words.js";
import { studio } from "./store.js";
import { toast } from "./toast.js";

/** @typedef {{action: "split" | "flag" | "status" | "delete" | "put_back", value?: unknown}} BulkAction */
/** @typedef {{ids: number[]} | {filter: import("./image_query.js").ImageFilter}} BulkTarget */
/** @typedef {{changed: number, skipped: {id: number, name: string, problem: string}[], undo: object[]}} BulkAnswer */

const SPLITS = { train: "training", val: "validation", test: "test" };
const UNDO_SECONDS = 12;

/**
 * What was done, in a sentence.
 * @param {BulkAction} action
 * @param {number} changed
 * @returns {string}
 */
export function doneWords({ action, value }, changed) {
  const images = counted(changed, "image");
  const are = changed === 1 ? "is" : "are";
  if (action === "delete") return `${images} moved to the bin.`;
  if (action === "put_back") return `${images} put back.`;
  if (action === "flag") return `${images} ${value ? "flagged" : "no longer flagged"}.`;
  if (action === "status") return `${images} ${are} ${value === "empty" ? "marked as without objects" : "unlabelled again"}.`;
  return value === null ? `${images} ${are} in no split.` : `${images} ${are} for ${SPLITS[/** @type {"train"} */ (value)]} now.`;
}

/**
 * What was left as it is, in a sentence; "" for nothing.
 * @param {BulkAnswer["skipped"]} skipped
 * @returns {string}
 */
export function skippedWords(skipped) {
  if (skipped.length === 0) return "";
  const [{ name, problem }] = skipped;
  if (skipped.length === 1) return `${name} was left as it is: ${problem}`;
  return `${counted(skipped.length, "image")} were left as they are, ${name} for one: ${problem}`;
}

/**
 * Change images, and tell what came of it with a way back.
 * @param {number} project
 * @param {BulkTarget} target
 * @param {BulkAction} action
 * @returns {Promise<boolean>} whether the server did it
 */
export async function changeMany(project, target, action) {
  /** @type {BulkAnswer} */
  let answer;
  try {
    answer = await api("POST", `projects/${project}/images/bulk`, { ...action, ...target });
  } catch (error) {
    toast(messageOf(error), { kind: "error" });
    return false;
  }
  const gone = action.action === "delete" && "ids" in target && studio.image !== null && target.ids.includes(studio.image) ? studio.image : null;
  studio.changed("images", null, gone);
  const words = [doneWords(action, answer.changed), skippedWords(answer.skipped)].filter(Boolean).join(" ");
  const undo = answer.undo?.length ? { label: "Undo", run: () => takeBack(project, answer.undo) } : undefined;
  toast(words, { action: undo, seconds: UNDO_SECONDS });
  return true;
}

/** @param {number} project @param {object[]} steps */
async function takeBack(project, steps) {
  try {
    for (const step of steps) await api("POST", `projects/${project}/images/bulk`, step);
    toast("Taken back.");
  } catch (error) {
    toast(`Not everything was taken back: ${messageOf(error)}`, { kind: "error" });
  }
  studio.changed("images");
}
