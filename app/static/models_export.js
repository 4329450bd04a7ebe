// @ts-check
/** The dialog that exports a model: the format, progress, what it lost on the way, and the file. */

import { api, apiUrl, messageOf } from "./api.js";
import { askedAgain } from "./asked_again.js";
import { openDialog } from "./dialog.js";
import { html, setText } from "./elements.js";
import { failureState } from "./empty_state.js";
import { exportingWords, receiptWords } from "./models_words.js";

/** @typedef {import("./models_words.js").ModelEntry} ModelEntry */
/** @typedef {import("./models_words.js").ModelExport} ModelExport */
/** @typedef {{id: string, title: string, sentence: string, missing: string | null}} FormatRecord */

/**
 * Open the dialog.
 * @param {ModelEntry} model
 */
export function openModelExport(model) {
  const choice = html("div", {}, html("p", { class: "st-note" }, "Reading the formats…"));
  const words = html("p", { role: "status" });
  const bar = html("progress", { class: "st-progress", max: 1, "aria-label": "Progress of the export" });
  const receipt = html("ul", { class: "st-export-notes", "aria-label": "What it lost on the way" });
  const progress = html("div", { class: "st-export-progress", hidden: true }, words, bar, receipt);
  let closed = false;
  /** @type {string | null} */
  let file = null;
  const { buttons, node } = openDialog({
    title: `Export “${model.name}”`,
    wide: true,
    body: [choice, progress],
    actions: [{ label: "Export", primary: true, disabled: true, run: () => (file === null ? make() : download(file)) }],
    onClose: () => (closed = true),
  });
  read();

  async function read() {
    try {
      choice.replaceChildren(formatChoice(await api("GET", "models/export-formats")));
      buttons[0].disabled = false;
      /** @type {HTMLElement | null} */ (choice.querySelector("input:checked"))?.focus();
    } catch (error) {
      choice.replaceChildren(failureState(messageOf(error), read));
    }
  }

  async function make() {
    const chosen = /** @type {HTMLInputElement} */ (choice.querySelector("input:checked"));
    choice.hidden = true;
    progress.hidden = false;
    bar.removeAttribute("value");
    setText(words, "Preparing…");
    try {
      /** @type {ModelExport} */
      const begun = await api("POST", `models/${encodeURIComponent(model.id)}/exports`, { format: chosen.value });
      const ended = await askedAgain(() => api("GET", `model-exports/${begun.id}`), { wanted: () => !closed, onWorking: tell });
      if (ended === null) return true;
      if (ended.state !== "done") throw new Error(ended.error ?? "The export did not finish. Try again.");
      finish(ended);
    } catch (error) {
      choice.hidden = false;
      progress.hidden = true;
      throw error;
    }
    return false;
  }

  /** @param {import("./asked_again.js").Working} working */
  function tell({ waiting, done, total }) {
    setText(words, exportingWords({ state: "running", waiting, done, total }));
    if (total > 0) bar.value = done / total;
  }

  /** @param {ModelExport} ended */
  function finish(ended) {
    file = apiUrl(`model-exports/${ended.id}/file`);
    bar.value = 1;
    setText(words, exportingWords(ended));
    receipt.replaceChildren(...receiptWords(ended.receipt).map((line) => html("li", { class: "st-note", dir: "auto" }, line)));
    setText(buttons[0], "Download");
    const leave = node.querySelector(".st-dialog-foot .st-button span");
    if (leave) setText(leave, "Close");
  }
}

/** @param {string} href */
function download(href) {
  html("a", { href, download: "" }).click();
  return false;
}

/** @param {FormatRecord[]} formats */
function formatChoice(formats) {
  const first = formats.find(({ missing }) => missing === null)?.id;
  return html(
    "fieldset",
    { class: "st-formats" },
    html("legend", {}, "Format"),
    ...formats.map(({ id, title, sentence, missing }) =>
      html(
        "label",
        { class: missing ? "st-format st-format-missing" : "st-format" },
        html("input", { type: "radio", name: "st-model-format", value: id, checked: id === first, disabled: missing !== null }),
        html("span", {}, html("strong", {}, title), html("span", { class: "st-note" }, sentence), missing ? html("span", { class: "st-note st-format-cure" }, missing) : null),
      ),
    ),
  );
}
