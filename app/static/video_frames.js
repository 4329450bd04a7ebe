// @ts-check
/** A video file decoded by the browser itself: its length, and the frame at any moment. */

import { framesPerSecond, GREY_HEIGHT, GREY_WIDTH, greyOf } from "./frame_choice.js";

const QUALITY = 0.92;
/** A moment after every video's end: going there makes a browser find out how long a recording is. */
const FAR_AWAY = 1e9;
/** How long a browser may take for one frame before it counts as stuck. */
const PATIENCE = 20_000;
/** Looks at a first frame that does not come, a hundredth of a second apart, before it is taken for empty. */
const LOOKS = 100;

/** A video that cannot be read; its message is a sentence for the user. */
export class VideoError extends Error {}

export class VideoFrames {
  #canvas = document.createElement("canvas");
  #small = document.createElement("canvas");

  /** @param {File} file */
  constructor(file) {
    this.file = file;
    this.url = URL.createObjectURL(file);
    this.video = document.createElement("video");
    this.video.muted = true;
    this.video.playsInline = true;
    this.video.preload = "auto";
    this.#small.width = GREY_WIDTH;
    this.#small.height = GREY_HEIGHT;
    this.duration = 0;
  }

  /**
   * Read the file's head, and its first frame.
   * @throws {VideoError}
   */
  async open() {
    const ready = this.#event("loadeddata");
    this.video.src = this.url;
    await ready;
    if (!Number.isFinite(this.video.duration)) {
      const there = this.#event("seeked");
      this.video.currentTime = FAR_AWAY;
      await there;
    }
    this.duration = Number.isFinite(this.video.duration) ? this.video.duration : this.video.currentTime;
    if (!(this.duration > 0) || this.video.videoWidth === 0) throw new VideoError(undecodable(this.file.name));
    await this.seek(0);
    await this.#drawable();
  }

  get size() {
    return { width: this.video.videoWidth, height: this.video.videoHeight };
  }

  /**
   * Show the frame of a moment.
   * @param {number} seconds
   * @throws {VideoError}
   */
  async seek(seconds) {
    const goal = Math.min(seconds, Math.max(0, this.duration - 0.001));
    if (this.video.currentTime === goal && this.video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && !this.video.seeking) return;
    const there = this.#event("seeked");
    this.video.currentTime = goal;
    await there;
    if (this.video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) await this.#event("canplay");
  }

  /** The frame that is shown, small and grey. */
  grey() {
    return greyOf(this.#pixels());
  }

  /** The frame that is shown, small; all zeros where there is none. */
  #pixels() {
    const context = /** @type {CanvasRenderingContext2D} */ (this.#small.getContext("2d", { willReadFrequently: true }));
    context.clearRect(0, 0, GREY_WIDTH, GREY_HEIGHT);
    context.drawImage(this.video, 0, 0, GREY_WIDTH, GREY_HEIGHT);
    return context.getImageData(0, 0, GREY_WIDTH, GREY_HEIGHT).data;
  }

  /** Wait for the first frame: a busy browser tells of it before it can draw it, and nothing when it can. */
  async #drawable() {
    for (let look = 0; look < LOOKS && !this.#pixels().some(Boolean); look += 1) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /**
   * The frame that is shown, in the video's own size.
   * @returns {Promise<Blob>} a JPEG
   */
  async jpeg() {
    const { width, height } = this.size;
    this.#canvas.width = width;
    this.#canvas.height = height;
    this.#canvas.getContext("2d")?.drawImage(this.video, 0, 0, width, height);
    const blob = await new Promise((/** @type {(blob: Blob | null) => void} */ resolve) => this.#canvas.toBlob(resolve, "image/jpeg", QUALITY));
    if (!blob) throw new VideoError(`This browser could not make a picture of ${width} × ${height} pixels. Close other tabs, then try again.`);
    return blob;
  }

  /**
   * Frames in a second, measured on the first second: browsers do not tell it.
   * @returns {Promise<number | null>} null where a browser does not let it be measured
   */
  async framesPerSecond() {
    if (!("requestVideoFrameCallback" in this.video)) return null;
    /** @type {number[]} */
    const times = [];
    await this.seek(0);
    await this.video.play().catch(() => {});
    await new Promise((/** @type {(done?: void) => void} */ resolve) => {
      const enough = setTimeout(resolve, 1500);
      const look = (/** @type {number} */ _, /** @type {{mediaTime: number}} */ { mediaTime }) => {
        times.push(mediaTime);
        if (times.length < 16 && !this.video.ended) return this.video.requestVideoFrameCallback(look);
        clearTimeout(enough);
        resolve();
      };
      this.video.requestVideoFrameCallback(look);
    });
    this.video.pause();
    return framesPerSecond(times);
  }

  close() {
    this.video.removeAttribute("src");
    this.video.load();
    URL.revokeObjectURL(this.url);
  }

  /** @param {"loadeddata" | "seeked" | "canplay"} type @returns {Promise<void>} */
  #event(type) {
    return new Promise((resolve, reject) => {
      const end = new AbortController();
      const fail = (/** @type {string} */ message) => {
        end.abort();
        reject(new VideoError(message));
      };
      const late = setTimeout(() => fail(`The browser is stuck in ${this.file.name}. The file may be damaged there; convert it to MP4 (H.264) or WebM.`), PATIENCE);
      end.signal.addEventListener("abort", () => clearTimeout(late));
      this.video.addEventListener(type, () => (end.abort(), resolve()), { signal: end.signal });
      this.video.addEventListener("error", () => fail(undecodable(this.file.name)), { signal: end.signal });
    });
  }
}

/** @param {string} name */
function undecodable(name) {
  return `This browser cannot decode ${name}. Convert it to MP4 (H.264) or WebM, or open the studio in another browser.`;
}
