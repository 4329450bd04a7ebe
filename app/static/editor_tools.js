// @ts-check
/** The strip of tools beside the picture: the tool in hand, what is shown, and the list of keys. */

import { iconButton } from "./buttons.js";
import { html, setAttributes } from "./elements.js";
import { nameKey } from "./key_titles.js";

/** @typedef {import("./editor_settings.js").EditorSettings} EditorSettings */

/** @type {[id: string, symbol: string, label: string, pressed: ((settings: EditorSettings) => boolean) | null][][]} */
const GROUPS = [
  [
    ["drawTool", "draw", "Draw boxes", ({ tool }) => tool === "draw"],
    ["selectTool", "pointer", "Select boxes", ({ tool }) => tool === "select"],
    ["toggleAdvance", "advance", "Next image after each box", ({ advance }) => advance],
  ],
  [["searchClass", "search", "Search a class", null]],
  [
    ["hideAll", "eye-off", "Hide all boxes", ({ allHidden }) => allHidden],
    ["toggleNames", "tag", "Names on boxes", ({ names }) => names],
    ["toggleCrosshair", "crosshair", "Crosshair", ({ crosshair }) => crosshair],
    ["actualSize", "actual-size", "Actual size", null],
  ],
  [["help", "keyboard", "All keys", null]],
];

export class EditorTools {
  /** @type {{id: string, label: string, button: HTMLButtonElement, pressed: ((settings: EditorSettings) => boolean) | null}[]} */
  #tools = [];

  /**
   * @param {EditorSettings} settings
   * @param {import("./key_map.js").KeyMap} keys
   * @param {import("./editor_keyboard.js").Commands} commands
   */
  constructor(settings, keys, commands) {
    this.settings = settings;
    this.keys = keys;
    const groups = GROUPS.map((tools) =>
      html(
        "div",
        { class: "st-tool-group" },
        ...tools.map(([id, symbol, label, pressed]) => {
          const button = iconButton(symbol, label, () => commands[id]({ name: id }));
          this.#tools.push({ id, label, button, pressed });
          return button;
        }),
      ),
    );
    this.node = html("div", { class: "st-tools", role: "group", "aria-label": "Tools" }, ...groups);
    settings.addEventListener("change", () => this.draw());
    keys.addEventListener("change", () => this.#nameKeys());
    this.#nameKeys();
    this.draw();
  }

  draw() {
    for (const { button, pressed } of this.#tools) {
      if (pressed) setAttributes(button, { "aria-pressed": String(pressed(this.settings)) });
    }
  }

  #nameKeys() {
    for (const { id, label, button } of this.#tools) nameKey(button, label, this.keys, id);
  }
}
