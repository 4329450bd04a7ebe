// @ts-check
/** What the Label screen says of a model's suggestions, from which score they are shown, and accepting or rejecting all. */

import { wordButton } from "./buttons.js";
import { chordWords } from "./editor_keys.js";
import { html, setText } from "./elements.js";
import { nameKey } from "./key_titles.js";
import { slider } from "./live_slider.js";
import { LEAST_SUGGESTED } from "./live_to_label.js";

export class GhostBar {
  /** What it shows now. */
  #drawn = "";

  /**
   * @param {import("./editor_document.js").EditorDocument} doc
   * @param {import("./key_map.js").KeyMap} keys
   * @param {{accept: () => void, leave: () => void}} actions `leave` gives the keyboard back to the picture
   */
  constructor(doc, keys, { accept, leave }) {
    this.doc = doc;
    this.keys = keys;
    this.count = html("span", { class: "st-count" });
    this.by = html("span", { class: "st-ghosts-by", dir: "auto" });
    const spoken = "Show suggestions from score";
    const onInput = () => doc.settings.showFrom(this.from.value);
    this.from = slider({ name: "From score", min: LEAST_SUGGESTED, max: 1, value: doc.ghosts.from, onInput, spoken });
    this.from.input.addEventListener("pointerup", leave);
    this.from.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.repeat) accept();
    });
    this.accept = wordButton("Accept", accept, { primary: true, small: true });
    this.key = html("span", { class: "st-ghosts-key", "aria-hidden": "true" });
    this.accept.append(this.key);
    this.reject = wordButton("Reject all shown", () => doc.ghosts.rejectShown(), { small: true });
    this.note = html("p", { class: "st-note", role: "status", "aria-live": "polite" });
    this.buttons = html("div", { class: "st-ghosts-buttons" }, this.accept, this.reject);
    this.node = html(
      "section",
      { class: "st-section st-ghosts", "aria-label": "Suggestions", hidden: true },
      html("h3", {}, "Suggestions", this.count),
      this.by,
      this.from.node,
      this.note,
      this.buttons,
    );
    keys.addEventListener("change", () => this.draw());
  }

  /** Follow the document; there is nothing to see where nothing was suggested. */
  draw() {
    const { doc, keys } = this;
    const { ghosts } = doc;
    const { counts, model, from } = ghosts;
    const inReach = ghosts.reachable.length;
    const selected = ghosts.selected !== null;
    const said = words({ ...counts, shown: ghosts.shown.length, inReach, sure: ghosts.sure.length, from, boxes: doc.boxes.length, empty: doc.labels.empty });
    const key = keys.firstKey("acceptGhosts");
    const state = JSON.stringify([doc.image?.id, counts, model, from, inReach, selected, said, key, keys.firstKey("rejectGhosts")]);
    if (state === this.#drawn) return;
    this.#drawn = state;
    const { open, accepted, rejected } = counts;
    this.node.hidden = open + accepted + rejected === 0;
    setText(this.count, open === 0 ? "" : String(ghosts.sure.length));
    setText(this.by, model === null ? "" : `by ${model.name}`);
    this.by.title = model?.name ?? "";
    this.from.node.hidden = open === 0;
    this.from.set(from);
    this.from.suggest(model?.score ?? null);
    setText(this.note, said);
    this.note.hidden = said === "";
    this.buttons.hidden = open === 0;
    this.accept.disabled = this.reject.disabled = inReach === 0;
    setText(/** @type {Element} */ (this.accept.firstElementChild), selected ? "Accept this" : inReach === 0 ? "Accept" : `Accept ${inReach}`);
    setText(this.key, key === "Enter" ? "↵" : key === "" ? "" : chordWords(key));
    nameKey(this.accept, selected ? "Accept the selected suggestion" : "Accept all shown", keys, "acceptGhosts");
    nameKey(this.reject, "Reject all shown", keys, "rejectGhosts");
  }
}

/**
 * What is to be said beside the numbers; nothing where ghosts are plain to see.
 * @param {{open: number, accepted: number, rejected: number, shown: number, inReach: number, sure: number, from: number, boxes: number, empty: boolean}} state
 * @returns {string}
 */
export function words({ open, accepted, rejected, shown, inReach, sure, from, boxes, empty }) {
  if (open === 0 && accepted === 0 && boxes === 0 && !empty) return "All were rejected. Draw what is there, or choose “No objects here”.";
  if (open === 0) return `All are decided: ${accepted} accepted, ${rejected} rejected.`;
  if (sure === 0) return `None at score ${from.toFixed(2)} or more; ${open} below it.`;
  if (shown < sure) return shown === 0 ? "Hidden, as boxes are." : `${sure - shown} hidden with their class.`;
  if (inReach < shown) return `${shown - inReach} locked with their class.`;
  return "";
}
