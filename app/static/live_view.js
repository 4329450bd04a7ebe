// @ts-check
/**
 * The Live screen: photographs, a video or the webcam with what a model finds in them.
 *
 * The server sends candidates before suppression; every threshold is applied here and asks nothing of it. The root
 * carries `data-mode`, `data-ready="true"` once candidates of the present picture have come, and `data-boxes`, the
 * number of boxes shown.
 */

import { api, ApiError, messageOf } from "./api.js";
import { wordButton } from "./buttons.js";
import { counted } from "./count_words.js";
import { lookOf, NO_LOOK } from "./detection_overlay.js";
import { html } from "./elements.js";
import { emptyState, failureState, noProject } from "./empty_state.js";
import { FrameLoop } from "./frame_loop.js";
import { mountOnce } from "./lifecycle.js";
import { LiveAsking } from "./live_asking.js";
import { LiveBar } from "./live_bar.js";
import { LiveControls } from "./live_controls.js";
import { LiveCounts } from "./live_counts.js";
import { LiveGallery } from "./live_gallery.js";
import { LiveStage } from "./live_stage.js";
import { shownOf } from "./live_thresholds.js";
import { LiveVideo } from "./live_video.js";
import { LiveWebcam } from "./live_webcam.js";
import { LiveWhole } from "./live_whole.js";
import { keepRoom } from "./room.js";
import { studio } from "./store.js";
import { toast } from "./toast.js";

/** @typedef {import("./records.js").CandidatesRecord} CandidatesRecord */
/** @typedef {import("./records.js").ModelRecord} ModelRecord */
/** @typedef {import("./detection_overlay.js").Look} Look */
/** @typedef {import("./live_bar.js").Mode} Mode */

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
  /** @type {{file: Blob, name: string} | null} */
  photo = null;
  /** @type {CandidatesRecord | null} */
  answer = null;
  /** @type {import("./records.js").Candidate[]} */
  rows = [];
  /** @type {Mode} */
  mode = "none";
  /** @type {File | null} */
  videoFile = null;
  #turn = 0;
  #stale = true;
  /** @type {Map<string, Look>} by model; made anew when models are read */
  #looks = new Map();
  asking = new LiveAsking((model, runtime) => this.controls.answeredOn(model, runtime));

  /**
   * @param {HTMLElement} root
   * @param {import("./lifecycle.js").Life} life
   */
  constructor(root, life) {
    this.root = root;
    this.life = life;
    this.controls = new LiveControls({
      onModel: () => this.#modelChosen(),
      onThreshold: () => this.#thresholdsChanged(),
      onTiles: () => this.#askAboutPhotographs(),
    });
    this.stage = new LiveStage(() => this.mode === "photo" && toast(`This browser cannot show ${this.photo?.name}. What was found in it is listed all the same.`));
    this.webcam = new LiveWebcam({
      onFrame: (taken) => this.#frame(taken),
      onStart: () => this.#webcamStarted(),
      onStop: () => this.mode === "webcam" && this.#leave(),
      onMirror: () => this.stage.mirror(this.mode === "webcam" && this.webcam.mirrored),
      onProblem: (sentence, again) => this.#complain(sentence, { label: "Try again", run: again }),
    });
    this.video = new LiveVideo({ onFrame: () => this.#frame() });
    this.stage.node.append(this.video.bar);
    this.gallery = new LiveGallery({
      ask: (picture) => this.#askForGallery(picture),
      lookOf: (answer) => this.lookOfAnswer(answer),
      thresholds: () => this.controls.thresholds,
      onOpen: ({ file, name }) => this.showPhoto(file, name),
      onCounts: () => this.mode === "gallery" && this.counts.show(),
    });
    this.whole = new LiveWhole(life);
    this.controls.panel.append(this.whole.node);
    this.bar = new LiveBar(this);
    this.counts = new LiveCounts(this);
    this.body = html("div", { class: "st-editor st-live-body", hidden: true }, this.bar.node, this.stage.node, this.gallery.node, this.controls.panel);
    this.message = html("div", { class: "st-message" });
    root.append(this.body, this.message);
    root.classList.add("st-live");
    this.loop = new FrameLoop({
      grab: () => (this.mode === "webcam" ? this.webcam : this.video).grab(this.controls.inputSize),
      send: (picture) => this.asking.frame(picture),
      onAnswer: (/** @type {CandidatesRecord} */ answer) => this.#take(answer),
      onError: (error) => this.#failed(error, () => this.#askAnew()),
    });
    this.#listen();
    this.#enter("none");
  }

  #listen() {
    const { life } = this;
    keepRoom(this.root, life);
    life.onShow(() => {
      this.stage.layOut();
      if (this.#stale) this.#load();
    });
    life.onHide(() => this.#rest());
    life.listen(document, "visibilitychange", () => document.hidden && this.#rest());
    life.listen(studio, "project", () => this.#becomeStale());
    life.listen(studio, "model", ({ detail }) => detail.screen === "live" && this.#becomeStale());
    life.listen(studio, "changed", ({ detail }) => ["models", "projects", "classes"].includes(detail.what) && this.#becomeStale());
    this.bar.listen(life);
  }

  /** Nobody looks: the camera goes dark, a video stops. */
  #rest() {
    this.webcam.stop();
    this.video.pause();
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
      this.#looks.clear();
      if (models.length === 0) return this.#say(noModel());
      const before = this.controls.model.value;
      this.controls.showModels(models, studio.takeModel("live"));
      this.message.replaceChildren();
      this.body.hidden = false;
      this.#showClasses();
      if (before !== this.controls.model.value) {
        if (this.mode !== "none" && !this.#modelOf(before)) toast(`The model chosen before is not in this project. ${this.#modelOf(this.controls.model.value)?.name} is used instead.`);
        this.#modelChosen();
      } else this.#thresholdsChanged();
      for (const files of this.bar.early.splice(0)) this.bar.open(files);
    } catch (error) {
      this.#stale = true;
      this.#say(failureState(messageOf(error), () => this.#load()));
    }
  }

  /** @param {HTMLElement} message */
  #say(message) {
    this.#rest();
    this.body.hidden = true;
    this.message.replaceChildren(message);
  }

  /** @param {string} id @returns {ModelRecord | null} */
  #modelOf(id) {
    return this.#models.find((model) => model.id === id) ?? null;
  }

  /** @param {CandidatesRecord} answer */
  lookOfAnswer({ model = this.controls.model.value, classes }) {
    let look = this.#looks.get(model);
    if (!look) {
      const record = this.#modelOf(model);
      look = lookOf(classes ?? record?.classes ?? [], record?.colours ?? []);
      this.#looks.set(model, look);
    }
    return look;
  }

  #showClasses() {
    const model = this.#modelOf(this.controls.model.value);
    if (model) this.controls.showClasses(model, this.lookOfAnswer({ model: model.id, classes: model.classes, candidates: [], width: 1, height: 1, milliseconds: {} }));
  }

  /** Ask the chosen model from now on; what the one before found stays in sight until the new one answers. */
  async #modelChosen() {
    const wanted = this.controls.model.value;
    this.#showClasses();
    this.stage.complain("");
    if (this.mode === "none" || !this.#modelOf(this.asking.model)) {
      this.asking.set(wanted);
      this.#refresh();
      return this.#askAnew();
    }
    this.#refresh();
    this.controls.showPace("The model is being loaded…");
    try {
      if (await this.asking.change(wanted)) this.#askAnew();
    } catch (error) {
      if (wanted === this.controls.model.value) this.#failed(error);
    }
  }

  #askAnew() {
    this.controls.showPace("");
    if (this.mode !== "webcam" && this.mode !== "video") return this.#askAboutPhotographs();
    this.loop.reset(); // it rests after a failure, and what stands still comes by no second time
    this.loop.tick();
  }

  #askAboutPhotographs() {
    if (this.mode === "photo" && this.photo) this.#detect(this.photo.file);
    if (this.gallery.cards.length > 0) this.gallery.askAgain();
  }

  /** @param {Blob} picture */
  async #askForGallery(picture) {
    try {
      return await this.asking.photograph(picture, this.controls.tilesASide);
    } catch (error) {
      this.#lookForModel(error);
      throw error;
    }
  }

  /** @param {Mode} mode */
  #enter(mode) {
    if (this.mode === "video" && mode !== "video") this.video.close();
    this.mode = mode;
    if (mode === "gallery" || mode === "none") this.photo = null;
    if (mode !== "webcam") this.webcam.stop();
    this.#turn += 1;
    this.loop.reset();
    this.counts.forget();
    this.answer = null;
    this.root.dataset.mode = mode;
    delete this.root.dataset.ready;
    this.stage.complain("");
    this.stage.tell("");
    this.controls.showPace("");
    this.stage.mirror(mode === "webcam" && this.webcam.mirrored);
    this.stage.node.hidden = mode === "gallery";
    this.gallery.node.hidden = mode !== "gallery";
    this.controls.foundPart.hidden = mode === "gallery";
    this.bar.show();
    this.#refresh();
  }

  /** @param {Blob} photo @param {string} name */
  showPhoto(photo, name) {
    this.photo = { file: photo, name };
    this.#enter("photo");
    this.stage.showPicture(photo);
    this.#detect(photo);
  }

  /** @param {readonly {file: File, path: string}[]} pictures */
  showPictures(pictures) {
    if (this.mode !== "gallery") {
      if (pictures.length === 1 && this.gallery.cards.length === 0) return this.showPhoto(pictures[0].file, pictures[0].path);
      this.stage.clear();
      this.#enter("gallery");
    }
    this.gallery.add(pictures);
  }

  backToGallery() {
    this.stage.clear();
    this.#enter("gallery");
    this.gallery.apply();
  }

  closeAll() {
    this.gallery.clear();
    this.#enter("none");
    this.stage.clear();
  }

  /** Have the server look at the whole of the video that is open. */
  processVideo() {
    const model = this.#modelOf(this.controls.model.value);
    if (this.videoFile && model) this.whole.offer(this.videoFile, model, this.controls.thresholds);
  }

  /** @param {File} file */
  async showVideo(file) {
    this.#enter("video");
    this.videoFile = file;
    this.controls.showPace("The video is being opened…");
    try {
      const words = () => (this.asking.model === this.controls.model.value ? "" : "The model is being loaded…");
      await this.video.open(file, (video) => (this.stage.showVideo(video), this.controls.showPace(words())));
    } catch (error) {
      this.#leave();
      this.#complain(messageOf(error));
    }
  }

  #webcamStarted() {
    this.#enter("webcam");
    this.stage.showVideo(this.webcam.video);
    this.stage.mirror(this.webcam.mirrored);
    this.loop.tick();
  }

  /** Back to the photograph or the gallery of before, from the webcam or a video that does not open. */
  #leave() {
    if (this.photo) return this.showPhoto(this.photo.file, this.photo.name);
    if (this.gallery.cards.length > 0) return this.backToGallery();
    this.#enter("none");
    this.stage.clear();
  }

  /** On a stage with a picture the next answer would take the words away. @param {string} sentence @param {{label: string, run: () => void}} [action] */
  #complain(sentence, action) {
    if (this.mode === "none") this.stage.complain(sentence, action?.run);
    else toast(sentence, { kind: "error", action });
  }

  /** @param {number} [taken] */
  #frame(taken) {
    if (!this.life.alive) return this.webcam.stop();
    if (this.mode === "webcam" || this.mode === "video") this.loop.tick(taken);
  }

  /** @param {Blob} photo */
  async #detect(photo) {
    const turn = ++this.#turn;
    this.stage.complain("");
    this.controls.showPace("Looking…");
    const asked = performance.now();
    try {
      const answer = await this.asking.photograph(photo, this.controls.tilesASide);
      if (turn !== this.#turn) return;
      this.#take(answer);
      const { network } = answer.milliseconds;
      const share = network === undefined ? "" : `, ${Math.round(network)} ms of it in the network`;
      this.controls.showPace(`${Math.round(performance.now() - asked)} ms${share}. The sliders choose from ${counted(answer.candidates.length, "box", "boxes")}.`);
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#failed(error, () => this.#detect(photo));
    }
  }

  /** @param {unknown} error @param {(() => void) | null} [again] */
  #failed(error, again = null) {
    this.controls.showPace("");
    this.stage.complain(messageOf(error), again);
    this.#lookForModel(error);
  }

  /** The model may have been deleted meanwhile, in this window or in another. @param {unknown} error */
  #lookForModel(error) {
    if (error instanceof ApiError && error.status === 404 && !this.#stale) this.#becomeStale();
  }

  /** @param {CandidatesRecord} answer */
  #take(answer) {
    if (!this.stage.problem.hidden) this.stage.complain("");
    this.answer = answer;
    this.root.dataset.ready = "true";
    this.#refresh();
  }

  #thresholdsChanged() {
    if (this.mode === "gallery") this.gallery.apply();
    this.#refresh();
  }

  /** Apply the thresholds to what is known and draw it: the canvas at once, the counts soon. */
  #refresh() {
    const { answer } = this;
    if (answer) {
      const look = this.lookOfAnswer(answer);
      this.rows = shownOf(answer.candidates, look.names, this.controls.thresholds);
      this.stage.paint(this.rows, look, answer);
    } else if (this.rows.length > 0) {
      this.rows = [];
      this.stage.paint(this.rows, NO_LOOK, { width: 1, height: 1 });
    }
    const boxes = String(this.mode === "gallery" ? this.gallery.boxes : this.rows.length);
    if (this.root.dataset.boxes !== boxes) this.root.dataset.boxes = boxes;
    this.counts.soon();
  }
}

function noModel() {
  return emptyState(
    { symbol: "spark", title: "No model yet", text: "Train one first, or import one; it appears here as soon as it is there." },
    wordButton("Go to Train", () => studio.navigate("train"), { primary: true }),
    wordButton("Import a model", () => studio.navigate("models")),
  );
}
