// @ts-check
/** What Review says of a finding, and of the look that found it. */

import { counted, grouped, percent } from "./count_words.js";
import { aboutTime } from "./train_words.js";

/** @typedef {import("./records.js").Xyxy} Xyxy */
/** @typedef {import("./records.js").BoxRecord} BoxRecord */
/** @typedef {import("./records.js").ImageRecord} ImageRecord */
/** @typedef {"missing_box" | "unseen_box" | "other_class" | "poor_fit"} FindingKind */
/**
 * @typedef {object} FindingRecord
 * @property {number} id
 * @property {FindingKind} kind
 * @property {number} class_id
 * @property {Xyxy} box the drawn one of "unseen_box", else the model's
 * @property {string | null} box_id the drawn box that it is about
 * @property {number | null} score
 * @property {number} badness 0 to 1
 * @property {ImageRecord} image
 * @property {BoxRecord[]} boxes all that are drawn on the image
 */
/**
 * @typedef {object} ReviewRecord
 * @property {"idle" | "ready" | "running" | "done" | "failed" | "cancelled"} state
 * @property {number} done
 * @property {number} total
 * @property {string | null} error
 * @property {number} images labelled and empty ones, which a look would be at
 * @property {number} seconds that a look takes, as a guess
 * @property {{id: string, name: string} | null} model whose look was the last
 * @property {number} looked images that it looked at
 * @property {number} learnt of these, how many it had learnt from
 * @property {string[]} unreadable names of images that could not be read, the first few
 * @property {number} unreadable_images how many could not be read
 * @property {number | null} recall the part of the drawn boxes that the model finds
 * @property {boolean} weak whether that is so little that many doubts will be wrong
 * @property {number} left_out doubts that are not told, because enough worse ones are
 * @property {Record<FindingKind, number>} counts open findings
 * @property {number} dismissed
 * @property {number} fixed
 * @property {FindingRecord[]} findings
 * @property {import("./records.js").ClassRecord[]} classes
 * @property {number | null} next_after
 */

/** From this recall on, a model sees nearly all that is there. */
const FAIR_RECALL = 0.9;
/** Images that are named in a sentence. */
const NAMES_TOLD = 3;

/** @type {Record<FindingKind, {title: string, short: string}>} */
export const KINDS = {
  missing_box: { title: "No box drawn", short: "No box" },
  unseen_box: { title: "Not seen by the model", short: "Not seen" },
  other_class: { title: "Another class", short: "Other class" },
  poor_fit: { title: "Box fits badly", short: "Poor fit" },
};

/**
 * A share in whole per cent, never quite sure.
 * @param {number} score
 */
export function sureWords(score) {
  return `${Math.min(99, Math.max(1, Math.round(100 * score)))} %`;
}

/**
 * The finding in a sentence.
 * @param {Pick<FindingRecord, "kind" | "score">} finding
 * @param {string} model the class that the model sees, or the drawn one of "unseen_box"
 * @param {string} drawn the class of the box that is drawn
 */
export function findingWords({ kind, score }, model, drawn) {
  const sure = score === null ? "" : sureWords(score);
  switch (kind) {
    case "missing_box":
      return `The model is ${sure} sure of “${model}” here, and no box is drawn.`;
    case "other_class":
      return `The box says “${drawn}”; the model is ${sure} sure that this is “${model}”.`;
    case "poor_fit":
      return `The model is ${sure} sure of “${model}” here, but in a box that hardly fits the one drawn.`;
    default:
      return score === null ? `A box “${model}” is drawn here, and the model sees nothing like it.` : `A box “${model}” is drawn here; the model would give it ${sure} only.`;
  }
}

/** @param {readonly unknown[]} boxes that the image has after it @returns {string} what follows of having deleted one */
export function leftWords(boxes) {
  return boxes.length === 0 ? " The photograph has none left, and waits for labels again." : "";
}

/**
 * What doing as the model says is called, and what was done then.
 * @param {FindingKind} kind
 * @param {string} model the class that the model sees
 * @returns {{ask: string, done: string}}
 */
export function mendWords(kind, model) {
  switch (kind) {
    case "missing_box":
      return { ask: "Draw the box", done: `A box “${model}” was drawn.` };
    case "other_class":
      return { ask: `Change it to “${model}”`, done: `The box is “${model}” now.` };
    case "poor_fit":
      return { ask: "Take the model’s box", done: "The box was moved to where the model sees it." };
    default:
      return { ask: "Delete the box", done: "The box was deleted." };
  }
}

/**
 * Who looked at what, how far it can be believed, and what is not listed.
 * @param {Pick<ReviewRecord, "model" | "looked" | "learnt" | "images" | "unreadable" | "unreadable_images" | "recall" | "weak" | "left_out">} review
 * @returns {string} "" where nobody has looked
 */
export function lookWords({ model, looked, learnt, images, unreadable, unreadable_images: faults, recall, weak, left_out: leftOut }) {
  if (!model) return "";
  const some = looked < images ? `${grouped(looked)} of ${counted(images, "image")}` : counted(looked, "image");
  return [
    `${model.name} looked at ${some}.`,
    looked > 0 && learntWords(looked, learnt),
    recall !== null && !weak && `It finds ${partWords(recall)} of your boxes itself${recall < FAIR_RECALL ? ", so some of its doubts will be wrong" : ""}.`,
    leftOut > 0 && `The worst doubts are listed, ${grouped(leftOut)} lesser ones left out.`,
    faults > 0 && `${counted(faults, "image")} could not be read: ${namesWords(unreadable, faults)}.`,
  ]
    .filter(Boolean)
    .join(" ");
}

/**
 * Why what is listed is to be taken with care.
 * @param {Pick<ReviewRecord, "state" | "error" | "recall" | "weak">} review
 * @returns {string} "" where there is no reason
 */
export function doubtfulWords({ state, error, recall, weak }) {
  if (state === "failed") return `The last look did not end well. ${error ?? "The log says why."}`;
  if (!weak || recall === null) return "";
  return `The model finds ${partWords(recall)} of your boxes itself: many of its doubts will be wrong. Train it longer, or look only at the first ones.`;
}

/** @param {number} part 0 to 1 */
function partWords(part) {
  return part === 0 ? "none" : part === 1 ? "all" : percent(part, 1);
}

/** @param {string[]} names the first of them @param {number} number of all */
function namesWords(names, number) {
  const told = names.slice(0, NAMES_TOLD);
  const rest = number - told.length;
  return rest > 0 ? `${told.join(", ")} and ${grouped(rest)} more` : told.join(", ");
}

/** @param {number} looked @param {number} learnt */
function learntWords(looked, learnt) {
  if (learnt === 0) return "It learnt from none of them, so its doubts are its own.";
  const part = learnt >= looked ? "all of them" : `${grouped(learnt)} of them`;
  return `It learnt from ${part}, mistakes included, and doubts them less.`;
}

/**
 * What a look would be: its images and its time.
 * @param {Pick<ReviewRecord, "images" | "seconds">} review
 */
export function promiseWords({ images, seconds }) {
  return `It looks at ${counted(images, "labelled image")} in the background, ${aboutTime(seconds)}.`;
}

/**
 * What was decided so far.
 * @param {Pick<ReviewRecord, "fixed" | "dismissed">} review
 * @returns {string} "" for nothing
 */
export function decidedWords({ fixed, dismissed }) {
  const parts = [fixed > 0 && `${grouped(fixed)} mended`, dismissed > 0 && `${grouped(dismissed)} left as ${dismissed === 1 ? "it was" : "they were"}`].filter(Boolean);
  return parts.join(", ");
}
