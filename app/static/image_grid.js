// @ts-check
/**
 * The Images screen: the open project's photographs, its classes, its statistics and its bin, and ways to add more.
 *
 * The root carries `data-view` (the view that is shown) and `data-ready="true"` once the project's images are shown.
 */

import { BinView } from "./bin_view.js";
import { wordButton } from "./buttons.js";
import { classManager } from "./class_manager.js";
import { grouped } from "./count_words.js";
import { chosenFiles, photographsOf } from "./dropped_files.js";
import { html, setText } from "./elements.js";
import { noProject } from "./empty_state.js";
import { openExport } from "./export_dialog.js";
import { openImport } from "./import_dialog.js";
import { mountOnce } from "./lifecycle.js";
import { attachMenu } from "./menu.js";
import { Photographs } from "./photographs.js";
import { statisticsView } from "./statistics_view.js";
import { studio } from "./store.js";
import { UploadPanel } from "./upload_panel.js";
import { uploads } from "./upload_queue.js";
import { openVideoImport } from "./video_import.js";
import { openWebcam } from "./webcam_dialog.js";

/** @typedef {"photographs" | "classes" | "statistics" | "bin"} View */

/** @type {[View, string][]} */
const VIEWS = [
  ["photographs", "Photographs"],
  ["classes", "Classes"],
  ["statistics", "Statistics"],
  ["bin", "Bin"],
];
const PICTURES = "image/*,.jpg,.jpeg,.png,.webp,.bmp,.tif,.tiff,.gif,.heic,.heif";

/**
 * Build the Images screen in an element.
 * @param {HTMLElement} root
 */
export function mount(root) {
  return mountOnce(root, (element, life) => new ImagesScreen(element, life));
}

class ImagesScreen {
  /** @type {View} */
  #view = "photographs";
  /** @type {Set<View>} views that were built */
  #built = new Set();

  /**
   * @param {HTMLElement} root
   * @param {import("./lifecycle.js").Life} life
   */
  constructor(root, life) {
    this.root = root;
    this.files = chooser({ multiple: true, accept: PICTURES, class: "st-choose-files", "aria-label": "Photographs" }, (files) => this.#upload(files));
    this.folder = chooser({ multiple: true, webkitdirectory: true, class: "st-choose-folder", "aria-label": "Folder of photographs" }, (files) => this.#upload(files));
    this.video = chooser({ accept: "video/*", class: "st-choose-video", "aria-label": "Video" }, (files) => this.#video(files));
    this.ways = {
      photographs: () => this.files.click(),
      folder: () => this.folder.click(),
      dataset: () => void openImport({ project: studio.project }),
      webcam: () => studio.project !== null && openWebcam(studio.project),
      video: () => this.video.click(),
    };
    this.tabs = html("div", { class: "st-segments", role: "tablist", "aria-label": "Views", onkeydown: (/** @type {KeyboardEvent} */ event) => this.#walkTabs(event) });
    this.sections = new Map(VIEWS.map(([view, words]) => [view, html("section", { class: `st-view-${view}`, id: `st-view-${view}`, role: "tabpanel", "aria-label": words, hidden: true })]));
    for (const [view, words] of VIEWS) {
      this.tabs.append(html("button", { type: "button", role: "tab", "data-view": view, "aria-controls": `st-view-${view}`, onclick: () => this.#show(view) }, html("span", {}, words), html("span", { class: "st-count" })));
    }
    this.actions = html("div", { class: "st-actions" }, this.#addMenu(), wordButton("Export", () => studio.project !== null && openExport(studio.project), { symbol: "download" }));
    this.bar = html("div", { class: "st-images-bar" }, this.tabs, this.actions);
    this.panel = new UploadPanel(life);
    this.message = html("div", { class: "st-message" });
    root.classList.add("st-images");
    root.append(html("div", { class: "st-images-body" }, this.bar, this.panel.node, this.message, ...this.sections.values(), this.files, this.folder, this.video));
    life.listen(studio, "project", () => this.#show("photographs"));
    this.#show("photographs");
  }

  /** @param {View} view */
  #show(view) {
    const open = studio.project !== null;
    this.#view = view;
    this.root.dataset.view = view;
    this.bar.hidden = this.panel.node.hidden = !open;
    this.message.replaceChildren(...(open ? [] : [this.#noProject()]));
    for (const tab of this.tabs.children) {
      const on = /** @type {HTMLElement} */ (tab).dataset.view === view;
      tab.setAttribute("aria-selected", String(on));
      tab.setAttribute("tabindex", on ? "0" : "-1");
    }
    for (const [name, section] of this.sections) section.hidden = !open || name !== view;
    if (!open) delete this.root.dataset.ready;
    else this.#build(view);
  }

  /** Build a view when it is first wanted. @param {View} view */
  #build(view) {
    const section = this.sections.get(view);
    if (!section || this.#built.has(view)) return;
    this.#built.add(view);
    mountOnce(section, (element, life) => {
      if (view === "classes") return classManager(element, life);
      if (view === "statistics") return statisticsView(element, life);
      if (view === "bin") return new BinView(element, life);
      return new Photographs(element, life, {
        ways: this.ways,
        onCounts: (counts) => this.#count("bin", counts.bin) ?? this.#count("photographs", counts.total),
        onReady: (ready) => (ready ? (this.root.dataset.ready = "true") : delete this.root.dataset.ready),
      });
    });
  }

  /** @param {View} view @param {number} number */
  #count(view, number) {
    const node = this.tabs.querySelector(`[data-view=${view}] .st-count`);
    if (node) setText(node, number ? grouped(number) : "");
  }

  #addMenu() {
    const { ways } = this;
    return attachMenu(wordButton("Add", () => {}, { primary: true, symbol: "add" }), () => [
      { label: "Photographs…", symbol: "photo", run: ways.photographs },
      { label: "A folder of photographs…", symbol: "folder", run: ways.folder },
      { label: "A labelled data set…", symbol: "upload", run: ways.dataset },
      { label: "From the webcam…", symbol: "camera", run: ways.webcam },
      { label: "From a video…", symbol: "play", run: ways.video },
    ]);
  }

  #noProject() {
    const node = noProject();
    node.querySelector(".st-actions")?.append(wordButton("Import a data set", () => void openImport()));
    return node;
  }

  /** @param {FileList | null} files */
  #upload(files) {
    if (studio.project !== null) uploads.add(studio.project, photographsOf(chosenFiles(files)));
  }

  /** @param {FileList | null} files */
  #video(files) {
    if (studio.project !== null && files?.[0]) openVideoImport(studio.project, files[0]);
  }

  /** @param {KeyboardEvent} event */
  #walkTabs(event) {
    const tabs = /** @type {HTMLElement[]} */ ([...this.tabs.children]);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = tabs[(tabs.findIndex(({ dataset }) => dataset.view === this.#view) + step + tabs.length) % tabs.length];
    next.click();
    next.focus();
  }
}

/** @param {Record<string, any>} attributes @param {(files: FileList | null) => void} onFiles */
function chooser(attributes, onFiles) {
  const input = html("input", { type: "file", hidden: true, ...attributes });
  input.addEventListener("change", () => {
    onFiles(input.files);
    input.value = ""; // so that choosing the same file again counts
  });
  return input;
}
