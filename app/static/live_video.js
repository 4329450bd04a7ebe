// @ts-check
/** A video file on the Live screen: played by the browser, with a bar to stop, seek, and step by frame. */

import { iconButton } from "./buttons.js";
import { FrameCopy, longestFor, onNextFrame } from "./camera.js";
import { html, setAttributes, setText } from "./elements.js";
import { icon } from "./icons.js";
import { VideoFrames } from "./video_frames.js";

/** Frames a second where they cannot be measured. */
const USUAL_RATE = 30;

export class LiveVideo {
  /** @type {VideoFrames | null} */
  #frames = null;
  #copy = new FrameCopy();
  /** @type {Promise<number> | null} frames a second, once somebody steps: browsers do not tell */
  #rate = null;
  #time = 0;
  /** When the frame in sight begins, in seconds. */
  #began = 0;

  /** @param {{onFrame: () => void}} events `onFrame`: another frame is shown, while it plays and after each seek */
  constructor({ onFrame }) {
    this.onFrame = onFrame;
    this.play = iconButton("play", "Play", () => this.toggle());
    this.back = iconButton("back", "One frame back", () => this.step(-1));
    this.forward = iconButton("forward", "One frame on", () => this.step(1));
    this.place = html("input", { type: "range", class: "st-range", "aria-label": "Place in the video", min: 0, max: 1, step: "any", value: 0 });
    this.place.addEventListener("input", () => this.#seek(this.place.valueAsNumber));
    this.time = html("span", { class: "st-live-time" });
    this.bar = html("div", { class: "st-live-transport", role: "group", "aria-label": "Video", hidden: true }, this.play, this.back, this.forward, this.place, this.time);
  }

  get video() {
    return this.#frames?.video ?? null;
  }

  get playing() {
    return this.#frames !== null && !this.#frames.video.paused;
  }

  /**
   * Open a file; its first frame is shown.
   * @param {File} file
   * @param {(video: HTMLVideoElement) => void} onReady
   * @throws {import("./video_frames.js").VideoError}
   */
  async open(file, onReady) {
    this.close();
    const frames = new VideoFrames(file);
    this.#frames = frames;
    frames.video.setAttribute("aria-label", `The video ${file.name}`);
    try {
      await frames.open();
    } catch (error) {
      if (this.#frames !== frames) return;
      this.close();
      throw error;
    }
    if (this.#frames !== frames) return frames.close();
    this.#rate = null;
    this.#began = 0;
    this.place.max = String(frames.duration);
    for (const type of /** @type {const} */ (["play", "pause", "ended"])) frames.video.addEventListener(type, () => this.#showState());
    frames.video.addEventListener("pause", () => this.#moved(frames, this.#time)); // what stays in sight is asked about for sure
    frames.video.addEventListener("seeked", () => this.#moved(frames, frames.video.currentTime));
    this.bar.hidden = false;
    onReady(frames.video);
    // Where the button that opened it still has the focus, Space would ask for another file.
    this.play.focus({ preventScroll: true });
    this.#watch(frames);
    this.#moved(frames, 0);
    this.#showState();
  }

  close() {
    const frames = this.#frames;
    this.#frames = null;
    this.bar.hidden = true;
    frames?.video.pause();
    frames?.close();
  }

  pause() {
    this.#frames?.video.pause();
  }

  toggle() {
    const video = this.#frames?.video;
    if (!video) return;
    if (video.paused) video.play().catch(() => {});
    else video.pause();
  }

  /** @param {number} count frames to go on; negative: back */
  async step(count) {
    const frames = this.#frames;
    if (!frames) return;
    this.pause();
    const rate = await (this.#rate ??= rateOf(frames.file));
    if (this.#frames !== frames) return;
    // To the middle of a frame, which is never mistaken for its neighbour; from that of one that is on its way, if any.
    const { currentTime } = frames.video;
    const inSight = currentTime >= this.#began && currentTime < this.#began + 1 / rate;
    this.#seek((inSight ? this.#began + 0.5 / rate : currentTime) + count / rate);
  }

  /** The frame as the detector is shown it. @param {number} inputSize of its network */
  async grab(inputSize) {
    const video = this.#frames?.video;
    return video ? this.#copy.jpeg(video, longestFor(video, inputSize)) : null;
  }

  /** Where it is, in seconds. */
  get seconds() {
    return this.#time;
  }

  /** @param {number} seconds */
  #seek(seconds) {
    const frames = this.#frames;
    if (frames) frames.video.currentTime = Math.min(Math.max(0, seconds), Math.max(0, frames.duration - 0.001));
  }

  /** @param {VideoFrames} frames */
  #watch(frames) {
    onNextFrame(frames.video, (_, shown) => {
      if (this.#frames !== frames) return;
      this.#began = shown?.mediaTime ?? frames.video.currentTime;
      this.#moved(frames, this.#began);
      this.#watch(frames);
    });
  }

  /** @param {VideoFrames} frames @param {number} time */
  #moved(frames, time) {
    if (this.#frames !== frames) return;
    this.#time = time;
    this.place.valueAsNumber = time;
    this.place.style.setProperty("--st-share", `${(100 * time) / frames.duration}%`);
    setText(this.time, `${clock(time)} / ${clock(frames.duration)}`);
    this.onFrame();
  }

  #showState() {
    const { playing } = this;
    setAttributes(this.play, { "aria-label": playing ? "Stop here" : "Play", title: playing ? "Stop here" : "Play" });
    this.play.replaceChildren(icon(playing ? "pause" : "play"));
  }
}

/** Frames a second of a file, measured beside the one in sight, which stays where it is. @param {File} file */
async function rateOf(file) {
  const frames = new VideoFrames(file);
  try {
    await frames.open();
    return (await frames.framesPerSecond()) ?? USUAL_RATE;
  } catch {
    return USUAL_RATE;
  } finally {
    frames.close();
  }
}

/** @param {number} seconds @returns {string} 1:02.3 */
export function clock(seconds) {
  const tenths = Math.floor(seconds * 10 + 1e-6);
  return `${Math.floor(tenths / 600)}:${String(Math.floor(tenths / 10) % 60).padStart(2, "0")}.${tenths % 10}`;
}
