// @ts-check
/** The dialog that writes a project out as a dataset: format, what it loses, progress, and the file. */

import { api, apiUrl, messageOf } from "./api.js";
import { counted } from "./count_words.js";
import { openDialog } from "./dialog.js";
import { html, setText } from "./elements.js";
import { failureState } from "./empty_state.js";

/** @typedef {{id: string, title: string, loses?: string | string[] | null}} FormatRecord */
/**
 * @typedef {object} ExportRecord
 * @property {string | number} id
 * @property {"running" | "done" | "failed" | "cancelled"} state
 * @property {number} [done]
 * @property {number} [total]
 * @property {{images?: number, boxes?: number, lost?: string[], problems?: import("./records.js").ProblemRecord[], notes?: string[]} | null} [report]
 * @property {string | null} [error]
 */

const POLL_MS = 400;
const SPLITS = /** @type {const} */ ([
  ["", "All images"],
  ["train", "Training images only"],
  ["val", "Validation images only"],
  ["test", "Test images only"],
]);

/**
 * What a format does not keep, in a sentence.
 * @param {FormatRecord["loses"]} loses
 * @returns {string}
 */
export function lossesOf(loses) {
  const parts = [loses ?? []].flat().filter(Boolean);
  if (parts.length === 0) return "Keeps everything.";
  const text = parts.join("; ");
  return /^(keeps|loses|does|has|without)\b/i.test(text) ? text : `Does not keep: ${text.replace(/\.$/, "")}.`;
}

/**
 * How far an export is, in words.
 * @param {ExportRecord} state
 * @returns {string}
 */
export function exportWords({ state, done = 0, total = 0, report }) {
  if (state === "done") {
    const images = report?.images === undefined ? "" : ` ${counted(report.images, "image")}`;
    const boxes = report?.boxes === undefined ? "" : `, ${counted(report.boxes, "box", "boxes")}`;
    return `The file is ready:${images}${boxes}.`.replace("ready:.", "ready.");
  }
  return total > 0 ? `Writing ${Math.min(done, total)} of ${counted(total, "image")}…` : "Preparing…";
}

/**
 * Open the dialog.
 * @param {number} projectId
 */
export function openExport(projectId) {
  const choice = html("div", { class: "st-export" }, html("p", { class: "st-note" }, "Reading the formats…"));
  const words = html("p", { role: "status" });
  const bar = html("progress", { class: "st-progress", max: 1, "aria-label": "Progress of the export" });
  const progress = html("div", { class: "st-export-progress", hidden: true }, words, bar);
  const notes = html("ul", { class: "st-export-notes" });
  let closed = false;
  /** @type {string | null} */
  let file = null;
  const { buttons, node } = openDialog({
    title: "Export the project",
    wide: true,
    body: [choice, progress, notes],
    actions: [{ label: "Export", primary: true, disabled: true, run: () => (file === null ? write() : download(file)) }],
    onClose: () => (closed = true),
  });
  read();

  async function read() {
    try {
      const { export: formats } = await api("GET", "formats");
      choice.replaceChildren(...form(formats));
      buttons[0].disabled = false;
      /** @type {HTMLElement | null} */ (choice.querySelector("input:checked"))?.focus();
    } catch (error) {
      choice.replaceChildren(failureState(messageOf(error), read));
    }
  }

  async function write() {
    const chosen = /** @type {HTMLInputElement} */ (choice.querySelector("input[type=radio]:checked"));
    const split = /** @type {HTMLSelectElement} */ (choice.querySelector("select")).value || null;
    const withImages = /** @type {HTMLInputElement} */ (choice.querySelector("input[type=checkbox]")).checked;
    choice.hidden = true;
    progress.hidden = false;
    setText(words, "Preparing…");
    try {
      /** @type {ExportRecord} */
      let state = await api("POST", `projects/${projectId}/exports`, { format: chosen.value, with_images: withImages, split });
      while (!closed && state.state !== "done") {
        if (state.state === "failed" || state.state === "cancelled") throw new Error(state.error ?? "The export did not finish. Try again.");
        if (state.total) bar.value = (state.done ?? 0) / state.total;
        setText(words, exportWords(state));
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
        state = await api("GET", `exports/${state.id}`);
      }
      if (closed) return true;
      finish(state);
    } catch (error) {
      choice.hidden = false;
      progress.hidden = true;
      throw error;
    }
    return false;
  }

  /** @param {ExportRecord} state */
  function finish(state) {
    file = apiUrl(`exports/${state.id}/file`);
    bar.value = 1;
    setText(words, exportWords(state));
    const { lost = [], problems = [], notes: others = [] } = state.report ?? {};
    const remarks = [...lost, ...problems.map(({ file: name, problem }) => `${name}: ${problem}`), ...others];
    notes.replaceChildren(...remarks.map((remark) => html("li", { class: "st-note", dir: "auto" }, remark)));
    setText(buttons[0], "Download again");
    const leave = node.querySelector(".st-dialog-foot .st-button span");
    if (leave) setText(leave, "Close");
    download(file);
  }
}

/** @param {string} href */
function download(href) {
  html("a", { href, download: "" }).click();
  return false;
}

/** @param {FormatRecord[]} formats */
function form(formats) {
  return [
    html(
      "fieldset",
      { class: "st-formats" },
      html("legend", {}, "Format"),
      ...formats.map(({ id, title, loses }, index) =>
        html(
          "label",
          { class: "st-format" },
          html("input", { type: "radio", name: "st-export-format", value: id, checked: index === 0 }),
          html("span", {}, html("strong", {}, title), html("span", { class: "st-note" }, lossesOf(loses))),
        ),
      ),
    ),
    html(
      "div",
      { class: "st-export-options" },
      html("label", { class: "st-export-choice" }, html("input", { type: "checkbox", class: "st-check", checked: true }), html("span", {}, "With the photographs")),
      html("select", { class: "st-select", "aria-label": "Which images" }, ...SPLITS.map(([value, label]) => html("option", { value }, label))),
    ),
  ];
}
