// @ts-check
/**
 * The Label screen: shows one image of the open project and lets a person draw boxes on it.
 *
 * The root carries `data-ready` (the id of the image shown) and `data-saved` ("true" when the server has acknowledged
 * every edit of every image, else "false").
 */

import { messageOf } from "./api.js";
import { DrawingDesk } from "./drawing_desk.js";
import { sizeText } from "./canvas_marks.js";
import { EditorKeyboard } from "./editor_keyboard.js";
import { FirstClassPrompt } from "./editor_notices.js";
import { EditorToolbar } from "./editor_toolbar.js";
import { html, setText } from "./elements.js";
import { LabelFlow } from "./label_flow.js";
import { isWhole, queueOf } from "./label_queue.js";
import { labelSaves } from "./label_saves.js";
import { LabelWalk } from "./label_walk.js";
import { mountOnce } from "./lifecycle.js";
import { keepRoom } from "./room.js";
import { SavingView } from "./saving_view.js";
import { studio } from "./store.js";
import { toast } from "./toast.js";

/** @typedef {import("./records.js").LabellingRecord} LabellingRecord */

const ZOOM_STEP = 1.25;

/**
 * Build the Label screen in an element.
 * @param {HTMLElement} root
 */
export function mount(root) {
  return mountOnce(root, (element, life) => new BoxEditor(element, life));
}

class BoxEditor {
  /**
   * @param {HTMLElement} root
   * @param {import("./lifecycle.js").Life} life
   */
  constructor(root, life) {
    this.root = root;
    this.life = life;
    this.saving = labelSaves();
    /** @type {import("./drawing_desk.js").ClassNews} */
    const news = { onAdded: (made) => this.#classAdded(made), onSent: (adding) => this.#classSent(adding) };
    const desk = new DrawingDesk(() => this.#drawView(), news, () => this.#accept());
    this.doc = desk.doc;
    this.canvas = desk.canvas;
    this.gestures = desk.gestures;
    this.panel = desk.panel;
    this.keys = desk.keys;
    this.prompt = new FirstClassPrompt(this.doc, news);
    this.walk = new LabelWalk(life, this.doc, this.saving, this.#stage());
    const actions = this.#actions();
    this.toolbar = new EditorToolbar(this.doc, this.keys, actions);
    this.flow = new LabelFlow(life, this);
    this.savingView = new SavingView(life, this);
    this.keyboard = new EditorKeyboard(life, this, { ...desk.commands, ...actions, ...this.flow.commands });
    this.message = html("div", { class: "st-message", hidden: true });
    this.spoken = html("p", { class: "st-hidden-words", role: "status", "aria-live": "polite" });
    this.inFrame = html("div", { class: "st-frame-message", hidden: true });
    desk.over.append(this.savingView.notice, this.prompt.node);
    desk.frame.append(this.inFrame);
    this.desk = desk;
    this.body = html("div", { class: "st-editor", hidden: true }, this.toolbar.bar, desk.frame, this.panel.panel, this.flow.foot);
    root.append(this.body, this.message, this.spoken, ...this.flow.popovers);
    root.classList.add("st-label");
    this.#listen();
    this.savingView.draw();
    keepRoom(root, life);
    life.onHide(() => this.saving.saves.flush());
  }

  #actions() {
    const { doc, canvas, walk, saving } = this;
    return {
      previous: () => void walk.go(doc.place?.previous_id),
      next: () => void walk.go(doc.place?.next_id),
      nextUnlabelled: () => void walk.goUnlabelled(),
      undo: () => doc.undo(),
      redo: () => doc.redo(),
      zoomIn: () => this.#view(() => canvas.viewport.zoomBy(ZOOM_STEP)),
      zoomOut: () => this.#view(() => canvas.viewport.zoomBy(1 / ZOOM_STEP)),
      fit: () => this.#view(() => canvas.viewport.fit()),
      toggleFlag: () => this.flow.toggleFlag(),
      acceptGhosts: () => this.#accept(),
      saveNow: () => {
        saving.saves.flush();
        saving.marks.flush();
      },
      show: (/** @type {number} */ imageId) => void walk.open(imageId),
      copyPrevious: () => void this.#copyPrevious(),
    };
  }

  /** What the walk from image to image acts on. @returns {import("./label_walk.js").Stage} */
  #stage() {
    return {
      show: (view, picture) => this.#show(view, picture),
      refresh: (view) => this.#refresh(view),
      clear: () => this.#clear(),
      say: (message, inFrame) => this.#say(message, inFrame),
      busy: () => this.gestures.busy || this.doc.waiting !== null,
    };
  }

  #listen() {
    const { doc, life, saving } = this;
    doc.addEventListener("labels", () => {
      if (doc.image) saving.saves.want(doc.image.id, doc.labels);
      this.#draw();
    });
    doc.addEventListener("view", () => this.#draw());
    doc.addEventListener("drawn", () => doc.settings.advance && doc.ghosts.reachable.length === 0 && this.#advance());
    doc.addEventListener("preview", () => this.canvas.drawSoon());
    life.listen(studio, "changed", ({ detail }) => {
      if (detail.gone !== null && detail.gone === doc.image?.id) this.walk.close();
      if (detail.by === this) return;
      this.walk.cache.forgetRecords();
      this.walk.becomeStale();
    });
    // A mouse click on a button must not take the keyboard away from the picture.
    this.root.addEventListener("click", (event) => {
      const onButton = event.detail > 0 && event.target instanceof Element && event.target.closest("button");
      if (onButton && !onButton.closest("form, .st-message, .st-popover, [aria-haspopup]")) this.#focus();
    });
  }

  #focus() {
    this.canvas.view.focus({ preventScroll: true });
  }

  /** @param {LabellingRecord} view @param {HTMLImageElement} picture */
  #show(view, picture) {
    const { image, boxes } = view;
    const { saves, marks } = this.saving;
    const finishedBefore = this.doc.image !== null && this.doc.status !== "unlabelled";
    this.gestures.cancel();
    const labels = saves.open(image, { boxes, empty: image.status === "empty" });
    this.doc.open({ ...view, image: { ...image, ...marks.of(image.id) } }, labels);
    this.message.hidden = true;
    this.inFrame.hidden = true;
    this.desk.over.hidden = this.desk.tools.node.hidden = false;
    this.body.hidden = false;
    this.canvas.showPicture(picture, image);
    this.#draw();
    this.savingView.draw();
    this.flow.shown(finishedBefore);
    this.root.dataset.ready = String(image.id);
  }

  /** @param {LabellingRecord} view of the image shown @returns {boolean} whether its boxes changed */
  #refresh(view) {
    const { doc } = this;
    const { saves, marks } = this.saving;
    const labels = saves.open(view.image, { boxes: view.boxes, empty: view.image.status === "empty" });
    const changed = JSON.stringify(labels) !== JSON.stringify(doc.labels);
    const image = { ...view.image, ...marks.of(view.image.id) };
    if (changed) doc.open({ ...view, image }, labels);
    else doc.refresh({ ...view, image });
    doc.mark({ flag: image.flag, note: image.note, status: image.status });
    this.#draw();
    this.savingView.draw();
    this.flow.refreshed(changed);
    return changed;
  }

  #clear() {
    this.gestures.cancel();
    this.doc.close();
    this.body.hidden = true;
    delete this.root.dataset.ready;
  }

  /** @param {HTMLElement} message @param {boolean} inFrame in the picture's place, with the bar above it */
  #say(message, inFrame) {
    const [holder, other] = inFrame ? [this.inFrame, this.message] : [this.message, this.inFrame];
    this.body.hidden = !inFrame;
    this.desk.over.hidden = this.desk.tools.node.hidden = inFrame;
    other.hidden = true;
    holder.hidden = false;
    holder.replaceChildren(message);
    this.#draw();
    this.flow.shown(false);
  }

  async #copyPrevious() {
    const { doc, saving, walk } = this;
    const from = doc.place?.previous_id;
    const here = doc.image?.id;
    if (from === null || from === undefined) return void toast("This is the first image: there is none before it to copy from.");
    try {
      const { view } = await walk.cache.get(from);
      if (doc.image?.id !== here) return;
      const count = doc.addCopies(saving.saves.labels(from)?.boxes ?? view.boxes);
      const what = count === 1 ? "1 box" : `${count} boxes`;
      toast(count > 0 ? `Copied ${what} from ${view.image.name}.` : `${view.image.name} has no boxes to copy.`, { seconds: 3 });
    } catch (error) {
      toast(messageOf(error), { kind: "error" });
    }
  }

  /** Accept what is suggested; where all is decided, go on. */
  #accept() {
    const accepted = this.doc.ghosts.acceptInHand();
    if (accepted === null || (accepted === "all" && this.doc.settings.advance)) this.#advance();
  }

  #advance() {
    const next = this.doc.place?.next_id ?? null;
    if (next === null && !isWhole(queueOf(studio.project))) void this.walk.go(null);
    else if (next === null) toast("This is the last photograph.", { seconds: 3 });
    else void this.walk.go(next);
  }

  /** What is typed from here on is meant for the picture, and waits for the class. @param {Promise<void>} adding */
  #classSent(adding) {
    this.#focus();
    this.keyboard.hold(adding);
  }

  /** @param {import("./records.js").ClassRecord} made */
  #classAdded(made) {
    this.doc.addClass(made);
    this.#focus();
    studio.changed("classes", this);
  }

  /** @param {() => void} change of the viewport */
  #view(change) {
    change();
    this.canvas.drawSoon();
    this.#drawView();
  }

  #draw() {
    this.toolbar.draw();
    this.panel.draw();
    this.canvas.draw();
    this.flow.draw();
    this.#drawView();
    this.#speak();
  }

  #drawView() {
    this.toolbar.showZoom(this.canvas.viewport.zoom);
    this.prompt.draw(this.canvas.viewport);
  }

  #speak() {
    const { inHand, selected, boxes, ghosts } = this.doc;
    const label = inHand ? (this.doc.classOf(inHand.class_id)?.name ?? "unknown class") : "";
    const place = selected ? `Box ${boxes.indexOf(selected) + 1} of ${boxes.length}` : `Suggestion, score ${ghosts.selected?.score.toFixed(2)}`;
    setText(this.spoken, inHand ? `${place}, ${label}, ${sizeText(inHand.box)} pixels` : "");
  }
}
