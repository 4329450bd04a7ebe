// @ts-check
/** Taking photographs with a webcam: one by one or every few seconds, looked over before they are added. */

import { iconButton, wordButton } from "./buttons.js";
import { Camera } from "./camera.js";
import { messageOf } from "./api.js";
import { counted } from "./count_words.js";
import { openDialog } from "./dialog.js";
import { html, setText } from "./elements.js";
import { icon } from "./icons.js";
import { toast } from "./toast.js";
import { uploads } from "./upload_queue.js";

/** @typedef {{name: string, blob: Blob, url: string}} Shot */

/** Photographs keep the camera's own size, the way a file would. */
const SHARP = { longest: Infinity, quality: 0.92 };
const LARGE = { width: { ideal: 1920 }, height: { ideal: 1080 } };

/**
 * A photograph's name: the moment it was taken, to the hundredth of a second.
 * @param {Date} time
 * @returns {string}
 */
export function shotName(time) {
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `webcam-${day}-${two(time.getHours())}${two(time.getMinutes())}${two(time.getSeconds())}-${two(Math.floor(time.getMilliseconds() / 10))}.jpg`;
}

/**
 * Open the camera for a project.
 * @param {number} project
 */
export function openWebcam(project) {
  return new WebcamDialog(project);
}

class WebcamDialog {
  /** @type {Shot[]} */
  #shots = [];
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #burst;
  #added = false;

  /** @param {number} project */
  constructor(project) {
    this.project = project;
    this.picture = html("video", { class: "st-webcam-picture", muted: true, playsinline: true });
    this.picture.muted = true;
    this.camera = new Camera(this.picture, () => {}, () => this.#say("The camera was taken away. Connect it, then start it again."));
    this.problem = html("div", { class: "st-webcam-problem", hidden: true });
    this.flash = html("div", { class: "st-webcam-flash" });
    this.stage = html("div", { class: "st-webcam-stage" }, this.picture, this.flash, this.problem);
    this.cameras = html("select", { class: "st-select", "aria-label": "Camera", hidden: true, onchange: () => this.#start(this.cameras.value) });
    this.shutter = wordButton("Take a photograph", () => this.#shoot(), { symbol: "camera" });
    this.shutter.classList.add("st-webcam-shutter");
    this.shutter.setAttribute("aria-keyshortcuts", "Space");
    this.seconds = html("input", { type: "number", class: "st-input st-narrow", min: 0.5, max: 3600, step: 0.5, value: 2, "aria-label": "Seconds between photographs" });
    this.every = wordButton("Start a series", () => this.#toggleBurst());
    this.controls = html(
      "div",
      { class: "st-webcam-controls" },
      this.shutter,
      html("div", { class: "st-webcam-series" }, html("span", {}, "Every"), this.seconds, html("span", {}, "seconds"), this.every),
      this.cameras,
    );
    this.count = html("p", { class: "st-note", role: "status" }, "Press Space or the button. Nothing is added before you say so.");
    this.shelf = html("ul", { class: "st-shots", "aria-label": "Photographs taken" });
    this.dialog = openDialog({
      title: "Capture from webcam",
      wide: true,
      body: [this.stage, this.controls, this.count, this.shelf],
      actions: [{ label: "Add photographs", primary: true, disabled: true, run: () => this.#add() }],
      onClose: () => this.#closed(),
    });
    this.dialog.node.addEventListener("keydown", (event) => this.#key(event));
    this.dialog.node.addEventListener("keyup", (event) => event.key === " " && this.#ownsSpace(event) && event.preventDefault());
    this.#start();
  }

  /** @param {string} [deviceId] */
  async #start(deviceId) {
    this.#say(null);
    this.camera.stop();
    this.shutter.disabled = this.every.disabled = true;
    try {
      await this.camera.start({ ...LARGE, ...(deviceId ? { deviceId: { exact: deviceId } } : {}) });
      if (!this.dialog.node.open) return this.camera.stop();
      this.shutter.disabled = this.every.disabled = false;
      this.shutter.focus();
      await this.#listCameras();
    } catch (error) {
      this.#say(messageOf(error));
    }
  }

  /** Names of cameras are told only once one of them was allowed. */
  async #listCameras() {
    const devices = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === "videoinput");
    this.cameras.replaceChildren(...devices.map(({ deviceId, label }, index) => html("option", { value: deviceId }, label || `Camera ${index + 1}`)));
    this.cameras.value = this.camera.deviceId;
    this.cameras.hidden = devices.length < 2;
  }

  /** @param {string | null} sentence what is wrong with the camera */
  #say(sentence) {
    this.problem.hidden = sentence === null;
    this.#stopBurst();
    if (sentence === null) return;
    this.shutter.disabled = this.every.disabled = true;
    this.problem.replaceChildren(icon("camera"), html("p", { role: "alert" }, sentence), wordButton("Try again", () => this.#start(), { small: true }));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key !== " " || !this.#ownsSpace(event)) return;
    event.preventDefault();
    if (!event.repeat) this.#shoot();
  }

  /** Space takes a photograph, except where it presses another button or is typed. @param {KeyboardEvent} event */
  #ownsSpace({ target }) {
    return !(target instanceof Element) || target === this.shutter || !target.closest("button, input, select");
  }

  async #shoot() {
    if (this.shutter.disabled) return;
    const time = new Date();
    const blob = await this.camera.grab(SHARP);
    if (!blob) return;
    let name = shotName(time);
    if (this.#shots.some((shot) => shot.name === name)) name = name.replace(".jpg", `-${this.#shots.length}.jpg`);
    const shot = { name, blob, url: URL.createObjectURL(blob) };
    this.#shots.push(shot);
    const card = html("li", { class: "st-shot" }, html("img", { src: shot.url, alt: `Photograph ${this.#shots.length}` }), iconButton("trash", "Throw this photograph away", () => this.#throwAway(shot, card)));
    this.shelf.prepend(card);
    this.flash.classList.remove("st-now");
    void this.flash.offsetWidth; // so that the flash starts anew
    this.flash.classList.add("st-now");
    this.#draw();
  }

  /** @param {Shot} shot @param {HTMLElement} card */
  #throwAway(shot, card) {
    this.#shots = this.#shots.filter((each) => each !== shot);
    card.remove();
    URL.revokeObjectURL(shot.url);
    this.#draw();
    this.shutter.focus();
  }

  #draw() {
    const { length } = this.#shots;
    const [button] = this.dialog.buttons;
    button.disabled = length === 0;
    setText(/** @type {Element} */ (button.firstElementChild), length === 0 ? "Add photographs" : `Add ${counted(length, "photograph")}`);
    setText(this.count, length === 0 ? "Nothing was taken yet." : `${counted(length, "photograph")} taken.`);
  }

  #toggleBurst() {
    if (this.#burst !== undefined) return this.#stopBurst();
    const seconds = Math.min(3600, Math.max(0.5, Number(this.seconds.value) || 2));
    this.seconds.value = String(seconds);
    this.seconds.disabled = true;
    setText(/** @type {Element} */ (this.every.lastElementChild), "Stop the series");
    this.every.setAttribute("aria-pressed", "true");
    this.#shoot();
    this.#burst = setInterval(() => this.#shoot(), 1000 * seconds);
  }

  #stopBurst() {
    clearInterval(this.#burst);
    this.#burst = undefined;
    this.seconds.disabled = false;
    setText(/** @type {Element} */ (this.every.lastElementChild), "Start a series");
    this.every.removeAttribute("aria-pressed");
  }

  #add() {
    this.#added = true;
    this.#send();
  }

  #send() {
    uploads.add(
      this.project,
      this.#shots.map(({ name, blob }) => ({ file: new File([blob], name, { type: "image/jpeg" }), path: name })),
    );
  }

  #closed() {
    this.#stopBurst();
    this.camera.stop();
    for (const { url } of this.#shots) URL.revokeObjectURL(url);
    if (this.#added || this.#shots.length === 0) return;
    // A slip of the Escape key loses nothing.
    toast(`${counted(this.#shots.length, "photograph")} not added.`, { action: { label: "Add them", run: () => this.#send() }, seconds: 20 });
  }
}
