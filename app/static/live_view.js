// @ts-check
/**
 * The Live screen: a photograph or the webcam with what a model finds in it.
 *
 * The server sends candidates before suppression; the sliders are applied here and ask nothing of it. The root carries
 * `data-ready="true"` once candidates of the present picture have come, and `data-boxes`, the number of boxes shown.
 */

import { api, ApiError, messageOf } from "./api.js";
import { iconButton, wordButton } from "./buttons.js";
import { Camera } from "./camera.js";
import { drawDetections } from "./detection_overlay.js";
import { html, setText } from "./elements.js";
import { emptyState, failureState, noProject } from "./empty_state.js";
import { FrameLoop } from "./frame_loop.js";
import { icon } from "./icons.js";
import { mountOnce } from "./lifecycle.js";
import { LiveControls } from "./live_controls.js";
import { nonMaxSuppression } from "./nms.js";
import { keepRoom } from "./room.js";
import { studio } from "./store.js";

/** @typedef {import("./records.js").CandidatesRecord} CandidatesRecord */
/** @typedef {import("./records.js").ModelRecord} ModelRecord */

const MAX_BOXES = 200;
const FALLBACK_COLOUR = "#3b82f6";
/** Milliseconds between two refreshes of the list while the webcam runs. */
const LIST_EVERY = 200;

/**
 * Build the Live screen in an element.
 * @param {HTMLElement} root
 */
export function mount(root) {
  return mountOnce(root, (element, life) => new LiveView(element, life));
}

class LiveView {
  /** @type {ModelRecord[]} */
  #models = [];
  /** @type {Blob | null} */
  #photo = null;
  /** @type {CandidatesRecord | null} */
  #answer = null;
  #turn = 0;
  #stale = true;
  #listedAt = 0;

  /**
   * @param {HTMLElement} root
   * @param {import("./lifecycle.js").Life} life
   */
  constructor(root, life) {
    this.root = root;
    this.life = life;
    this.controls = new LiveControls({ onModel: () => this.#modelChosen(), onThreshold: () => this.#paint(true) });
    this.file = html("input", { type: "file", accept: "image/*", hidden: true, class: "st-live-file", "aria-label": "Photograph" });
    this.file.addEventListener("change", () => {
      const chosen = this.file.files?.[0];
      this.file.value = "";
      if (chosen) this.#showPhoto(chosen);
    });
    this.start = wordButton("Start webcam", () => this.#toggleCamera(), { symbol: "camera" });
    this.mirror = html("input", { type: "checkbox", class: "st-check", checked: true, onchange: () => this.#mirror() });
    this.mirrorChoice = html("label", { class: "st-choice", hidden: true }, this.mirror, "Mirror");
    this.picture = html("img", { class: "st-media", alt: "The photograph", hidden: true });
    this.video = html("video", { class: "st-media", muted: true, playsinline: true, hidden: true, "aria-label": "The webcam" });
    this.video.muted = true;
    this.canvas = html("canvas", { class: "st-detections", role: "img", "aria-label": "Detections" });
    this.media = html("div", { class: "st-media-frame", hidden: true }, this.picture, this.video, this.canvas);
    this.hint = this.#hint();
    this.problem = html("div", { class: "st-live-problem", role: "alert", hidden: true });
    this.stage = html("div", { class: "st-live-stage" }, this.media, this.hint, this.problem);
    const bar = html(
      "div",
      { class: "st-bar" },
      wordButton("Upload a photo", () => this.file.click(), { symbol: "upload", primary: true }),
      this.start,
      this.mirrorChoice,
      this.file,
    );
    this.body = html("div", { class: "st-editor st-live-body", hidden: true }, bar, this.stage, this.controls.panel);
    this.message = html("div", { class: "st-message" });
    root.append(this.body, this.message);
    root.classList.add("st-live");
    this.camera = new Camera(this.video, () => this.#frame(), () => this.#cameraEnded());
    this.loop = this.#frameLoop();
    this.#listen();
  }

  #hint() {
    return html(
      "div",
      { class: "st-live-hint" },
      icon("photo"),
      html("p", {}, "Drop a photograph here, paste one, or start the webcam."),
    );
  }

  #frameLoop() {
    return new FrameLoop({
      grab: () => this.camera.grab(),
      send: (picture) => this.#ask(picture),
      onAnswer: (/** @type {CandidatesRecord} */ answer) => {
        this.#complain("");
        this.#take(answer, false);
      },
      onError: (error) => this.#complain(messageOf(error)),
    });
  }

  #listen() {
    const { life, stage } = this;
    keepRoom(this.root, life);
    life.onShow(() => {
      this.#layOut();
      if (this.#stale) this.#load();
    });
    life.onHide(() => this.#stopCamera());
    life.listen(document, "visibilitychange", () => document.hidden && this.#stopCamera());
    life.listen(studio, "project", () => this.#becomeStale());
    life.listen(studio, "model", ({ detail }) => detail.screen === "live" && this.#becomeStale());
    life.listen(studio, "changed", ({ detail }) => ["models", "projects"].includes(detail.what) && this.#becomeStale());
    life.listen(document, "paste", (event) => life.visible && this.#paste(event));
    new ResizeObserver(() => this.#layOut()).observe(stage);
    for (const media of [this.picture, this.video]) {
      for (const type of ["load", "loadedmetadata", "resize"]) media.addEventListener(type, () => this.#layOut());
    }
    stage.addEventListener("dragover", (event) => event.preventDefault());
    stage.addEventListener("drop", (event) => {
      event.preventDefault();
      const dropped = event.dataTransfer?.files[0];
      if (dropped) this.#showPhoto(dropped);
    });
  }

  /** @param {ClipboardEvent} event */
  #paste(event) {
    const pasted = [...(event.clipboardData?.files ?? [])].find(({ type }) => type.startsWith("image/"));
    if (!pasted || this.body.hidden) return;
    event.preventDefault();
    this.#showPhoto(pasted);
  }

  #becomeStale() {
    this.#stale = true;
    if (this.life.visible) this.#load();
  }

  /** Read which models there are. */
  async #load() {
    const project = studio.project;
    this.#stale = false;
    if (project === null) return this.#say(noProject());
    try {
      const models = await api("GET", `models?project=${project}`);
      if (project !== studio.project) return;
      this.#models = models;
      if (models.length === 0) return this.#say(this.#noModel());
      const before = this.controls.model.value;
      this.controls.showModels(models, studio.takeModel("live"));
      this.message.replaceChildren();
      this.body.hidden = false;
      this.#paint(true);
      if (before !== this.controls.model.value) this.#modelChosen();
    } catch (error) {
      this.#stale = true;
      this.#say(failureState(messageOf(error), () => this.#load()));
    }
  }

  #noModel() {
    return emptyState(
      { symbol: "spark", title: "No model yet", text: "Train one first; it appears here as soon as it is finished." },
      wordButton("Go to Train", () => studio.navigate("train"), { primary: true }),
    );
  }

  /** @param {HTMLElement} message */
  #say(message) {
    this.#stopCamera();
    this.body.hidden = true;
    this.message.replaceChildren(message);
  }

  /** @returns {ModelRecord | null} */
  get #model() {
    return this.#models.find(({ id }) => id === this.controls.model.value) ?? null;
  }

  #modelChosen() {
    this.loop.reset();
    this.#answer = null;
    if (this.#photo && !this.camera.running) this.#detect(this.#photo);
  }

  /** @param {Blob} picture @returns {Promise<CandidatesRecord>} */
  #ask(picture) {
    const model = this.#model;
    if (!model) throw new Error("No model is chosen. Choose one in the list.");
    return api("POST", `models/${encodeURIComponent(model.id)}/candidates`, picture);
  }

  /** @param {Blob} photo */
  #showPhoto(photo) {
    this.#stopCamera();
    this.#photo = photo;
    URL.revokeObjectURL(this.picture.src);
    this.picture.src = URL.createObjectURL(photo);
    this.picture.hidden = false;
    this.video.hidden = true;
    this.media.hidden = false;
    this.hint.hidden = true;
    this.#detect(photo);
  }

  /** @param {Blob} photo */
  async #detect(photo) {
    const turn = ++this.#turn;
    this.#answer = null;
    delete this.root.dataset.ready;
    this.#paint(true);
    this.#complain("");
    this.controls.showPace("Looking…");
    const asked = performance.now();
    try {
      const answer = await this.#ask(photo);
      if (turn !== this.#turn) return;
      this.#take(answer, true);
      this.controls.showPace(this.#photoPace(answer, performance.now() - asked));
    } catch (error) {
      if (turn !== this.#turn) return;
      this.controls.showPace("");
      this.#complain(messageOf(error));
      if (error instanceof ApiError && error.status > 0 && error.status < 500) this.#dropPhoto();
    }
  }

  /** The file was no photograph after all. */
  #dropPhoto() {
    this.#photo = null;
    this.picture.hidden = true;
    this.media.hidden = true;
    this.hint.hidden = false;
  }

  /** @param {CandidatesRecord} answer @param {number} elapsed milliseconds */
  #photoPace({ candidates, milliseconds }, elapsed) {
    const network = milliseconds?.network === undefined ? "" : `, ${Math.round(milliseconds.network)} ms of it in the network`;
    return `${Math.round(elapsed)} ms${network}. ${candidates.length} candidates.`;
  }

  async #toggleCamera() {
    if (this.camera.running) return this.#stopCamera();
    this.#turn += 1;
    this.#complain("");
    this.start.disabled = true;
    try {
      await this.camera.start();
      if (!this.camera.running) return;
      this.loop.reset();
      this.#answer = null;
      delete this.root.dataset.ready;
      this.picture.hidden = true;
      this.video.hidden = false;
      this.media.hidden = false;
      this.hint.hidden = true;
      this.#showCameraState();
      this.#layOut();
    } catch (error) {
      this.#complain(messageOf(error));
    } finally {
      this.start.disabled = false;
    }
  }

  #stopCamera() {
    if (!this.camera.running) return;
    this.camera.stop();
    this.loop.reset();
    this.#answer = null;
    delete this.root.dataset.ready;
    this.video.hidden = true;
    this.picture.hidden = !this.#photo;
    this.media.hidden = !this.#photo;
    this.hint.hidden = Boolean(this.#photo);
    this.controls.showPace("");
    this.#showCameraState();
    this.#layOut();
    if (this.#photo && this.life.visible) this.#detect(this.#photo);
    else this.#paint(true);
  }

  #cameraEnded() {
    this.#stopCamera();
    this.#complain("The camera went away. Connect it again, then start it.");
  }

  #showCameraState() {
    const { running } = this.camera;
    setText(/** @type {Element} */ (this.start.lastChild), running ? "Stop webcam" : "Start webcam");
    this.mirrorChoice.hidden = !running;
    this.#mirror();
  }

  #mirror() {
    this.video.classList.toggle("st-mirrored", this.mirror.checked);
    this.#paint(false);
  }

  #frame() {
    if (!this.life.alive) return this.camera.stop();
    this.loop.tick();
  }

  /** @param {CandidatesRecord} answer @param {boolean} list */
  #take(answer, list) {
    this.#answer = answer;
    this.root.dataset.ready = "true";
    const due = performance.now() - this.#listedAt >= LIST_EVERY;
    this.#paint(list || due);
    if (!this.camera.running || !due) return;
    const { framesPerSecond, milliseconds } = this.loop.pace();
    if (framesPerSecond > 0) this.controls.showPace(`${framesPerSecond.toFixed(0)} frames a second, ${Math.round(milliseconds)} ms each`);
  }

  #detections() {
    const { score, iou } = this.controls.thresholds;
    const model = this.#model;
    return nonMaxSuppression(this.#answer?.candidates ?? [], score, iou, MAX_BOXES).map(
      ([x0, y0, x1, y1, certainty, index]) => ({
        x0,
        y0,
        x1,
        y1,
        score: certainty,
        name: model?.classes[index] ?? `class ${index}`,
        colour: model?.colours?.[index] ?? FALLBACK_COLOUR,
      }),
    );
  }

  /** Apply the sliders to what is known and draw it. @param {boolean} list whether the list follows at once */
  #paint(list) {
    const detections = this.#detections();
    const size = this.#answer ?? { width: 1, height: 1 };
    drawDetections(this.canvas, detections, size, { mirrored: this.camera.running && this.mirror.checked });
    this.root.dataset.boxes = String(detections.length);
    if (!list) return;
    this.#listedAt = performance.now();
    this.controls.showFound(detections, this.#answer?.candidates.length ?? null);
  }

  /** Make the frame as large as the stage allows at the picture's proportions. */
  #layOut() {
    const live = !this.video.hidden;
    const width = live ? this.video.videoWidth : this.picture.naturalWidth;
    const height = live ? this.video.videoHeight : this.picture.naturalHeight;
    const { clientWidth, clientHeight } = this.stage;
    if (!width || !height || !clientWidth || !clientHeight) return;
    const scale = Math.min(clientWidth / width, clientHeight / height);
    Object.assign(this.media.style, { width: `${width * scale}px`, height: `${height * scale}px` });
    this.#paint(false);
  }

  /** @param {string} sentence "" takes the message away */
  #complain(sentence) {
    this.problem.hidden = sentence === "";
    if (sentence === "") return;
    const close = iconButton("close", "Dismiss", () => (this.problem.hidden = true));
    this.problem.replaceChildren(icon("warning"), html("span", {}, sentence), close);
  }
}
