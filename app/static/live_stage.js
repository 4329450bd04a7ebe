// @ts-check
/** Where the Live screen shows a picture or a moving one, with one canvas of boxes over it. */

import { iconButton, wordButton } from "./buttons.js";
import { drawDetections, NO_LOOK } from "./detection_overlay.js";
import { html, setText } from "./elements.js";
import { icon } from "./icons.js";

/** @typedef {import("./detection_overlay.js").Look} Look */
/** @typedef {import("./records.js").Candidate} Candidate */

const ONE = { width: 1, height: 1 };

export class LiveStage {
  /** @type {HTMLImageElement | HTMLVideoElement | null} */
  #shown = null;
  #mirrored = false;
  /** @type {readonly Candidate[]} */
  #rows = [];
  #look = NO_LOOK;
  #size = ONE;
  #again = () => {};

  /** @param {() => void} onUndecodable the browser cannot show the picture */
  constructor(onUndecodable) {
    this.picture = html("img", { class: "st-media", alt: "The photograph" });
    this.picture.addEventListener("error", () => {
      if (!this.picture.getAttribute("src")) return;
      this.picture.dataset.broken = "true";
      this.layOut();
      onUndecodable();
    });
    this.canvas = html("canvas", { class: "st-detections", role: "img", "aria-label": "Detections" });
    this.media = html("div", { class: "st-media-frame", hidden: true }, this.canvas);
    this.hint = html(
      "div",
      { class: "st-live-hint" },
      icon("photo"),
      html("p", {}, "Drop photographs or a video here, paste a picture, or start the webcam."),
      html("p", { class: "st-note" }, "Nothing of it is kept unless you send it to Label."),
    );
    this.words = html("span");
    this.retry = wordButton("Try again", () => this.#again(), { small: true });
    this.problem = html(
      "div",
      { class: "st-live-problem", role: "alert", hidden: true },
      icon("warning"),
      this.words,
      this.retry,
      iconButton("close", "Dismiss", () => (this.problem.hidden = true)),
    );
    this.hud = html("div", { class: "st-live-hud", "aria-hidden": "true", hidden: true });
    this.stage = html("div", { class: "st-live-stage" }, this.media, this.hint, this.hud, this.problem);
    this.node = html("div", { class: "st-live-frame" }, this.stage);
    new ResizeObserver(() => this.layOut()).observe(this.stage);
    this.picture.addEventListener("load", () => this.layOut());
  }

  /** @param {Blob} photo */
  showPicture(photo) {
    URL.revokeObjectURL(this.picture.src);
    this.picture.src = URL.createObjectURL(photo);
    this.#show(this.picture);
  }

  /** @param {HTMLVideoElement} video */
  showVideo(video) {
    video.classList.add("st-media");
    for (const type of /** @type {const} */ (["loadedmetadata", "resize"])) video.addEventListener(type, this.layOut); // the webcam's comes again
    this.#show(video);
  }

  /** Show nothing but the invitation. */
  clear() {
    if (this.#shown === this.picture) {
      URL.revokeObjectURL(this.picture.src);
      this.picture.removeAttribute("src");
    }
    this.#shown?.remove();
    this.#shown = null;
    this.media.hidden = true;
    this.hint.hidden = false;
    this.mirror(false);
    this.paint([], NO_LOOK, ONE);
  }

  /** @param {HTMLImageElement | HTMLVideoElement} shown */
  #show(shown) {
    if (this.#shown !== shown) this.#shown?.remove();
    delete this.picture.dataset.broken;
    this.#shown = shown;
    this.media.prepend(shown);
    this.media.hidden = false;
    this.hint.hidden = true;
    this.layOut();
  }

  /** What is on the stage, for a picture of it. */
  get shown() {
    return this.#shown;
  }

  /** @param {boolean} mirrored */
  mirror(mirrored) {
    this.#mirrored = mirrored;
    this.#shown?.classList.toggle("st-mirrored", mirrored);
    this.repaint();
  }

  /** @param {readonly Candidate[]} rows best first @param {Look} look @param {{width: number, height: number}} size */
  paint(rows, look, size) {
    this.#rows = rows;
    this.#look = look;
    this.#size = size;
    if (this.picture.dataset.broken) this.layOut();
    else this.repaint();
  }

  repaint() {
    drawDetections(this.canvas, this.#rows, this.#look, this.#size, { mirrored: this.#mirrored });
  }

  /** Make the picture as large as the stage allows at its proportions; the model knows those of one that is not shown. */
  layOut = () => {
    const shown = this.#shown;
    if (!shown) return;
    const { width, height } = shown instanceof HTMLVideoElement ? { width: shown.videoWidth, height: shown.videoHeight } : this.#pictureSize();
    const { clientWidth, clientHeight } = this.stage;
    if (!width || !height || !clientWidth || !clientHeight) return;
    const scale = Math.min(clientWidth / width, clientHeight / height);
    Object.assign(this.media.style, { width: `${width * scale}px`, height: `${height * scale}px` });
    this.repaint();
  };

  #pictureSize() {
    const { naturalWidth: width, naturalHeight: height, dataset } = this.picture;
    return dataset.broken ? this.#size : { width, height };
  }

  /**
   * @param {string} sentence "" takes the message away
   * @param {(() => void) | null} [again] what a button does about it
   */
  complain(sentence, again = null) {
    this.problem.hidden = sentence === "";
    if (sentence === "") return;
    setText(this.words, sentence);
    this.retry.hidden = again === null;
    this.#again = () => {
      this.problem.hidden = true;
      again?.();
    };
  }

  /** Words that stay in sight where the panel is not, in full screen. @param {string} words */
  tell(words) {
    setText(this.hud, words);
    this.hud.hidden = words === "";
  }

  toggleFullScreen() {
    if (document.fullscreenElement === this.node) document.exitFullscreen();
    else this.node.requestFullscreen().catch(() => {});
  }
}
