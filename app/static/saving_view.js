// @ts-check
/** What the Label screen says about saving, and the choices it offers when saving cannot go on by itself. */

import { conflictBar, refusedBar } from "./editor_notices.js";
import { html } from "./elements.js";
import { together } from "./saving_words.js";
import { studio } from "./store.js";
import { TheirBoxes } from "./their_boxes.js";
import { toast } from "./toast.js";

export class SavingView {
  /**
   * @param {import("./lifecycle.js").Life} life
   * @param {object} editor
   * @param {HTMLElement} editor.root carries `data-saved`
   * @param {import("./editor_document.js").EditorDocument} editor.doc
   * @param {import("./editor_canvas.js").EditorCanvas} editor.canvas
   * @param {import("./editor_toolbar.js").EditorToolbar} editor.toolbar
   * @param {import("./label_walk.js").LabelWalk} editor.walk
   * @param {import("./label_saves.js").Saving} editor.saving
   */
  constructor(life, { root, doc, canvas, toolbar, walk, saving }) {
    this.root = root;
    this.doc = doc;
    this.toolbar = toolbar;
    this.walk = walk;
    this.saving = saving;
    this.theirs = new TheirBoxes(canvas.stage);
    this.notice = html("div", { class: "st-notice" });
    const { saves, marks } = saving;
    for (const queue of [saves, marks]) life.listen(queue, "change", () => this.draw());
    life.listen(saves, "conflict", ({ detail }) => this.#conflict(detail.imageId));
    life.listen(saves, "lost", ({ detail }) => this.#lost(detail.imageId, detail.message));
    life.listen(saves, "adopted", ({ detail }) => detail.imageId === doc.image?.id && walk.reload());
    life.listen(marks, "refused", ({ detail }) => {
      toast(`The flag or note of ${detail.name} was not taken. ${detail.message}`, { kind: "error" });
      walk.becomeStale();
    });
  }

  draw() {
    const { saves, marks } = this.saving;
    const summary = together(saves.summary(), marks.summary());
    this.toolbar.showSaving(summary);
    this.root.dataset.saved = String(summary.state === "saved");
    this.#drawNotice();
  }

  /** Over the picture: what has to be decided about its boxes, if anything. */
  #drawNotice() {
    const { doc, notice } = this;
    const { saves } = this.saving;
    const image = doc.image;
    const trouble = image ? saves.trouble(image.id) : null;
    const conflict = trouble?.kind === "conflict" ? trouble : null;
    const mine = doc.boxes.length;
    const words = trouble && ["conflict", "refused"].includes(trouble.kind) ? [image?.id, trouble.kind, trouble.message] : [];
    const state = JSON.stringify(conflict ? [...words, mine, doc.labels.empty, conflict.revision] : words);
    if (notice.dataset.state === state) return; // rebuilding it would take the focus off its buttons
    notice.dataset.state = state;
    notice.replaceChildren();
    this.theirs.draw(image && conflict ? { ...image, theirs: conflict.boxes, mine: doc.boxes } : null);
    if (!image || !trouble) return;
    if (conflict) {
      const { boxes, empty } = conflict;
      notice.append(this.#choice(image.id, { mine: { boxes: mine, empty: doc.labels.empty }, theirs: { boxes: boxes.length, empty } }));
    }
    if (trouble.kind === "refused") {
      const loadSaved = () => {
        saves.forget(image.id);
        this.walk.cache.forgetRecord(image.id);
        this.walk.open(image.id);
      };
      notice.append(refusedBar(trouble.message, { tryAgain: () => saves.flush(), loadSaved }));
    }
  }

  /** @param {number} imageId @param {Parameters<typeof conflictBar>[0]} sides */
  #choice(imageId, sides) {
    const { doc, walk } = this;
    const { saves } = this.saving;
    /** @param {import("./save_queue.js").Labels | null} labels */
    const take = (labels) => {
      if (labels && doc.image?.id === imageId) doc.replace(labels); // so that the choice itself can be undone
      walk.reload();
    };
    return conflictBar(sides, {
      keepMine: () => saves.keepMine(imageId),
      takeTheirs: () => take(saves.takeTheirs(imageId)),
      keepBoth: () => take(saves.keepBoth(imageId)),
    });
  }

  /** @param {number} imageId */
  #conflict(imageId) {
    // Edits of before a reload meet the server before the image they belong to is on screen again.
    if (imageId === (this.doc.image?.id ?? studio.image)) return;
    const action = { label: "Show it", run: () => void this.walk.open(imageId) };
    toast("An image that you edited was changed in another window.", { kind: "error", seconds: Infinity, action });
  }

  /** @param {number} imageId @param {string} message */
  #lost(imageId, message) {
    toast(message, { kind: "error" });
    if (imageId === this.doc.image?.id) this.walk.reload(); // which finds that it is gone, and goes on
  }
}
