// @ts-check
/** What Review shows where there is nothing to decide: what is missing, what to do, or that all is done. */

import { wordButton } from "./buttons.js";
import { counted } from "./count_words.js";
import { emptyState } from "./empty_state.js";
import { decidedWords, promiseWords } from "./review_words.js";
import { studio } from "./store.js";

/**
 * @param {import("./review_words.js").ReviewRecord} review
 * @param {{models: number, open: number, look: () => void, showAll: () => void}} of `open`: findings of all kinds
 */
export function nothingToDecide(review, { models, open, look, showAll }) {
  const lookButton = (/** @type {string} */ words) => wordButton(words, look, { primary: true, symbol: "search" });
  const goTo = (/** @type {"train" | "label"} */ screen, /** @type {string} */ words) => wordButton(words, () => studio.navigate(screen), { primary: true });
  if (review.state === "failed") {
    return emptyState({ symbol: "warning", title: "The look did not end well", text: review.error ?? "The log says why." }, lookButton("Try again"));
  }
  if (open > 0) {
    return emptyState({ symbol: "check", title: "Nothing of this kind", text: "Others are still to be decided." }, wordButton("Show all", showAll, { primary: true }));
  }
  const decided = decidedWords(review);
  if (decided !== "") {
    return emptyState({ symbol: "check", title: "All is decided", text: `${decided}. Train again to learn from it: a better model finds more.` }, goTo("train", "Go to Train"));
  }
  if (review.model !== null) return emptyState({ symbol: "check", title: "Nothing is in doubt", text: "The model sees what is drawn, and nothing else." });
  if (models === 0) {
    const text = "Train one first. It will tell here where a box seems to be missing, and which boxes it cannot see.";
    return emptyState({ symbol: "search", title: "No model to ask yet", text }, goTo("train", "Go to Train"));
  }
  if (review.images === 0) {
    return emptyState({ symbol: "search", title: "Nothing is labelled yet", text: "Review compares labels with what a model sees." }, goTo("label", "Go to Label"));
  }
  const text = `The model tells where a box seems to be missing, and which boxes it cannot see; you decide who is right. ${promiseWords(review)}`;
  return emptyState({ symbol: "search", title: "Find label errors", text }, lookButton(`Look at ${counted(review.images, "image")}`));
}
