// @ts-check
/**
 * The Label screen: shows one image of the open project and lets a person draw boxes on it.
 *
 * The root carries `data-ready` (the id of the image shown) and `data-saved` ("true" when the server has acknowledged
 * every edit of every image, else "false").
 */

import { api, ApiError, messageOf } from "./api.js";
import { conflictBar, FirstClassPrompt, refusedBar } from "./editor_notices.js";
import { EditorCanvas, sizeText } from "./editor_canvas.js";
import { EditorDocument } from "./editor_document.js";
import { EditorGestures } from "./editor_gestures.js";
import { EditorKeyboard } from "./editor_keyboard.js";
import { EditorPanel } from "./editor_panel.js";
import { EditorToolbar } from "./editor_toolbar.js";
import { emptyState, failureState, noProject } from "./empty_state.js";
import { wordButton } from "./buttons.js";
import { html, setText } from "./elements.js";
import { labelSaves } from "./label_saves.js";
import { mountOnce } from "./lifecycle.js";
import { loadPicture, pictureUrl } from "./pictures.js";
import { keepRoom } from "./room.js";
import { studio } from "./store.js";
import { toast } from "./toast.js";

/** @typedef {import("./records.js").LabellingRecord} LabellingRecord */

/** Images fetched ahead of the one shown. */
const AHEAD = 2;
const ZOOM_STEP = 1.25;

/**
 * Build the Label screen in an element.
 * @param {HTMLElement} root
 */
export function mount(root) {
  return mountOnce(root, (element, life) => new BoxEditor(element, life));
}

class BoxEditor {
  /** Counts openings: an answer that belongs to an earlier one is dropped. */
  #turn = 0;
  #loading = false;
  /** Whether something changed while the screen was hidden. */
  #stale = true;
  /** Whether it is this screen that opens another project. */
  #switching = false;

  /**
   * @param {HTMLElement} root
   * @param {import("./lifecycle.js").Life} life
   */
  constructor(root, life) {
    this.root = root;
    this.life = life;
    this.saves = labelSaves();
    this.doc = new EditorDocument();
    this.canvas = new EditorCanvas(this.doc);
    this.gestures = new EditorGestures(this.doc, this.canvas, () => this.#drawView());
    const onAdded = (/** @type {import("./records.js").ClassRecord} */ made) => this.#classAdded(made);
    this.prompt = new FirstClassPrompt(this.doc, onAdded);
    this.panel = new EditorPanel(this.doc, onAdded);
    const actions = this.#actions();
    this.toolbar = new EditorToolbar(this.doc, actions);
    this.keyboard = new EditorKeyboard(life, this, actions);
    this.notice = html("div", { class: "st-notice" });
    this.message = html("div", { class: "st-message", hidden: true });
    this.spoken = html("p", { class: "st-hidden-words", role: "status", "aria-live": "polite" });
    const frame = html("div", { class: "st-frame" }, this.canvas.view, this.notice, this.prompt.node);
    this.body = html("div", { class: "st-editor", hidden: true }, this.toolbar.bar, frame, this.panel.panel);
    root.append(this.body, this.message, this.spoken);
    root.classList.add("st-label");
    this.#listen();
    this.#drawSaving();
    keepRoom(root, life);
    life.onShow(() => this.#stale && this.#refresh());
    life.onHide(() => this.saves.flush());
  }

  #actions() {
    const { doc, canvas } = this;
    return {
      previous: () => this.#go(doc.place?.previous_id),
      next: () => this.#go(doc.place?.next_id),
      nextUnlabelled: () => this.#go(doc.place?.next_unlabelled_id),
      undo: () => doc.undo(),
      redo: () => doc.redo(),
      zoomIn: () => this.#view(() => canvas.viewport.zoomBy(ZOOM_STEP)),
      zoomOut: () => this.#view(() => canvas.viewport.zoomBy(1 / ZOOM_STEP)),
      fit: () => this.#view(() => canvas.viewport.fit()),
      saveNow: () => this.saves.flush(),
      show: (/** @type {number} */ imageId) => this.#open(imageId),
      copyPrevious: () => this.#copyPrevious(),
    };
  }

  #listen() {
    const { doc, life, saves } = this;
    doc.addEventListener("labels", () => {
      if (doc.image) saves.want(doc.image.id, doc.labels);
      this.#draw();
    });
    doc.addEventListener("view", () => this.#draw());
    doc.addEventListener("preview", () => this.canvas.drawSoon());
    life.listen(saves, "change", () => this.#drawSaving());
    life.listen(saves, "acknowledged", () => studio.changed("boxes", this));
    life.listen(saves, "conflict", ({ detail }) => this.#conflict(detail.imageId));
    life.listen(saves, "lost", ({ detail }) => this.#lost(detail.imageId, detail.message));
    life.listen(studio, "project", () => {
      if (this.#switching) return;
      this.#close();
      this.#becomeStale();
    });
    life.listen(studio, "image", ({ detail }) => this.#open(detail));
    life.listen(studio, "changed", ({ detail }) => {
      if (detail.gone !== null && detail.gone === this.doc.image?.id) this.#close();
      if (detail.by !== this) this.#becomeStale();
    });
    // A mouse click on a button must not take the keyboard away from the picture.
    this.root.addEventListener("click", (event) => {
      const onButton = event.detail > 0 && event.target instanceof Element && event.target.closest("button");
      if (onButton && !onButton.closest("form, .st-message")) this.canvas.view.focus({ preventScroll: true });
    });
  }

  #becomeStale() {
    this.#stale = true;
    if (this.life.visible) this.#refresh();
  }

  /** Show what is to be shown now: the image asked for, the one last seen, or the project's first. */
  async #refresh() {
    this.#stale = false;
    if (studio.project === null) return this.#say(noProject());
    const wanted = studio.image;
    if (wanted !== null && wanted !== this.doc.image?.id) return this.#open(wanted);
    if (this.doc.image) return this.#reload(this.doc.image.id);
    return this.#openFirst();
  }

  async #openFirst() {
    const project = studio.project;
    if (project === null) return this.#say(noProject());
    try {
      const page = await api("GET", `projects/${project}/images?limit=1`);
      if (project !== studio.project) return;
      if (page.images.length > 0) return await this.#open(page.images[0].id);
      this.#close();
      this.#say(
        emptyState(
          { symbol: "photo", title: "No photographs yet", text: "Add photographs in Images; then draw boxes on them here." },
          wordButton("Go to Images", () => studio.navigate("images"), { primary: true }),
        ),
      );
    } catch (error) {
      this.#failed(error);
    }
  }

  /** @param {number | null | undefined} imageId */
  #go(imageId) {
    if (imageId === null || imageId === undefined || this.#loading) return;
    this.#open(imageId);
  }

  /** @param {number} imageId */
  async #open(imageId) {
    const turn = ++this.#turn;
    this.#loading = true;
    this.saves.flush();
    try {
      /** @type {LabellingRecord} */
      const view = await api("GET", `images/${imageId}`);
      const picture = await loadPicture(view.image);
      if (turn === this.#turn) this.#show(view, picture);
    } catch (error) {
      if (turn !== this.#turn) return;
      const gone = error instanceof ApiError && error.status === 404;
      if (!gone) return this.#failed(error, imageId);
      if (studio.image === imageId) studio.rememberImage(null);
      await this.#openFirst();
    } finally {
      if (turn === this.#turn) this.#loading = false;
    }
  }

  /** @param {LabellingRecord} view @param {HTMLImageElement} picture */
  #show(view, picture) {
    const { image } = view;
    this.#switching = true;
    studio.setProject(image.project_id);
    this.#switching = false;
    studio.rememberImage(image.id);
    this.gestures.cancel();
    this.doc.open(view, this.saves.open(image, { boxes: view.boxes, empty: image.status === "empty" }));
    this.message.hidden = true;
    this.body.hidden = false;
    this.canvas.showPicture(picture, image);
    this.#draw();
    this.#drawSaving();
    this.root.dataset.ready = String(image.id);
    this.#prefetch(view.place.next_id);
  }

  /** Take news of the image shown without disturbing the work on it. @param {number} imageId */
  async #reload(imageId) {
    try {
      /** @type {LabellingRecord} */
      const view = await api("GET", `images/${imageId}`);
      if (this.doc.image?.id !== imageId) return;
      const labels = this.saves.open(view.image, { boxes: view.boxes, empty: view.image.status === "empty" });
      if (JSON.stringify(labels) === JSON.stringify(this.doc.labels)) this.doc.refresh(view);
      else this.doc.open(view, labels);
      this.#draw();
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) {
        studio.rememberImage(null);
        this.#close();
        await this.#openFirst();
      } // else the image on the screen stays; saving tells of a lost server by itself
    }
  }

  #close() {
    this.#turn += 1;
    this.#loading = false;
    this.saves.flush();
    this.doc.close();
    this.body.hidden = true;
    delete this.root.dataset.ready;
  }

  /** @param {HTMLElement} message */
  #say(message) {
    this.body.hidden = true;
    this.message.hidden = false;
    this.message.replaceChildren(message);
  }

  /** @param {unknown} error @param {number} [imageId] */
  #failed(error, imageId) {
    const retry = () => (imageId === undefined ? this.#openFirst() : this.#open(imageId));
    if (this.doc.image) toast(messageOf(error), { kind: "error", action: { label: "Try again", run: retry } });
    else this.#say(failureState(messageOf(error), retry));
  }

  /** @param {number | null} imageId @param {number} [ahead] */
  async #prefetch(imageId, ahead = AHEAD) {
    if (imageId === null || ahead === 0 || !this.life.visible) return;
    const turn = this.#turn;
    const view = await api("GET", `images/${imageId}`).catch(() => null);
    if (!view || turn !== this.#turn) return;
    new Image().src = pictureUrl(view.image, "display");
    await this.#prefetch(view.place.next_id, ahead - 1);
  }

  async #copyPrevious() {
    const { doc, saves } = this;
    const from = doc.place?.previous_id;
    const here = doc.image?.id;
    if (from === null || from === undefined) return void toast("This is the first image: there is none before it to copy from.");
    try {
      const view = await api("GET", `images/${from}`);
      if (doc.image?.id !== here) return;
      const count = doc.addCopies(saves.labels(from)?.boxes ?? view.boxes);
      const what = count === 1 ? "1 box" : `${count} boxes`;
      toast(count > 0 ? `Copied ${what} from ${view.image.name}.` : `${view.image.name} has no boxes to copy.`, { seconds: 3 });
    } catch (error) {
      toast(messageOf(error), { kind: "error" });
    }
  }

  /** @param {import("./records.js").ClassRecord} made */
  #classAdded(made) {
    this.doc.addClass(made);
    this.canvas.view.focus({ preventScroll: true });
    studio.changed("classes", this);
  }

  /** @param {number} imageId */
  #conflict(imageId) {
    if (imageId === this.doc.image?.id) return;
    const action = { label: "Show it", run: () => this.#open(imageId) };
    toast("An image that you edited was changed in another window.", { kind: "error", seconds: Infinity, action });
  }

  /** @param {number} imageId @param {string} message */
  #lost(imageId, message) {
    toast(message, { kind: "error" });
    if (imageId !== this.doc.image?.id) return;
    this.#close();
    studio.rememberImage(null);
    this.#openFirst();
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
    this.#drawView();
    this.#speak();
  }

  #drawView() {
    this.toolbar.showZoom(this.canvas.viewport.zoom);
    this.prompt.draw(this.canvas.viewport);
  }

  #speak() {
    const { selected, boxes } = this.doc;
    const label = selected ? (this.doc.classOf(selected.class_id)?.name ?? "unknown class") : "";
    const words = selected ? `Box ${boxes.indexOf(selected) + 1} of ${boxes.length}, ${label}, ${sizeText(selected.box)} pixels` : "";
    setText(this.spoken, words);
  }

  #drawSaving() {
    const summary = this.saves.summary();
    this.toolbar.showSaving(summary);
    this.root.dataset.saved = String(summary.state === "saved");
    this.#drawNotice();
  }

  /** Over the picture: what has to be decided about its boxes, if anything. */
  #drawNotice() {
    const { saves, notice } = this;
    const imageId = this.doc.image?.id ?? null;
    const trouble = imageId === null ? null : saves.trouble(imageId);
    const state = trouble && ["conflict", "refused"].includes(trouble.kind) ? `${imageId} ${trouble.kind} ${trouble.message}` : "";
    if (notice.dataset.state === state) return; // rebuilding it would take the focus off its buttons
    notice.dataset.state = state;
    notice.replaceChildren();
    if (imageId === null || !trouble) return;
    const reload = () => {
      saves.forget(imageId);
      this.#open(imageId);
    };
    if (trouble.kind === "conflict") {
      notice.append(conflictBar(trouble.boxes.length, { keepMine: () => saves.keepMine(imageId), loadTheirs: reload }));
    } else if (trouble.kind === "refused") {
      notice.append(refusedBar(trouble.message, { tryAgain: () => saves.flush(), loadSaved: reload }));
    }
  }
}
