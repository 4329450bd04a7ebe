// @ts-check
/** The Live screen's numbers, refreshed at most four times a second: boxes of each class, the list, and the pace. */

import { NO_LOOK } from "./detection_overlay.js";
import { CountHistory } from "./live_history.js";
import { countsOf } from "./live_thresholds.js";

const EVERY_MS = 250;

/**
 * What the numbers are about.
 * @typedef {Pick<import("./live_bar.js").Screen, "root" | "mode" | "answer" | "rows" | "gallery" | "webcam" | "video" | "stage" |
 *   "controls" | "asking" | "lookOfAnswer"> & {loop: import("./frame_loop.js").FrameLoop<any>}} Counted
 */

export class LiveCounts {
  #at = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #waiting;
  #history = new CountHistory();
  #counts = new Uint16Array(0);

  /** @param {Counted} screen */
  constructor(screen) {
    this.screen = screen;
  }

  /** Something changed: at once where the last time is long ago, else as soon as may be. */
  soon() {
    const wait = this.#at + EVERY_MS - performance.now();
    if (wait <= 0) this.show();
    else this.#waiting ??= setTimeout(() => this.show(), wait);
  }

  /** Another picture, another past. */
  forget() {
    this.#history.clear();
  }

  show() {
    clearTimeout(this.#waiting);
    this.#waiting = undefined;
    this.#at = performance.now();
    const { mode, answer, rows, gallery, controls, webcam, video } = this.screen;
    if (mode === "gallery") {
      this.screen.root.dataset.boxes = String(gallery.boxes);
      return controls.classes.count(gallery.counts(controls.classes.names), null);
    }
    if (!answer) {
      controls.classes.count(null, null);
      return controls.showFound([], NO_LOOK, null);
    }
    const look = this.screen.lookOfAnswer(answer);
    if (this.#counts.length !== look.names.length) this.#counts = new Uint16Array(look.names.length);
    countsOf(rows, look.names.length, this.#counts);
    const moves = mode === "webcam" ? !webcam.paused : mode === "video" && video.playing;
    if (moves) this.#history.add(look.names, this.#counts);
    // The panel shows the chosen model's classes; while that one is loaded, the one before still answers.
    if (answer.model === controls.model.value) controls.classes.count(this.#counts, mode === "photo" ? null : this.#history);
    controls.showFound(rows, look, answer.candidates.length);
    if (mode !== "photo") this.#showPace(moves);
  }

  /** @param {boolean} moves what stands still has no pace */
  #showPace(moves) {
    const { loop, asking, controls, stage } = this.screen;
    const { framesPerSecond, milliseconds } = loop.pace();
    const words = moves && framesPerSecond > 0 ? `${framesPerSecond.toFixed(0)} frames a second, ${Math.round(milliseconds)} ms each` : "";
    if (asking.model === controls.model.value) controls.showPace(words);
    stage.tell(words);
  }
}
