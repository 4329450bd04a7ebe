// @ts-check
/** Files dropped anywhere on the page, whichever screen is shown, while a project is open. */

import { carriesFiles, droppedFiles, dropParts } from "./dropped_files.js";
import { html, setText } from "./elements.js";
import { icon } from "./icons.js";
import { openImport } from "./import_dialog.js";
import { studio } from "./store.js";
import { toast } from "./toast.js";
import { uploads } from "./upload_queue.js";
import { reportSentence } from "./upload_words.js";
import { openVideoImport } from "./video_import.js";

/** How often the grid may be told of what came in during a long upload, in milliseconds. */
const NEWS_EVERY = 3000;

/**
 * What will happen to what is being dragged, as far as a browser tells before the drop.
 * @param {readonly string[]} types MIME types; "" for folders and for files of an unknown kind
 * @returns {{title: string, note: string}}
 */
export function dropWords(types) {
  const all = (/** @type {RegExp} */ kind) => types.length > 0 && types.every((type) => kind.test(type));
  if (all(/zip/)) return { title: types.length === 1 ? "Drop to import this archive" : "Drop to import these archives, one after the other", note: "You see what is in it before anything is imported." };
  if (all(/^video\//)) return { title: "Drop to take pictures from this video", note: "You choose which frames become photographs." };
  const title = types.length === 1 && all(/^image\//) ? "Drop to add this photograph" : all(/^image\//) ? `Drop to add ${types.length} photographs` : "Drop to add photographs";
  return { title, note: "Pictures are added at once. A .zip, or a folder with annotations, opens the import." };
}

/**
 * Take drops for as long as a part of the page lives.
 * @param {import("./lifecycle.js").Life} life
 */
export function catchDrops(life) {
  const title = html("p", { class: "st-drop-title" });
  const note = html("p", { class: "st-note" });
  const overlay = html("div", { class: "studio st-drop-overlay", hidden: true }, html("div", { class: "st-drop-card" }, icon("upload"), title, note));
  document.body.append(overlay);
  life.signal.addEventListener("abort", () => overlay.remove());

  // A picture that is dropped on the Live screen's stage is for the detector, and one on a dialog for the dialog.
  const elsewhere = (/** @type {DragEvent} */ { target }) =>
    target instanceof Element && target.closest("dialog, .st-live-stage, .studio-live, input, textarea") !== null;
  const hide = () => (overlay.hidden = true);

  life.listen(document, "dragover", (/** @type {DragEvent} */ event) => {
    if (!carriesFiles(event) || event.defaultPrevented || elsewhere(event)) return hide();
    event.preventDefault();
    if (!overlay.hidden) return;
    const { title: words, note: rest } =
      studio.project === null
        ? { title: "Open a project first", note: "Choose one on the Home screen, then drop the files again." }
        : dropWords([...(event.dataTransfer?.items ?? [])].filter(({ kind }) => kind === "file").map(({ type }) => type));
    setText(title, words);
    setText(note, rest);
    overlay.hidden = false;
  });
  life.listen(document, "dragleave", (/** @type {DragEvent} */ event) => event.relatedTarget === null && hide());
  life.listen(document, "dragend", hide);
  life.listen(document, "drop", (/** @type {DragEvent} */ event) => {
    hide();
    if (!event.dataTransfer || !carriesFiles(event) || event.defaultPrevented) return;
    event.preventDefault(); // or the browser leaves the page for the file
    if (!elsewhere(event)) take(event.dataTransfer);
  });

  let told = 0;
  life.listen(uploads, "progress", () => {
    if (uploads.sent === 0 || Date.now() - told < NEWS_EVERY) return;
    told = Date.now();
    studio.changed("images");
  });
  life.listen(uploads, "done", ({ detail }) => {
    studio.changed("images");
    if (document.querySelector(".st-upload")?.getClientRects().length) return; // the Images screen shows the report
    const failed = detail.failure !== null;
    const words = failed ? `${reportSentence(detail.report)} Not everything was sent: ${detail.failure}` : reportSentence(detail.report);
    toast(words, { kind: failed ? "error" : "note", action: { label: "Show", run: () => studio.navigate("images") } });
  });
}

/** @param {DataTransfer} transfer */
async function take(transfer) {
  const project = studio.project;
  const { incoming, unreadable } = await droppedFiles(transfer);
  if (project === null) return void toast("Open a project on the Home screen, then drop the files again.");
  const parts = dropParts(incoming);
  const pictures = parts.find(({ kind }) => kind === "pictures")?.files ?? [];
  if (pictures.length > 0 || unreadable.length > 0) uploads.add(project, pictures, unreadable);
  else if (parts.every(({ files }) => files.length === 0)) toast("There is no picture in what was dropped.");
  // What asks something asks one after the other.
  for (const { kind, files } of parts) {
    if (kind === "video") await new Promise((closed) => openVideoImport(project, files[0].file, () => closed(null)));
    else if (kind !== "pictures") await new Promise((closed) => openImport({ files, project, onClose: () => closed(null) }));
  }
}
