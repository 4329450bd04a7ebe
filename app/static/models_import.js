// @ts-check
/** Bringing in a model from elsewhere: its folder or zip, dropped, chosen or named by its path; checked, never executed. */

import { api, messageOf } from "./api.js";
import { wordButton } from "./buttons.js";
import { openDialog } from "./dialog.js";
import { isArchive } from "./dropped_files.js";
import { html, setText } from "./elements.js";
import { share } from "./evaluate_words.js";
import { fileChooser, takeDrops } from "./file_zone.js";
import { icon } from "./icons.js";
import { postBody } from "./sent_body.js";
import { studio } from "./store.js";
import { storedZip } from "./stored_zip.js";
import { toast } from "./toast.js";

/** @typedef {import("./upload.js").Incoming} Incoming */
/** @typedef {import("./models_words.js").ModelEntry} ModelEntry */

const CHECKING = "Checking the model: its files, its network and its figures. This takes some ten seconds, longer while other work on models goes on.";
/** The files of a model folder; nothing else is sent. */
const FILES = /(^|\/)(card\.json|config\.json|model\.weights\.h5|model\.[\w-]+\.tflite)$/;

/**
 * Open the import.
 * @param {Incoming[]} [files] already chosen: a folder's, or one zip
 */
export function openModelImport(files) {
  return new ModelImport(files);
}

/**
 * What is sent of what was dropped: a zip as it is, or a folder's files packed.
 * @param {readonly Incoming[]} incoming
 * @returns {Promise<Blob>}
 * @throws {Error} if there is no model in it
 */
export async function modelArchive(incoming) {
  const archive = incoming.find(isArchive);
  if (archive) return archive.file;
  const files = incoming.filter(({ path }) => FILES.test(path));
  if (!files.some(({ path }) => /(^|\/)card\.json$/.test(path))) {
    throw new Error("This is no model: there is no card.json in it. Give the folder of a model, or the zip of its export as “Weights and configuration”.");
  }
  return storedZip(files);
}

class ModelImport {
  #busy = false;

  /** @param {Incoming[]} [files] */
  constructor(files) {
    this.stage = html("div", { class: "st-import" });
    this.dialog = openDialog({ title: "Import a model", body: [this.stage] });
    this.#ask();
    if (files) this.#send(files);
  }

  #ask() {
    const send = (/** @type {Incoming[]} */ incoming) => this.#send(incoming);
    const folder = fileChooser({ webkitdirectory: true, multiple: true, class: "st-model-folder", "aria-label": "Folder of the model" }, send);
    const archive = fileChooser({ accept: ".zip,application/zip", class: "st-model-zip", "aria-label": "Zip of the model" }, send);
    const zone = html(
      "div",
      { class: "st-import-drop" },
      icon("upload"),
      html("p", {}, "Drop a model’s folder or zip here"),
      html("div", { class: "st-actions" }, wordButton("Choose a zip", () => archive.click()), wordButton("Choose a folder", () => folder.click(), { symbol: "folder" })),
      folder,
      archive,
    );
    takeDrops(zone, send);
    this.path = html("input", { type: "text", class: "st-input", autocomplete: "off", spellcheck: "false", placeholder: "/home/me/models/raccoon", "aria-label": "Path of a model folder or zip" });
    const form = html("form", { class: "st-joined" }, this.path, html("button", { type: "submit", class: "st-button" }, "Import"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const path = this.path?.value.trim() ?? "";
      if (path === "") return this.dialog.complain("Type the path of a model’s folder or zip.");
      this.#take(() => api("POST", "models/import", { path, ...(studio.project !== null && { project_id: studio.project }) }));
    });
    this.stage.replaceChildren(
      zone,
      html("div", { class: "st-import-field" }, html("span", {}, "Or a path on the computer that the studio runs on"), form),
      html("p", { class: "st-note" }, "Its files are checked before it is taken in, and nothing in them is ever executed. Any model exported as “Weights and configuration” will do."),
    );
    zone.querySelector("button")?.focus();
  }

  /** @param {Incoming[]} incoming */
  #send(incoming) {
    if (incoming.length === 0) return this.dialog.complain("There is no file in it.");
    const into = studio.project === null ? "" : `?project_id=${studio.project}`;
    this.#take(async (tell) => postBody(`models/import${into}`, await modelArchive(incoming), tell));
  }

  /** @param {(tell: (sent: number) => void) => Promise<ModelEntry>} take */
  async #take(take) {
    if (this.#busy) return;
    this.#busy = true;
    this.dialog.complain("");
    const typed = this.path?.value ?? "";
    const words = html("p", { role: "status" }, CHECKING);
    const bar = html("progress", { class: "st-progress", max: 1, "aria-label": "Checking the model" });
    const tell = (/** @type {number} */ sent) => {
      setText(words, sent < 1 ? `Sending the model: ${Math.floor(100 * sent)} %` : CHECKING);
      if (sent < 1) bar.value = sent;
      else bar.removeAttribute("value");
    };
    this.stage.replaceChildren(html("div", { class: "st-import-wait" }, words, bar));
    try {
      const model = await take(tell);
      studio.changed("models");
      studio.changed("projects", this);
      this.#show(model);
    } catch (error) {
      if (!this.dialog.node.open) toast(messageOf(error), { kind: "error" });
      this.#ask();
      if (this.path && typed !== "") {
        this.path.value = typed;
        this.path.focus();
      }
      this.dialog.complain(messageOf(error));
    } finally {
      this.#busy = false;
    }
  }

  /** @param {ModelEntry} model */
  #show(model) {
    // It takes a while, so people go on with something else.
    if (!this.dialog.node.open) return void toast(takenWords(model));
    const figure = model.metrics.AP50 === undefined ? "" : `, AP50 ${share(model.metrics.AP50)} where it was made`;
    const measure = () => {
      this.dialog.close();
      studio.openModel(model.id, "evaluate");
    };
    const done = wordButton("Measure it here", measure, { primary: true, symbol: "chart" });
    this.stage.replaceChildren(
      html(
        "div",
        { class: "st-model-taken" },
        html("span", { class: "st-verdict-symbol" }, icon("check")),
        html(
          "div",
          {},
          html("p", { class: "st-import-result", role: "status", dir: "auto" }, takenWords(model)),
          html("p", { class: "st-note", dir: "auto" }, `It knows ${model.classes.map((name) => `“${name}”`).join(", ")}${figure}.`),
        ),
      ),
      html("div", { class: "st-actions" }, done),
    );
    const head = this.dialog.node.querySelector(".st-dialog-foot .st-button span");
    if (head) setText(head, "Close");
    done.focus();
  }
}

/** @param {ModelEntry} model */
function takenWords({ name }) {
  return `“${name}” passed every check and is in.`;
}
