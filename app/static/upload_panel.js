// @ts-check
/** Where photographs are dropped or chosen, how far their upload is, and what became of each. */

import { iconButton, wordButton } from "./buttons.js";
import { html, setText } from "./elements.js";
import { icon } from "./icons.js";
import { chosenFiles, droppedFiles, upload } from "./upload.js";

/** @typedef {import("./records.js").ReportRecord} ReportRecord */
/** @typedef {import("./upload.js").Incoming} Incoming */

const PICTURES = "image/*,.jpg,.jpeg,.png,.webp,.bmp,.tif,.tiff,.gif";

/**
 * One sentence for a report.
 * @param {ReportRecord} report
 * @returns {string}
 */
export function reportSentence({ added, existing, rejected }) {
  const parts = [added === 0 ? "No new photograph" : added === 1 ? "1 photograph added" : `${added} photographs added`];
  if (existing > 0) parts.push(existing === 1 ? "1 was already here" : `${existing} were already here`);
  if (rejected.length > 0) parts.push(rejected.length === 1 ? "1 file was refused" : `${rejected.length} files were refused`);
  return `${parts.join(", ")}.`;
}

export class UploadPanel {
  #busy = false;

  /**
   * @param {HTMLElement} target anything dropped on it counts
   * @param {() => number | null} project
   * @param {() => void} onAdded
   */
  constructor(target, project, onAdded) {
    this.project = project;
    this.onAdded = onAdded;
    this.files = html("input", { type: "file", multiple: true, accept: PICTURES, hidden: true, "aria-label": "Photographs", class: "st-choose-files" });
    this.folder = html("input", { type: "file", multiple: true, webkitdirectory: true, hidden: true, "aria-label": "Folder of photographs" });
    for (const input of [this.files, this.folder]) {
      input.addEventListener("change", () => {
        this.send(chosenFiles(input.files));
        input.value = ""; // so that choosing the same file again counts
      });
    }
    this.words = html("span", { class: "st-drop-words" }, "Drop photographs or a folder here");
    this.zone = html(
      "div",
      { class: "st-drop-zone" },
      icon("upload"),
      this.words,
      html(
        "div",
        { class: "st-actions" },
        wordButton("Choose photographs", () => this.files.click(), { primary: true }),
        wordButton("Choose a folder", () => this.folder.click(), { symbol: "folder" }),
      ),
    );
    this.bar = html("progress", { class: "st-progress", max: 1, value: 0, "aria-label": "Upload" });
    this.count = html("span", { role: "status" });
    this.progress = html("div", { class: "st-upload-progress", hidden: true }, this.count, this.bar);
    this.report = html("div", { class: "st-report", hidden: true });
    this.node = html("div", { class: "st-upload" }, this.zone, this.progress, this.report, this.files, this.folder);
    this.#takeDrops(target);
  }

  /** @param {HTMLElement} target */
  #takeDrops(target) {
    let depth = 0; // dragenter and dragleave come for every element inside as well
    const show = (/** @type {number} */ now) => {
      depth = Math.max(0, now);
      target.classList.toggle("st-dropping", depth > 0);
    };
    const carriesFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files") === true;
    target.addEventListener("dragenter", (event) => carriesFiles(event) && show(depth + 1));
    target.addEventListener("dragleave", (event) => carriesFiles(event) && show(depth - 1));
    target.addEventListener("dragover", (event) => carriesFiles(event) && event.preventDefault());
    target.addEventListener("drop", async (event) => {
      if (!event.dataTransfer || !carriesFiles(event)) return;
      event.preventDefault();
      show(0);
      this.send(await droppedFiles(event.dataTransfer));
    });
  }

  /**
   * Upload files and show what became of them.
   * @param {Incoming[]} incoming
   */
  async send(incoming) {
    const project = this.project();
    if (project === null || this.#busy || incoming.length === 0) return;
    this.#busy = true;
    this.report.hidden = true;
    this.progress.hidden = false;
    this.zone.hidden = true;
    const tell = (/** @type {number} */ sent) => {
      setText(this.count, `${sent} of ${incoming.length} sent`);
      this.bar.value = sent / incoming.length;
    };
    tell(0);
    const { report, sent, failure } = await upload(project, incoming, tell);
    this.#busy = false;
    this.progress.hidden = true;
    this.zone.hidden = false;
    this.#showReport(report, failure, incoming.slice(sent));
    this.onAdded();
  }

  /** @param {ReportRecord} report @param {string | null} failure @param {Incoming[]} left */
  #showReport(report, failure, left) {
    const close = iconButton("close", "Dismiss the report", () => (this.report.hidden = true));
    const unsent = left.length === 1 ? "1 file was not sent" : `${left.length} files were not sent`;
    this.report.replaceChildren(
      html("div", { class: "st-report-head" }, html("p", { role: "status" }, reportSentence(report)), close),
      ...(failure === null
        ? []
        : [
            html("p", { class: "st-problem", role: "alert" }, `${unsent}: ${failure}`),
            wordButton("Send the rest", () => this.send(left), { small: true }),
          ]),
      ...(report.rejected.length > 0 ? [rejectedTable(report.rejected)] : []),
      ...report.notes.map((note) => html("p", { class: "st-note" }, note)),
    );
    this.report.hidden = false;
  }
}

/** @param {import("./records.js").ProblemRecord[]} rejected */
function rejectedTable(rejected) {
  const row = (/** @type {"th" | "td"} */ tag, /** @type {string[]} */ cells) =>
    html("tr", {}, ...cells.map((text) => html(tag, {}, text)));
  return html(
    "div",
    { class: "st-table-frame", tabindex: 0, role: "region", "aria-label": "Refused files" },
    html(
      "table",
      { class: "st-table" },
      html("thead", {}, row("th", ["File", "Problem", "What to do"])),
      html("tbody", {}, ...rejected.map(({ file, line, problem, remedy }) => row("td", [line ? `${file}, line ${line}` : file, problem, remedy]))),
    ),
  );
}
