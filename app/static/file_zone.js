// @ts-check
/** Files from a hand: a hidden chooser for buttons to open, and an element that takes drops. */

import { carriesFiles, droppedFiles } from "./dropped_files.js";
import { html } from "./elements.js";

/** @typedef {import("./upload.js").Incoming} Incoming */

/**
 * Make a hidden chooser of files; `click()` opens it.
 * @param {Record<string, any>} attributes of the input
 * @param {(files: Incoming[]) => void} onFiles
 * @returns {HTMLInputElement}
 */
export function fileChooser(attributes, onFiles) {
  const input = html("input", { type: "file", hidden: true, ...attributes });
  input.addEventListener("change", () => onFiles([...(input.files ?? [])].map((file) => ({ file, path: file.webkitRelativePath || file.name }))));
  return input;
}

/**
 * Let an element take dropped files and folders, and show that it would.
 * @param {HTMLElement} zone
 * @param {(files: Incoming[]) => void} onFiles
 */
export function takeDrops(zone, onFiles) {
  zone.addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    zone.classList.add("st-over");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("st-over"));
  zone.addEventListener("drop", async (event) => {
    if (!event.dataTransfer || !carriesFiles(event)) return;
    event.preventDefault();
    event.stopPropagation(); // the page behind takes drops as well
    zone.classList.remove("st-over");
    onFiles((await droppedFiles(event.dataTransfer)).incoming);
  });
}
