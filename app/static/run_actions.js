// @ts-check
/** What can be done with a run in each of its states; whatever loses something asks first. */

import { wordButton } from "./buttons.js";
import { openDialog } from "./dialog.js";
import { html } from "./elements.js";
import { isLive } from "./run_feed.js";

/** @typedef {import("./records.js").RunRecord} RunRecord */
/** @typedef {"pause" | "finish" | "cancel" | "resume" | "live" | "evaluate"} RunAction */
/** @typedef {{label: string, symbol?: string, primary?: boolean, sure?: {title: string, text: string[], label: string}}} Deed */

/** @type {Record<string, RunAction[]>} */
const CHOICES = {
  queued: ["cancel"],
  running: ["pause", "finish", "cancel"],
  stalled: ["pause", "cancel"],
  paused: ["resume", "finish", "cancel"],
  cancelled: ["resume", "finish"],
  failed: ["resume", "finish"],
  done: ["live", "evaluate"],
};

/**
 * The actions of a run, first the one that is meant for most.
 * @param {Pick<RunRecord, "status" | "step" | "phase" | "model_id">} run
 * @returns {RunAction[]}
 */
export function actionsOf({ status, step, phase, model_id }) {
  const learnt = step > 0 && phase !== "exporting";
  return (CHOICES[status] ?? []).filter((action) => {
    if (action === "finish") return learnt;
    if (action === "live" || action === "evaluate") return model_id !== null;
    return true;
  });
}

/**
 * What an action is called, and what is asked before it.
 * @param {RunAction} action
 * @param {RunRecord} run
 * @returns {Deed}
 */
export function deedOf(action, run) {
  const best = run.metrics.AP50 ?? run.metrics.val_AP50;
  const score = typeof best === "number" ? ` Its AP50 was ${best.toFixed(2)} at the last validation.` : "";
  switch (action) {
    case "pause":
      return { label: "Pause", symbol: "pause" };
    case "resume":
      return { label: "Resume", symbol: "play", primary: run.failure === null || run.failure === undefined };
    case "live":
      return { label: "Try it live", symbol: "camera", primary: true };
    case "evaluate":
      return { label: "See how good it is", symbol: "chart" };
    case "finish": {
      const label = isLive(run) ? "Stop and keep the best" : "Keep the best so far";
      return {
        label,
        symbol: "check",
        sure: {
          title: "Make a detector of it now?",
          text: [`The best of what it has learnt up to step ${run.step} becomes a detector.${score}`, "The rest of the training is left out, and this run cannot be resumed afterwards."],
          label,
        },
      };
    }
    case "cancel":
      return {
        label: run.status === "queued" && run.step === 0 ? "Take out of the queue" : "Cancel",
        symbol: "stop",
        // One that has not begun has nothing to lose.
        sure:
          run.step === 0 && run.status !== "running"
            ? undefined
            : {
                title: "Cancel this training?",
                text: ["It ends within seconds and makes no detector. The steps since its last save are lost; from there it can be resumed.", "To have a detector of what it has learnt, choose “Stop and keep the best”."],
                label: "Cancel the training",
              },
      };
  }
}

/**
 * Buttons for a run.
 * @param {RunRecord} run
 * @param {(action: RunAction, run: RunRecord) => void} onAction called when a person is sure, with the run at which the button was pressed
 * @param {() => RunRecord} now the run at the moment of the press
 * @returns {HTMLElement[]}
 */
export function actionButtons(run, onAction, now) {
  return actionsOf(run).map((action) => {
    const { label, symbol, primary } = deedOf(action, run);
    const act = () => {
      const pressed = now(); // while the question stands, another may take its place on the screen
      const { sure } = deedOf(action, pressed);
      if (sure) ask(sure, action === "cancel", () => onAction(action, pressed));
      else onAction(action, pressed);
    };
    const button = wordButton(label, act, { symbol, primary });
    button.dataset.action = action;
    return button;
  });
}

/** A button that closes must not be called "Cancel" here. @param {NonNullable<Deed["sure"]>} sure @param {boolean} danger @param {() => void} run */
function ask({ title, text, label }, danger, run) {
  const body = text.map((paragraph) => html("p", {}, paragraph));
  openDialog({ title, body, dismiss: "Leave it as it is", actions: [{ label, danger, primary: !danger, run }] });
}
