// @ts-check
/** What augmentation makes of one's own photographs: a few variations of one, with the boxes that go along. */

import { api, apiUrl, messageOf, sentence } from "./api.js";
import { wordButton } from "./buttons.js";
import { html, setText, svg } from "./elements.js";
import { studio } from "./store.js";

/** @typedef {{width: number, height: number, boxes: {class_id: number, box: import("./records.js").Xyxy}[]}} VariationBoxes */

/** Variations shown at once, and how many the server has of an image. */
const SHOWN = 4;
const ALL = 6;
/** Photographs to choose from. */
const PHOTOGRAPHS = 30;

export class AugmentationPreview {
  #policy = "standard";
  #drawn = "";
  #turn = 0;
  /** @type {number | null} the project that the images are of */
  #project = null;
  #photograph = 0;
  #seed = 0;
  /** @type {number[]} */
  #images = [];
  /** @type {string[]} */
  #urls = [];

  constructor() {
    this.words = html("p", { class: "st-note", role: "status" });
    this.grid = html("div", { class: "st-variations" });
    this.another = wordButton("Another photograph", () => this.#step(), { small: true });
    this.again = wordButton("Other variations", () => this.#vary(), { small: true });
    this.node = html(
      "details",
      { class: "st-fold st-preview" },
      html("summary", {}, "See it on your own images"),
      this.words,
      this.grid,
      html("div", { class: "st-actions" }, this.another, this.again),
    );
    this.node.addEventListener("toggle", () => this.node.open && this.#draw());
  }

  /** @param {string} policy */
  show(policy) {
    this.#policy = policy;
    if (this.node.open) this.#draw();
  }

  #step() {
    this.#photograph += 1;
    this.#draw();
  }

  #vary() {
    this.#seed = (this.#seed + SHOWN) % ALL;
    this.#draw();
  }

  async #draw() {
    const project = studio.project;
    if (project === null) return;
    if (project !== this.#project) [this.#project, this.#photograph, this.#images] = [project, 0, []];
    const wanted = [project, this.#policy, this.#photograph, this.#seed].join(" ");
    if (wanted === this.#drawn) return;
    this.#drawn = wanted;
    const turn = ++this.#turn;
    setText(this.words, "Making variations: a few seconds for each new photograph…");
    try {
      if (this.#images.length === 0 || this.#photograph === 0) {
        /** @type {import("./records.js").ImagePageRecord} */
        const page = await api("GET", `projects/${project}/images?status=labelled&limit=${PHOTOGRAPHS}`);
        if (turn !== this.#turn) return;
        this.#images = page.images.map(({ id }) => id);
      }
      if (this.#images.length === 0) throw new Error("Label an image first.");
      const image = this.#images[this.#photograph % this.#images.length];
      // The first makes all of a photograph's; the others only fetch theirs.
      const first = await this.#fetch(project, image, this.#seed);
      const rest = await Promise.all(Array.from({ length: SHOWN - 1 }, (_, index) => this.#fetch(project, image, (this.#seed + index + 1) % ALL)));
      const all = [first, ...rest];
      if (turn !== this.#turn) return all.forEach(({ url }) => URL.revokeObjectURL(url));
      this.#urls.forEach((url) => URL.revokeObjectURL(url));
      this.#urls = all.map(({ url }) => url);
      this.grid.replaceChildren(...all.map(variation));
      setText(this.words, "");
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#drawn = "";
      setText(this.words, messageOf(error));
    }
  }

  /** @param {number} project @param {number} image @param {number} seed @returns {Promise<{url: string, boxes: VariationBoxes}>} */
  async #fetch(project, image, seed) {
    const query = new URLSearchParams({ image_id: String(image), policy: this.#policy, seed: String(seed) });
    const answer = await fetch(apiUrl(`projects/${project}/augmentation-preview?${query}`)).catch(() => null);
    if (answer === null) throw new Error("The studio's server cannot be reached.");
    if (!answer.ok) throw new Error(sentence(answer.status, await answer.json().catch(() => null)));
    return { url: URL.createObjectURL(await answer.blob()), boxes: JSON.parse(answer.headers.get("X-Boxes") ?? '{"width":1,"height":1,"boxes":[]}') };
  }
}

/** @param {{url: string, boxes: VariationBoxes}} made */
function variation({ url, boxes: { width, height, boxes } }) {
  const frames = boxes.map(({ box: [x0, y0, x1, y1] }) => svg("rect", { x: x0, y: y0, width: x1 - x0, height: y1 - y0 }));
  const words = `A variation with ${boxes.length} ${boxes.length === 1 ? "box" : "boxes"}`;
  return html("div", { class: "st-variation" }, html("img", { src: url, alt: words }), svg("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" }, ...frames));
}
