// @ts-check
/** A whole video that the server looks at: how it is asked for, and how far it is in words. */

import { counted, grouped } from "./count_words.js";
import { timeLeft } from "./time_words.js";

/** @typedef {import("./live_thresholds.js").Thresholds} Thresholds */

/**
 * A video as the server tells of it.
 * @typedef {object} VideoRecord
 * @property {string} id
 * @property {"uploading" | "running" | "done" | "failed" | "cancelled"} state
 * @property {boolean} waiting others are before it
 * @property {number} done frames
 * @property {number} total frames; 0 where the file does not tell
 * @property {{frames: number, frames_read: number, width: number, height: number, seconds: number, boxes: Record<string, number>, notes: string[]} | null} report
 * @property {string | null} error
 * @property {string} name
 * @property {string} model
 * @property {string} model_name
 * @property {number | null} frames_per_second
 * @property {number | null} seconds_left
 */

/** The choices of how many frames are looked at. */
export const EVERY = [1, 2, 5, 10, 30];

/**
 * The query that asks for what the sliders show.
 * @param {string} name of the file
 * @param {number} every look at each frame of so many
 * @param {Thresholds} thresholds
 * @param {readonly string[]} classes of the model
 * @returns {URLSearchParams}
 */
export function wholeQuery(name, every, { score, iou, maxBoxes, agnostic, hidden, classScores }, classes) {
  const query = new URLSearchParams({ name, every: String(every), score: String(score), iou: String(iou), max_boxes: String(maxBoxes) });
  if (agnostic) query.set("class_agnostic", "true");
  const shown = classes.filter((each) => !hidden.has(each));
  if (shown.length < classes.length) for (const each of shown) query.append("classes", each);
  for (const each of classes) if (Object.hasOwn(classScores, each)) query.append("class_score", `${each}:${classScores[each]}`);
  return query;
}

/** @param {number} every */
export function everyWords(every) {
  if (every === 1) return "Every frame";
  return every === 2 ? "Every second frame" : `Every ${every}th frame`;
}

/**
 * How far a video is, or what came of it.
 * @param {VideoRecord} video
 * @param {boolean} [silent] the server does not answer: how far it was says nothing
 * @returns {string}
 */
export function wholeWords(video, silent = false) {
  const { state, waiting, done, total, report, error } = video;
  if (state === "uploading") return "Being sent";
  if (state === "failed") return error ?? "It ended early. Start it again.";
  if (state === "cancelled") return "Stopped";
  if (state === "done") return report ? foundWords(report) : "Done";
  if (silent) return "No word from the studio's server. Check that it is still running.";
  if (waiting) return "Waiting for the video before it";
  if (done === 0) return "Starting";
  const speed = video.frames_per_second;
  const pace = speed === null ? "" : `${speed < 10 ? speed.toFixed(1) : Math.round(speed)} a second`;
  const frames = total > 0 ? `${grouped(done)} of ${counted(total, "frame")}` : counted(done, "frame");
  return [frames, pace, timeLeft(video.seconds_left)].filter(Boolean).join(" · ");
}

/**
 * The videos that were in work and that the server knows no more.
 * @param {readonly VideoRecord[]} before
 * @param {readonly VideoRecord[]} now
 * @param {ReadonlySet<string>} stopped ids of those that were stopped here
 */
export function lostOf(before, now, stopped) {
  const known = new Set(now.map(({ id }) => id));
  return before.filter(({ id, state }) => state === "running" && !known.has(id) && !stopped.has(id));
}

/** @param {NonNullable<VideoRecord["report"]>} report */
function foundWords({ frames, boxes }) {
  const found = Object.entries(boxes).filter(([, count]) => count > 0);
  const most = found.sort(([, a], [, b]) => b - a).slice(0, 3).map(([name, count]) => `${grouped(count)}\u00a0×\u00a0${name}`);
  if (found.length > most.length) most.push(counted(found.length - most.length, "other class", "other classes"));
  return `${counted(frames, "frame")} · ${most.join(", ") || "nothing found"}`;
}
