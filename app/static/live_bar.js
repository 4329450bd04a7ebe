// @ts-check
/** What can be done on the Live screen: choosing what to look at, keeping what is seen, and sending it to Label. */

import { messageOf } from "./api.js";
import { iconButton, wordButton } from "./buttons.js";
import { counted } from "./count_words.js";
import { carriesFiles, chosenFiles, droppedFiles, isPicture, isVideo } from "./dropped_files.js";
import { html, setText } from "./elements.js";
import { frameName } from "./frame_choice.js";
import { detectionsShape, save, stemOf } from "./live_files.js";
import { annotated, frameOf } from "./live_pictures.js";
import { shownOf } from "./live_thresholds.js";
import { LEAST_SUGGESTED, sendToLabel } from "./live_to_label.js";
import { attachMenu } from "./menu.js";
import { studio } from "./store.js";
import { toast } from "./toast.js";
import { shotName } from "./webcam_dialog.js";

/** @typedef {"none" | "photo" | "gallery" | "webcam" | "video"} Mode */
/** @typedef {import("./dropped_files.js").Dropped["incoming"]} Files */

/** What has a use of its own for arrows. */
const TYPING = "input, select, textarea, dialog, [role=tab], [popover]";

/**
 * What the bar needs of its screen.
 * @typedef {object} Screen
 * @property {HTMLElement} root
 * @property {HTMLElement} [body]
 * @property {HTMLElement} [message] what stands instead of the body, if anything
 * @property {Mode} mode
 * @property {{file: Blob, name: string} | null} photo
 * @property {File | null} videoFile
 * @property {import("./records.js").CandidatesRecord | null} answer
 * @property {import("./records.js").Candidate[]} rows
 * @property {import("./live_stage.js").LiveStage} stage
 * @property {import("./live_webcam.js").LiveWebcam} webcam
 * @property {import("./live_video.js").LiveVideo} video
 * @property {import("./live_gallery.js").LiveGallery} gallery
 * @property {import("./live_asking.js").LiveAsking} asking
 * @property {import("./live_controls.js").LiveControls} controls
 * @property {(answer: import("./records.js").CandidatesRecord) => import("./detection_overlay.js").Look} lookOfAnswer
 * @property {(pictures: Files) => void} showPictures
 * @property {(photo: Blob, name: string) => void} showPhoto
 * @property {(file: File) => void} showVideo
 * @property {() => void} processVideo
 * @property {() => void} backToGallery
 * @property {() => void} closeAll
 */

export class LiveBar {
  /** @type {Files[]} dropped, chosen or pasted, one after the other, while there was no model to ask, for one because they were still being read */
  early = [];

  /** @param {Screen} screen */
  constructor(screen) {
    this.screen = screen;
    this.file = html("input", { type: "file", accept: "image/*,video/*", multiple: true, hidden: true, class: "st-live-file", "aria-label": "Photographs or a video" });
    this.file.addEventListener("change", () => {
      const chosen = chosenFiles(this.file.files);
      this.file.value = "";
      this.open(chosen);
    });
    this.backButton = wordButton("All photographs", () => screen.backToGallery(), { symbol: "back" });
    this.shot = wordButton("Snapshot", () => {}, { symbol: "download" });
    const menu = attachMenu(this.shot, () => [
      { label: "Picture with boxes (PNG)", note: "As large as the source", run: () => this.#snapshot("png") },
      { label: "Detections (JSON)", note: "Classes, scores and boxes in pixels", run: () => this.#snapshot("json") },
    ]);
    this.label = wordButton("Send to Label", () => this.#sendToLabel(), { symbol: "pencil" });
    this.whole = wordButton("Process whole video", () => screen.processVideo(), { symbol: "film" });
    this.close = iconButton("close", "Take everything away", () => screen.closeAll());
    this.full = iconButton("fit", "Full screen", () => screen.stage.toggleFullScreen());
    this.keep = html("div", { class: "st-live-group st-live-keep" }, menu, this.label, this.whole, this.full);
    this.node = html(
      "div",
      { class: "st-bar st-live-bar" },
      wordButton("Open pictures or a video", () => this.file.click(), { symbol: "upload", primary: true }),
      screen.webcam.button,
      this.close,
      this.backButton,
      screen.webcam.controls,
      this.keep,
      this.file,
    );
  }

  /** Show what makes sense for what is looked at. */
  show() {
    const { mode, gallery } = this.screen;
    this.backButton.hidden = (mode !== "photo" && mode !== "video") || gallery.cards.length === 0;
    this.keep.hidden = mode === "none" || mode === "gallery";
    this.close.hidden = mode === "none" || mode === "webcam";
    this.whole.hidden = mode !== "video";
    this.full.hidden = !document.fullscreenEnabled;
  }

  /** @param {import("./lifecycle.js").Life} life */
  listen(life) {
    const { root } = this.screen;
    life.listen(document, "paste", (event) => life.visible && this.#paste(event));
    root.addEventListener("dragover", (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      root.classList.add("st-dropping");
    });
    root.addEventListener("dragleave", (event) => event.relatedTarget instanceof Node && root.contains(event.relatedTarget) || root.classList.remove("st-dropping"));
    root.addEventListener("drop", async (event) => {
      root.classList.remove("st-dropping");
      if (!event.dataTransfer || !carriesFiles(event)) return;
      event.preventDefault();
      const { incoming, unreadable } = await droppedFiles(event.dataTransfer);
      if (unreadable.length > 0) toast(`${unreadable[0].file}: ${unreadable[0].problem}`, { kind: "error" });
      this.open(incoming);
    });
    life.listen(document, "keydown", (event) => life.visible && this.#key(event));
  }

  /** @param {Files} files */
  open(files) {
    if (files.length === 0) return;
    if (this.screen.body?.hidden) {
      this.early.push(files);
      if (this.screen.message?.hasChildNodes()) toast(`${counted(files.length, "file")} kept until there is a model to look at ${files.length === 1 ? "it" : "them"}.`);
      return;
    }
    const pictures = files.filter(isPicture);
    const videos = files.filter(isVideo);
    if (pictures.length > 0) this.screen.showPictures(pictures);
    else if (videos.length > 0) this.screen.showVideo(videos[0].file);
    else toast("There is no picture and no video in what was chosen.");
    const left = videos.length - Number(pictures.length === 0);
    if (left > 0) toast(`${counted(left, "video")} left out: open one at a time, without pictures.`);
  }

  /** @param {ClipboardEvent} event */
  #paste(event) {
    const pasted = [...(event.clipboardData?.files ?? [])].filter(({ type }) => type.startsWith("image/"));
    if (pasted.length === 0) return;
    event.preventDefault();
    this.open(pasted.map((file) => ({ file, path: file.name })));
  }

  /** Keys of a video, where nothing else wants them. @param {KeyboardEvent} event */
  #key(event) {
    const { video, mode } = this.screen;
    if (mode !== "video" || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const taken = event.key === " " ? `${TYPING}, button, summary` : TYPING;
    if (event.target instanceof Element && event.target.closest(taken)) return;
    const act = { " ": () => video.toggle(), ArrowLeft: () => video.step(-1), ArrowRight: () => video.step(1) }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  /** A name for what is seen now, with the ending of a JPEG where it is a frame. */
  #name() {
    const { mode, photo, videoFile, video } = this.screen;
    if (mode === "photo") return photo?.name ?? "picture.jpg";
    if (mode === "video") return frameName(videoFile?.name ?? "", video.seconds);
    return shotName(new Date());
  }

  /** What is seen now as a file: the photograph itself, or the frame in its own size. */
  async #seen() {
    const { mode, photo, stage } = this.screen;
    if (mode === "photo" && photo) return photo.file;
    const { shown } = stage;
    if (!(shown instanceof HTMLVideoElement) || !shown.videoWidth) throw new Error("There is no picture yet. Wait for the first one.");
    return frameOf(shown);
  }

  /** What is seen now, to be kept, and what the model found on it. */
  async #kept() {
    const { mode, asking, lookOfAnswer } = this.screen;
    const name = this.#name();
    const picture = await this.#seen();
    // Boxes that are in sight belong to a frame of a moment ago: a frame that is kept gets its own.
    const answer = mode === "photo" ? this.screen.answer : await asking.photograph(picture);
    if (!answer) throw new Error("The model has not answered yet. Wait a moment.");
    return { name, picture, answer, look: lookOfAnswer.call(this.screen, answer) };
  }

  /** @param {"png" | "json"} kind */
  async #snapshot(kind) {
    try {
      const { name, picture, answer, look } = await this.#kept();
      const rows = shownOf(answer.candidates, look.names, this.screen.controls.thresholds);
      if (kind === "json") {
        const shape = { model: answer.model, ...detectionsShape({ image: name, width: answer.width, height: answer.height, classes: look.names, rows }) };
        return save(new Blob([`${JSON.stringify(shape, null, 1)}\n`], { type: "application/json" }), `${stemOf(name)}.json`);
      }
      const source = await createImageBitmap(picture).catch(() => {
        throw new Error(`This browser cannot decode ${name}, so it cannot draw on it. The detections as JSON are there all the same.`);
      });
      const size = { width: source.width, height: source.height };
      save(await annotated(source, size, rows, look, "image/png", answer), `${stemOf(name)}-boxes.png`);
      source.close();
    } catch (error) {
      toast(messageOf(error), { kind: "error" });
    }
  }

  async #sendToLabel() {
    const { project } = studio;
    if (project === null) return;
    this.label.disabled = true;
    setText(/** @type {Element} */ (this.label.lastChild), "Sending…");
    try {
      const { name, picture, answer, look } = await this.#kept();
      const { width, height, model = this.screen.controls.model.value } = answer;
      // Label has a slider of its own, so that what is just below the one here is not lost; one thing is suggested once.
      const rows = shownOf(answer.candidates, look.names, { ...this.screen.controls.thresholds, score: LEAST_SUGGESTED, classScores: {}, agnostic: true });
      const seen = detectionsShape({ image: name, width, height, classes: look.names, rows });
      const { imageId, suggested } = await sendToLabel(project, picture, name, { ...seen, model });
      const words = suggested > 0 ? "in the project, with what the model found as suggestions" : "in the project; the model found nothing new on it";
      const action = { label: "Open in Label", run: () => studio.openImage(imageId) };
      toast(`${name} is ${words}.`, { action, seconds: 12 });
    } catch (error) {
      toast(messageOf(error), { kind: "error" });
    } finally {
      this.label.disabled = false;
      setText(/** @type {Element} */ (this.label.lastChild), "Send to Label");
    }
  }
}
