// @ts-check
/** The webcam on the Live screen: which camera, how large, mirrored, and paused. */

import { messageOf } from "./api.js";
import { wordButton } from "./buttons.js";
import { Camera, longestFor } from "./camera.js";
import { html, setText } from "./elements.js";

const SIZES = /** @type {const} */ ([
  [640, 480],
  [1280, 720],
  [1920, 1080],
]);

export class LiveWebcam {
  paused = false;

  /**
   * @param {object} events
   * @param {(taken?: number) => void} events.onFrame
   * @param {() => void} events.onStart the video shows the camera from now on
   * @param {() => void} events.onStop
   * @param {() => void} events.onMirror
   * @param {(sentence: string, again: () => void) => void} events.onProblem
   */
  constructor({ onFrame, onStart, onStop, onMirror, onProblem }) {
    this.onStart = onStart;
    this.onStop = onStop;
    this.onProblem = onProblem;
    this.video = html("video", { muted: true, playsinline: true, "aria-label": "The webcam" });
    this.video.muted = true;
    this.camera = new Camera(
      this.video,
      (taken) => !this.paused && onFrame(taken),
      () => this.#lost(),
    );
    this.button = wordButton("Start webcam", () => (this.running ? this.stop() : this.start()), { symbol: "camera" });
    this.pauseButton = wordButton("Pause", () => this.#pause(!this.paused), { symbol: "pause" });
    this.pauseButton.setAttribute("aria-pressed", "false");
    this.cameras = html("select", { class: "st-select", "aria-label": "Camera", hidden: true, onchange: () => this.start() });
    this.sizes = html(
      "select",
      { class: "st-select", "aria-label": "Camera picture size", onchange: () => this.start() },
      ...SIZES.map(([width, height]) => html("option", { value: `${width}x${height}` }, `${width} × ${height}`)),
    );
    this.sizes.value = "1280x720";
    this.mirrorBox = html("input", { type: "checkbox", class: "st-check", checked: true, onchange: onMirror });
    this.mirror = html("label", { class: "st-choice" }, this.mirrorBox, "Mirror");
    this.controls = html("div", { class: "st-live-group", hidden: true }, this.pauseButton, this.cameras, this.sizes, this.mirror);
    navigator.mediaDevices?.addEventListener?.("devicechange", () => this.running && this.#listCameras());
  }

  get running() {
    return this.camera.running;
  }

  get mirrored() {
    return this.mirrorBox.checked;
  }

  /** Open the camera that is chosen, at the size that is chosen. */
  async start() {
    const [width, height] = this.sizes.value.split("x").map(Number);
    const wanted = this.cameras.value;
    this.#enable(false);
    setText(/** @type {Element} */ (this.button.lastChild), "Opening the camera…"); // the browser may be asking the person
    try {
      if (this.running) this.camera.stop();
      await this.camera.start({ width: { ideal: width }, height: { ideal: height }, ...(wanted ? { deviceId: { exact: wanted } } : {}) });
      if (!this.running) return;
      this.#pause(false);
      this.#show();
      this.onStart();
      await this.#listCameras();
    } catch (error) {
      if (wanted) this.cameras.value = ""; // it may be gone: the next try takes any
      this.stop();
      this.onProblem(messageOf(error), () => this.start());
    } finally {
      this.#enable(true);
      this.#show();
    }
  }

  stop() {
    const ran = this.running || !this.controls.hidden;
    this.camera.stop();
    this.#pause(false);
    this.#show();
    if (ran) this.onStop();
  }

  /** The frame as the detector is shown it. @param {number} inputSize of its network */
  grab(inputSize) {
    return this.camera.grab({ longest: longestFor(this.video, inputSize) });
  }

  #lost() {
    this.stop();
    this.onProblem("The camera went away. Connect it again, then start it.", () => this.start());
  }

  /** @param {boolean} paused */
  #pause(paused) {
    if (paused !== this.paused && this.running) paused ? this.video.pause() : this.video.play().catch(() => {});
    this.paused = paused;
    setText(/** @type {Element} */ (this.pauseButton.lastChild), paused ? "Go on" : "Pause");
    this.pauseButton.setAttribute("aria-pressed", String(paused));
  }

  #show() {
    setText(/** @type {Element} */ (this.button.lastChild), this.running ? "Stop webcam" : "Start webcam");
    this.controls.hidden = !this.running;
  }

  /** @param {boolean} able */
  #enable(able) {
    for (const part of [this.button, this.pauseButton, this.cameras, this.sizes]) part.disabled = !able;
  }

  /** Names of cameras are told only once one of them was allowed. */
  async #listCameras() {
    const devices = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === "videoinput");
    this.cameras.replaceChildren(...devices.map(({ deviceId, label }, index) => html("option", { value: deviceId }, label || `Camera ${index + 1}`)));
    this.cameras.value = this.camera.deviceId;
    this.cameras.hidden = devices.length < 2;
  }
}
