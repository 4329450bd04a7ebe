// @ts-check
/** The place where boxes are drawn: the picture with its gestures, tools, class search and panel, tied together. */

import { browserStorage } from "./browser_storage.js";
import { ClassSearch } from "./class_search.js";
import { EditorCanvas } from "./editor_canvas.js";
import { boxCommands } from "./editor_commands.js";
import { EditorDocument } from "./editor_document.js";
import { EditorGestures } from "./editor_gestures.js";
import { chordWords } from "./editor_keys.js";
import { EditorPanel } from "./editor_panel.js";
import { EditorSettings } from "./editor_settings.js";
import { EditorTools } from "./editor_tools.js";
import { html } from "./elements.js";
import { openKeyHelp } from "./key_help.js";
import { GhostActions } from "./ghost_actions.js";
import { GhostBar } from "./ghost_bar.js";
import { KeyMap } from "./key_map.js";
import { toast } from "./toast.js";

/**
 * @typedef {object} ClassNews
 * @property {(made: import("./records.js").ClassRecord) => void} onAdded a class was added here
 * @property {(adding: Promise<void>) => void} onSent its name is on its way; fulfilled after `onAdded`
 */

/** Seconds that a word about a refused gesture stays. */
const BRIEF = 4;

export class DrawingDesk {
  /**
   * @param {() => void} onViewport told when zoom or place changed
   * @param {ClassNews} news
   * @param {() => void} accept what is suggested
   */
  constructor(onViewport, news, accept) {
    const storage = browserStorage();
    this.keys = new KeyMap(storage);
    this.doc = new EditorDocument(new EditorSettings(storage));
    this.canvas = new EditorCanvas(this.doc);
    this.gestures = new EditorGestures(this.doc, this.canvas, onViewport);
    this.search = new ClassSearch(this.doc, this.canvas, this.keys, news);
    this.commands = boxCommands({
      doc: this.doc,
      canvas: this.canvas,
      gestures: this.gestures,
      searchClass: () => this.search.open(),
      help: () => openKeyHelp(this.keys),
    });
    this.tools = new EditorTools(this.doc.settings, this.keys, this.commands);
    const leave = () => this.canvas.view.focus({ preventScroll: true });
    const actions = new GhostActions(this.doc, this.canvas, this.keys);
    this.canvas.onDrawn = () => actions.draw();
    const ghosts = new GhostBar(this.doc, this.keys, { accept, leave });
    this.panel = new EditorPanel(this.doc, this.keys, news, () => this.commands.reveal({ name: "reveal" }), ghosts);
    this.over = html("div", { class: "st-canvas" }, this.canvas.view, this.search.node);
    /** Tools and picture, side by side. */
    this.frame = html("div", { class: "st-frame" }, this.tools.node, this.over);
    let takeBack = () => {};
    this.doc.addEventListener("notice", (event) => {
      takeBack(); // the newest counts: they would pile up
      takeBack = toast(/** @type {CustomEvent<string>} */ (event).detail, { seconds: BRIEF });
    });
    this.doc.addEventListener("open", () => this.search.close());
    const describe = () => this.canvas.view.setAttribute("aria-description", this.#pictureWords());
    this.keys.addEventListener("change", describe);
    describe();
  }
  /** How the picture is worked on without a mouse. */
  #pictureWords() {
    const said = /** @type {const} */ ([["newBox", "makes a box"], ["next box", "selects one"], ["help", "lists all keys"]]);
    const [make, select, help] = said.map(([id, what]) => (this.keys.firstKey(id) === "" ? "" : `${chordWords(this.keys.firstKey(id))} ${what}`));
    return [make, select, "arrows move it", "Alt and arrows resize it", help].filter(Boolean).join(", ");
  }
}
