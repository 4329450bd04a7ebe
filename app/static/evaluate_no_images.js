// @ts-check
/** A split that has no images to measure a model on: why, and the button that helps. */

import { api, messageOf } from "./api.js";
import { changeMany } from "./bulk_actions.js";
import { wordButton } from "./buttons.js";
import { emptyState } from "./empty_state.js";
import { studio } from "./store.js";
import { toast } from "./toast.js";

/** @typedef {import("./models_words.js").ModelEntry} ModelEntry */
/** @typedef {import("./evaluate_words.js").Split} Split */

/** One labelled image in so many is taken. */
const EVERY = 5;
/** Images looked through; a fifth of these is more than enough to measure by. */
const MOST = 500;

/**
 * Every fifth of the images, and at least one.
 * @template T
 * @param {readonly T[]} images
 * @returns {T[]}
 */
export function everyFifth(images) {
  return images.filter((_, index) => index % EVERY === 0);
}

/**
 * Make the message.
 * @param {Split} split
 * @param {ModelEntry | undefined} model
 * @returns {HTMLElement}
 */
export function noImages(split, model) {
  if (!model?.run_id) return ofAnImport(split);
  if (split === "val") {
    return emptyState(
      {
        symbol: "chart",
        title: "No validation images",
        text: "This model was trained on every labelled image, so none is left to measure it by. Let each training keep a part for validation, and train again.",
      },
      wordButton("Make a split", makeSplit, { primary: true }),
      wordButton("Go to Images", () => studio.navigate("images")),
    );
  }
  return emptyState(
    {
      symbol: "chart",
      title: "No test images",
      text: "Label some photographs that no model has seen, and give them the split Test on the Images screen: nothing tells better how good a model is.",
    },
    wordButton("Go to Images", () => studio.navigate("images"), { primary: true }),
  );
}

/** @param {Split} split */
function ofAnImport(split) {
  const name = { val: "validation", test: "test", train: "training" }[split];
  if (split === "train") {
    return emptyState(
      { symbol: "chart", title: "No training images", text: "This model was not trained here, so what it learnt from is not known. Measure it on validation or test images." },
    );
  }
  return emptyState(
    { symbol: "chart", title: `No ${name} images`, text: `None of this project’s labelled images has the split ${split === "val" ? "Validation" : "Test"}. Keep a fifth of them for it, and the model is measured at once.` },
    wordButton("Make a split", () => splitOff(split), { primary: true, symbol: "spark" }),
    wordButton("Go to Images", () => studio.navigate("images")),
  );
}

async function makeSplit() {
  const project = studio.project;
  if (project === null) return;
  try {
    const { changed } = await api("POST", `projects/${project}/validation-split`);
    if (changed > 0) studio.changed("images");
    toast("Each training keeps a part of the images for validation now.", { action: { label: "Train again", run: () => studio.navigate("train") }, seconds: 12 });
  } catch (error) {
    toast(messageOf(error), { kind: "error" });
  }
}

/** @param {"val" | "test"} split */
async function splitOff(split) {
  const project = studio.project;
  if (project === null) return;
  try {
    const { images } = await api("GET", `projects/${project}/images?status=labelled&limit=${MOST}`);
    const ids = everyFifth(images).map(({ id }) => id);
    if (ids.length === 0) return void toast("No image is labelled yet.", { action: { label: "Go to Label", run: () => studio.navigate("label") } });
    await changeMany(project, { ids }, { action: "split", value: split });
  } catch (error) {
    toast(messageOf(error), { kind: "error" });
  }
}
