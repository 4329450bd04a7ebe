// @ts-check
/** What carries a person from image to image: film strip, progress, filter, jump, flag and note, and news of other tabs. */

import { counted } from "./count_words.js";
import { html } from "./elements.js";
import { isWhole, queueOf } from "./label_queue.js";
import { FilmStrip } from "./film_strip.js";
import { JumpPopover } from "./jump_popover.js";
import { LookAheadFeed } from "./look_ahead.js";
import { LookAheadBar } from "./look_ahead_bar.js";
import { LabelProgress } from "./label_progress.js";
import { NotePopover } from "./note_popover.js";
import { QueueFilter } from "./queue_filter.js";
import { RetrainOffer } from "./retrain_offer.js";
import { studio } from "./store.js";
import { TabNews } from "./tab_news.js";
import { toast } from "./toast.js";

/** Milliseconds over which saves are gathered before other screens are told to look again. */
const PAUSE = 500;

export class LabelFlow {
  /** @type {any} */
  #timer;

  /**
   * @param {import("./lifecycle.js").Life} life
   * @param {object} editor
   * @param {import("./editor_document.js").EditorDocument} editor.doc
   * @param {import("./editor_canvas.js").EditorCanvas} editor.canvas
   * @param {import("./editor_toolbar.js").EditorToolbar} editor.toolbar
   * @param {import("./label_walk.js").LabelWalk} editor.walk
   * @param {import("./label_saves.js").Saving} editor.saving
   */
  constructor(life, editor) {
    const { doc, canvas, toolbar, walk, saving } = editor;
    this.editor = editor;
    this.doc = doc;
    this.walk = walk;
    this.saving = saving;
    this.news = new TabNews(life.signal);
    this.progress = new LabelProgress(life, doc);
    this.strip = new FilmStrip(life, doc, (imageId) => void walk.open(imageId));
    this.ahead = new LookAheadFeed(life);
    this.aheadBar = new LookAheadBar(this.ahead);
    const news = html("div", { class: "st-look-news" }, this.aheadBar.node, new RetrainOffer(life).node);
    this.foot = html("div", { class: "st-foot" }, this.strip.node, html("div", { class: "st-foot-row" }, this.progress.node, news));
    const leave = () => canvas.view.focus({ preventScroll: true });
    this.filter = new QueueFilter(life, toolbar.filter, doc, leave, this.ahead);
    this.jump = new JumpPopover(toolbar.place, (imageId) => void walk.open(imageId), leave);
    this.note = new NotePopover(toolbar.note, doc, (imageId, note) => this.#give(imageId, { note }), leave);
    this.popovers = [this.filter, this.jump, this.note].map(({ popover }) => popover.node);
    this.commands = {
      jump: () => this.jump.popover.open(),
      editNote: () => this.note.popover.open(),
      filter: () => this.filter.popover.open(),
    };
    life.listen(saving.saves, "acknowledged", ({ detail }) => this.#saved(detail));
    life.listen(saving.marks, "acknowledged", ({ detail }) => this.news.tell(detail.imageId, null));
    life.listen(this.news, "saved", ({ detail }) => this.#savedElsewhere(detail.imageId));
    life.listen(studio, "queue", () => this.strip.renew());
    life.listen(studio, "changed", ({ detail }) => {
      if (detail.by === editor) return;
      this.progress.countSoon();
      this.strip.renew();
    });
    life.onHide(() => this.popovers.forEach((node) => node.matches(":popover-open") && node.hidePopover()));
  }

  /**
   * Another image is shown, or none.
   * @param {boolean} finishedBefore whether the one before it is labelled or empty
   */
  shown(finishedBefore) {
    this.note.popover.close();
    this.progress.show(finishedBefore);
    this.progress.draw();
    this.strip.show();
    this.draw();
  }

  /**
   * News of the image shown were taken.
   * @param {boolean} changed whether its boxes did
   */
  refreshed(changed) {
    const { image, status, boxes } = this.doc;
    if (!image) return;
    this.strip.show();
    if (changed) this.strip.update(image.id, { status, drawn: drawnOf(boxes) });
    this.strip.update(image.id, { flag: image.flag });
    this.filter.draw();
  }

  draw() {
    this.filter.draw();
    this.aheadBar.order(queueOf(studio.project).sort === "useful");
  }

  toggleFlag() {
    const { image } = this.doc;
    if (image) this.#give(image.id, { flag: !image.flag });
  }

  /** @param {number} imageId @param {import("./image_marks.js").Marks} marks */
  #give(imageId, marks) {
    const { image } = this.doc;
    if (image?.id !== imageId) return;
    this.saving.marks.want(image, marks);
    this.walk.cache.forgetRecord(imageId);
    this.doc.mark(marks);
    this.strip.update(imageId, marks);
  }

  /** @param {{imageId: number, status: import("./records.js").ImageStatus, revision: number, replaced: number[]}} answer */
  #saved({ imageId, status, revision, replaced }) {
    if (replaced.length > 0) this.#replaced(imageId, replaced);
    this.progress.saved(imageId, status);
    const labels = this.saving.saves.labels(imageId);
    if (labels) this.strip.update(imageId, { status, drawn: drawnOf(labels.boxes) });
    this.news.tell(imageId, revision);
    const { image } = this.doc;
    if (imageId === image?.id && status !== image.status) {
      this.doc.mark({ status });
      if (!isWhole(queueOf(image.project_id))) this.walk.reload(); // its place in the queue may be another one now
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => studio.changed("boxes", this.editor), PAUSE);
  }

  /** Suggestions that were rejected had gone before. @param {number} imageId @param {readonly number[]} ids */
  #replaced(imageId, ids) {
    this.doc.ghosts.drop(imageId, ids);
    this.walk.cache.forgetRecord(imageId);
    const what = counted(ids.length, "suggestion that you rejected was", "suggestions that you rejected were");
    toast(`${what} replaced by a newer look at the photograph. Your boxes are saved.`);
    if (imageId === this.doc.image?.id) this.walk.becomeStale();
  }

  /** @param {number} imageId */
  #savedElsewhere(imageId) {
    this.walk.cache.forgetRecord(imageId);
    this.progress.countSoon();
    if (imageId === this.doc.image?.id) this.walk.becomeStale();
  }
}

/** @param {readonly import("./records.js").BoxRecord[]} boxes @returns {[number, number, number, number, number][]} */
function drawnOf(boxes) {
  return boxes.map(({ class_id, box: [x0, y0, x1, y1] }) => [class_id, x0, y0, x1, y1]);
}
