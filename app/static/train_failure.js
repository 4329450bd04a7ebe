// @ts-check
/** Why a run does not go on, in plain words, with a button that does what helps. */

import { api, messageOf } from "./api.js";
import { wordButton } from "./buttons.js";
import { html } from "./elements.js";
import { icon } from "./icons.js";
import { toast } from "./toast.js";

/** @typedef {import("./records.js").RunRecord} RunRecord */
/** @typedef {import("./records.js").FailureRecord} FailureRecord */
/** @typedef {{started: boolean, sentence: string}} WorkerAnswer */
/**
 * @typedef {object} Remedies
 * @property {(changes: Record<string, unknown>) => void} resume
 * @property {(imageId: number) => void} openImage
 * @property {() => void} openLog
 */

/** @type {Record<string, {title: string, after: string}>} */
const KINDS = {
  out_of_memory: { title: "There was not enough memory", after: "With other settings the run begins anew; its first curves are replaced." },
  disk_full: { title: "The disk is full", after: "Everything up to its last save is kept." },
  diverged: { title: "The training lost its way", after: "Look for a box that is misplaced or tiny, mend it, and train again." },
  worker_gone: { title: "The trainer is gone", after: "Everything up to its last save is kept." },
  weights_unavailable: { title: "The pretrained weights could not be fetched", after: "The offline backbone comes with the program and needs no network." },
  bad_data: { title: "A photograph cannot be learnt from", after: "Mend it, then start a new training, which takes the labels as they are then." },
  unknown: { title: "An error ended it", after: "" },
};

/** Kinds of which there is more to say only where the button begins the run anew. */
const BEGUN_ANEW = ["out_of_memory", "weights_unavailable"];

/**
 * What a failure is called and what follows from it.
 * @param {Pick<FailureRecord, "kind" | "action">} failure
 * @returns {{title: string, after: string}}
 */
export function failureWords({ kind, action }) {
  const { title, after } = KINDS[kind] ?? KINDS.unknown;
  return { title, after: BEGUN_ANEW.includes(kind) && action?.kind !== "resume" ? "" : after };
}

/**
 * The card of a failure.
 * @param {FailureRecord} failure
 * @param {Remedies} remedies
 * @returns {HTMLElement}
 */
export function failureCard(failure, remedies) {
  const { title, after } = failureWords(failure);
  const { action } = failure;
  const run = action && remedyOf(action, remedies);
  return html(
    "section",
    { class: "st-failure", role: "alert", "data-kind": failure.kind },
    html("span", { class: "st-failure-symbol" }, icon("warning")),
    html(
      "div",
      {},
      html("h3", {}, title),
      html("p", { dir: "auto" }, failure.sentence),
      after ? html("p", { class: "st-note" }, after) : null,
      run && action ? html("div", { class: "st-actions" }, wordButton(action.label, run, { primary: failure.kind !== "worker_gone" })) : null,
    ),
  );
}

/** @param {NonNullable<FailureRecord["action"]>} action @param {Remedies} remedies @returns {(() => void) | null} */
function remedyOf({ kind, value }, { resume, openImage, openLog }) {
  switch (kind) {
    case "resume":
      return () => resume(value ?? {});
    case "free_space":
      return () => resume({});
    case "open_image":
      return () => openImage(Number(value));
    case "open_log":
      return openLog;
    case "start_worker":
      return () => startWorker(value ?? null);
    default:
      return null;
  }
}

/**
 * Have a worker on the studio's own machine; where that cannot be, say what to run elsewhere.
 * @param {string | null} device
 */
async function startWorker(device) {
  try {
    /** @type {WorkerAnswer} */
    const { sentence } = await api("POST", "workers", { device });
    toast(sentence);
  } catch (error) {
    const command = device ? `ssd-studio worker --device ${device}` : "ssd-studio worker";
    toast(`${messageOf(error)} On any machine that reaches the workspace, this starts one: ${command}`);
  }
}
