// @ts-check
/** A project without photographs: the ways to get some. */

import { wordButton } from "./buttons.js";
import { html } from "./elements.js";
import { icon } from "./icons.js";
import { loadSample } from "./sample.js";

/** @typedef {{photographs: () => void, folder: () => void, dataset: () => void, webcam: () => void, video: () => void}} Ways */

/**
 * Make the invitation.
 * @param {Ways} ways
 * @returns {HTMLElement}
 */
export function firstWays(ways) {
  const sample = wordButton("Load the sample: workshop parts", () => loadSample(sample), { small: true, symbol: "spark" });
  return html(
    "div",
    { class: "st-first" },
    html(
      "div",
      { class: "st-first-drop" },
      icon("upload"),
      html("h2", {}, "Drop photographs, a folder or a zip anywhere here"),
      html("p", { class: "st-note" }, "Twenty photographs of what is to be found are enough for a first model."),
      html(
        "div",
        { class: "st-actions" },
        wordButton("Choose photographs", ways.photographs, { primary: true }),
        wordButton("Choose a folder", ways.folder, { symbol: "folder" }),
      ),
    ),
    html(
      "div",
      { class: "st-first-others" },
      way("camera", "Take some now", "With the webcam, one by one or every few seconds.", wordButton("Capture from webcam", ways.webcam)),
      way("play", "Take them from a video", "Every so often, or when the picture changes.", wordButton("Choose a video", ways.video)),
      way("folder", "Labelled already?", "Pascal VOC, COCO, YOLO and five more formats.", wordButton("Import a data set", ways.dataset)),
    ),
    html("div", { class: "st-sample-offer" }, html("p", { class: "st-note" }, "Nothing at hand? Try it with pictures that come along:"), sample),
  );
}

/** @param {string} symbol @param {string} title @param {string} text @param {HTMLElement} button */
function way(symbol, title, text, button) {
  return html("section", { class: "st-first-way" }, html("div", { class: "st-first-icon" }, icon(symbol)), html("h3", {}, title), html("p", { class: "st-note" }, text), button);
}
