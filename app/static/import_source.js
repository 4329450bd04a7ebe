// @ts-check
/** Where a data set comes from: dropped or chosen here, or a path of the computer that the studio runs on. */

import { wordButton } from "./buttons.js";
import { html, setText } from "./elements.js";
import { fileChooser, takeDrops } from "./file_zone.js";
import { icon } from "./icons.js";

/** @typedef {import("./upload.js").Incoming} Incoming */

/**
 * Make the first step of the import.
 * @param {{onFiles: (files: Incoming[]) => void, onPath: (path: string) => void}} take
 * @returns {HTMLElement}
 */
export function importSource({ onFiles, onPath }) {
  const problem = html("p", { class: "st-problem", role: "alert" });
  const take = (/** @type {Incoming[]} */ files) => {
    if (files.length > 0) onFiles(files);
    else setText(problem, "There is no file in it.");
  };
  const folder = fileChooser({ multiple: true, webkitdirectory: true, class: "st-import-folder", "aria-label": "Folder of the data set" }, take);
  const archive = fileChooser({ multiple: true, class: "st-import-files", "aria-label": "Zip or files of the data set" }, take);
  const zone = html(
    "div",
    { class: "st-import-drop" },
    icon("upload"),
    html("p", {}, "Drop a folder or a .zip here"),
    html("div", { class: "st-actions" }, wordButton("Choose a folder", () => folder.click(), { symbol: "folder" }), wordButton("Choose a zip or files", () => archive.click())),
    folder,
    archive,
  );
  takeDrops(zone, take);

  const path = html("input", {
    type: "text",
    class: "st-input",
    autocomplete: "off",
    spellcheck: "false",
    placeholder: "/home/me/datasets/raccoon",
    "aria-label": "Path of a folder or zip",
  });
  const form = html("form", { class: "st-joined" }, path, html("button", { type: "submit", class: "st-button" }, "Read it"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const typed = path.value.trim();
    if (typed === "") return setText(problem, "Type the path of a folder or of a .zip file.");
    onPath(typed);
  });
  return html(
    "div",
    { class: "st-import" },
    zone,
    html("div", { class: "st-import-field" }, html("span", {}, "Or a path on the computer that the studio runs on"), form),
    problem,
    html("p", { class: "st-note" }, "Pascal VOC, COCO, YOLO, LabelMe, Label Studio, CVAT, Open Images, CSV, or pictures alone; annotations alone go to the images of the project. You see what is in it before anything is imported."),
  );
}
