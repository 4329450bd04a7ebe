// @ts-check
/** What Review shows where there is nothing to decide: what is missing, what to do, or that all is done. */

import { wordButton } from "./buttons.js";
import { counted, grouped } from "./count_words.js";
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
  if (review.left_out > 0) {
    const left = `${decided === "" ? "" : `${decided}. `}${grouped(review.left_out)} lesser doubts were left out.`;
    const state = { symbol: "check", title: "All that was listed is decided" };
    if (!review.weak) return emptyState({ ...state, text: `${left} Look again to go on with the worst of them.` }, lookButton("Look again"));
    const advice = "Most of them will be wrong, because the model finds too little itself: train again first, or look again to go on.";
    return emptyState({ ...state, text: `${left} ${advice}` }, goTo("train", "Go to Train"), wordButton("Look again", look, { symbol: "search" }));
  }
  if (decided !== "") {
    return emptyState({ symbol: "check", title: "All is decided", text: `${decided}. Train again to learn from it: a better model finds more.` }, goTo("train", "Go to Train"));
  }
  if (review.weak) return emptyState({ symbol: "search", title: "The model finds too little", text: "It cannot tell yet what is wrong with the labels. Train it longer, and look again." }, goTo("train", "Go to Train"));
  if (review.model !== null && review.looked > 0) return emptyState({ symbol: "check", title: "Nothing is in doubt", text: review.recall === null ? "Nothing is drawn that the model knows, and it sees nothing else." : "The model sees what is drawn, and nothing else." });
  if (review.unreadable_images > 0) {
    return emptyState({ symbol: "warning", title: "No image could be read", text: "Their files are missing or damaged. The log says more." }, lookButton("Look again"));
  }
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
