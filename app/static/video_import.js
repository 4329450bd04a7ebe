// @ts-check
/** Photographs from a video: which frames, how many that makes, and their upload. */

import { messageOf } from "./api.js";
import { counted, grouped } from "./count_words.js";
import { openDialog } from "./dialog.js";
import { html, setText } from "./elements.js";
import { differentFrames, frameName, frameTimes } from "./frame_choice.js";
import { studio } from "./store.js";
import { toast } from "./toast.js";
import { emptyReport, joined, upload } from "./upload.js";
import { reportSentence } from "./upload_words.js";
import { VideoFrames } from "./video_frames.js";

/** Frames that are decoded, sent and forgotten together. */
const AT_ONCE = 8;
/** The most moments that a search for differences looks at. */
const MOST_LOOKS = 2400;
const SHORTEST_STEP = 0.25;

/**
 * Open the choice of frames.
 * @param {number} project
 * @param {File} file
 * @param {() => void} [onClose] the dialog is away
 */
export function openVideoImport(project, file, onClose) {
  return new VideoImport(project, file, onClose);
}

class VideoImport {
  /** Small grey copies at even steps, once they were made. @type {Uint8Array[]} */
  #greys = [];
  #step = SHORTEST_STEP;
  /** @type {number | null} */
  #fps = null;
  #work = new AbortController();
  #ready = false;

  /** @param {number} project @param {File} file @param {() => void} [onClose] */
  constructor(project, file, onClose) {
    this.project = project;
    this.file = file;
    this.frames = new VideoFrames(file);
    this.facts = html("p", { class: "st-note" }, "Opening the video…");
    this.stage = html("div", { class: "st-video-stage" }, this.frames.video);
    this.seconds = number({ min: 0.1, max: 3600, step: 0.1, value: 1, "aria-label": "Seconds between frames" }, () => this.#draw());
    this.nth = number({ min: 1, max: 10_000, step: 1, value: 10, "aria-label": "Frames from one to the next" }, () => this.#draw());
    this.threshold = html("input", { type: "range", class: "st-range-input", min: 1, max: 30, step: 0.5, value: 6, "aria-label": "How different", oninput: () => this.#draw() });
    this.thresholdWords = html("output", {});
    this.modes = html(
      "fieldset",
      { class: "st-video-modes" },
      html("legend", {}, "Which frames"),
      this.#mode("seconds", true, html("span", {}, "Every"), this.seconds, html("span", {}, "seconds")),
      this.#mode("frames", false, html("span", {}, "Every"), this.nth, html("span", {}, "frames")),
      this.#mode("different", false, html("span", {}, "When the picture differs by"), html("span", { class: "st-video-threshold" }, this.threshold, this.thresholdWords)),
    );
    this.count = html("p", { class: "st-video-count", role: "status" });
    this.bar = html("progress", { class: "st-progress", max: 1, value: 0, hidden: true, "aria-label": "Frames" });
    this.modes.disabled = true;
    this.dialog = openDialog({
      title: `Photographs from ${file.name}`,
      wide: true,
      body: [this.stage, this.facts, this.modes, this.count, this.bar],
      actions: [{ label: "Add frames", primary: true, disabled: true, run: () => this.#add() }],
      onClose: () => {
        this.#work.abort();
        this.frames.close();
        onClose?.();
      },
    });
    this.#open();
  }

  /** @param {string} value @param {boolean} checked @param {...Node} words */
  #mode(value, checked, ...words) {
    const radio = html("input", { type: "radio", class: "st-radio", name: "st-video-mode", value, checked, onchange: () => this.#draw() });
    return html("label", { class: "st-video-mode" }, radio, ...words);
  }

  get #chosen() {
    const radio = /** @type {HTMLInputElement | null} */ (this.modes.querySelector("input[type=radio]:checked"));
    return radio?.value ?? "seconds";
  }

  async #open() {
    try {
      await this.frames.open();
    } catch (error) {
      if (!this.dialog.node.open) return;
      this.stage.hidden = this.modes.hidden = true;
      setText(this.facts, "");
      return this.dialog.complain(messageOf(error));
    }
    const { width, height } = this.frames.size;
    setText(this.facts, `${clock(this.frames.duration)} long, ${width} × ${height} pixels. The video itself is not uploaded.`);
    this.#step = Math.max(SHORTEST_STEP, this.frames.duration / MOST_LOOKS);
    this.#ready = true;
    this.modes.disabled = false;
    this.#draw();
  }

  /** The moments that are chosen now; null while it is not known. @returns {number[] | null} */
  get #times() {
    const { duration } = this.frames;
    if (this.#chosen === "seconds") return frameTimes(duration, Number(this.seconds.value));
    if (this.#chosen === "frames") return this.#fps === null ? null : frameTimes(duration, Math.max(1, Math.round(Number(this.nth.value))) / this.#fps);
    if (this.#greys.length === 0) return null;
    return differentFrames(this.#greys, Number(this.threshold.value)).map((index) => index * this.#step);
  }

  #draw() {
    if (!this.#ready) return;
    setText(this.thresholdWords, `${this.threshold.value} %`);
    const times = this.#times;
    const [button] = this.dialog.buttons;
    button.disabled = !times || times.length === 0;
    const words = times ? `${counted(times.length, "frame")}` : "";
    setText(/** @type {Element} */ (button.firstElementChild), times?.length ? `Add ${words}` : "Add frames");
    if (times) setText(this.count, times.length === 0 ? "Type a number above zero." : `That makes ${counted(times.length, "photograph")}.`);
    else this.#measure();
  }

  /** Find out what the chosen way needs to know. */
  async #measure() {
    this.modes.disabled = true;
    try {
      if (this.#chosen === "frames") await this.#measurePace();
      else await this.#look();
    } catch (error) {
      if (this.#work.signal.aborted) return;
      this.dialog.complain(messageOf(error));
    } finally {
      this.bar.hidden = true;
      this.modes.disabled = false;
    }
    if (!this.#work.signal.aborted && this.#times) this.#draw();
  }

  async #measurePace() {
    setText(this.count, "Measuring the frames per second…");
    this.#fps = (await this.frames.framesPerSecond()) ?? 25;
    setText(this.facts, `${this.facts.textContent?.replace(/ About .*$/, "")} About ${this.#fps} frames a second.`);
  }

  async #look() {
    const times = frameTimes(this.frames.duration, this.#step);
    const greys = [];
    this.bar.hidden = false;
    for (const [index, time] of times.entries()) {
      if (this.#work.signal.aborted) return;
      await this.frames.seek(time);
      greys.push(this.frames.grey());
      this.bar.value = (index + 1) / times.length;
      setText(this.count, `Looking for differences: ${clock(time)} of ${clock(this.frames.duration)}`);
    }
    this.#greys = greys;
  }

  /** Decode and send the frames, some at a time, so that a long video does not fill the memory. */
  async #add() {
    const times = this.#times ?? [];
    const { signal } = this.#work;
    this.modes.disabled = true;
    this.bar.hidden = false;
    let report = emptyReport();
    let failure = null;
    try {
      for (let at = 0; at < times.length && failure === null && !signal.aborted; at += AT_ONCE) {
        const batch = [];
        for (const time of times.slice(at, at + AT_ONCE)) {
          await this.frames.seek(time);
          const name = frameName(this.file.name, time);
          batch.push({ file: new File([await this.frames.jpeg()], name, { type: "image/jpeg" }), path: name });
          const done = at + batch.length;
          this.bar.value = done / times.length;
          setText(this.count, `${grouped(done)} of ${counted(times.length, "frame")}`);
          if (signal.aborted) break;
        }
        const sent = await upload(this.project, batch, () => {}, signal);
        report = joined(report, sent.report);
        failure = sent.failure;
      }
    } catch (error) {
      failure = messageOf(error);
    }
    if (report.added > 0) studio.changed("images");
    const stopped = signal.aborted ? "Stopped. " : "";
    if (failure !== null && !signal.aborted) {
      this.modes.disabled = false;
      this.bar.hidden = true;
      throw new Error(`${reportSentence(report)} ${failure}`);
    }
    toast(`${stopped}${reportSentence(report)}`);
  }
}

/** @param {Record<string, any>} attributes @param {() => void} oninput */
function number(attributes, oninput) {
  return html("input", { type: "number", class: "st-input st-narrow", oninput, ...attributes });
}

/** @param {number} seconds */
function clock(seconds) {
  const whole = Math.floor(seconds);
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")} min`;
}
