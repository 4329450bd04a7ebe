// @ts-check
/** Four validation photographs with what the network sees on them, and a slider over the validations so far. */

import { api } from "./api.js";
import { wordButton } from "./buttons.js";
import { PALETTE } from "./class_colour.js";
import { html, setText, svg } from "./elements.js";
import { pictureUrl } from "./pictures.js";
import { swatch } from "./swatch.js";

/**
 * @typedef {{class: string, score: number, box: import("./records.js").Xyxy}} Seen
 * @typedef {{image_id: number | null, name: string, width: number, height: number, steps: {step: number, detections: Seen[]}[]}} ProgressPhoto
 */

/** A box of this score counts as found. */
const SURE = 0.5;
/** Where none is sure, so many of the surest are drawn; more of them would only hide the photograph. */
const MOST_UNSURE = 5;
/** Milliseconds for each validation when all are played. */
const BEAT = 450;

/**
 * The steps at which any of the photographs was looked at, in order.
 * @param {readonly ProgressPhoto[]} photos
 * @returns {number[]}
 */
export function lookedAt(photos) {
  return [...new Set(photos.flatMap(({ steps }) => steps.map(({ step }) => step)))].sort((a, b) => a - b);
}

/**
 * What was seen on a photograph at a step, or at the last look before it.
 * @param {ProgressPhoto} photo
 * @param {number} step
 * @returns {Seen[]}
 */
export function seenAt({ steps }, step) {
  return steps.filter((look) => look.step <= step).at(-1)?.detections ?? [];
}

/**
 * What is shown of what was seen, the surest first: all that is sure, or else a little of what is not.
 * @param {readonly Seen[]} seen
 * @returns {{drawn: Seen[], words: string}}
 */
export function shownOf(seen) {
  if (seen.length === 0) return { drawn: [], words: "nothing found yet" };
  const ranked = [...seen].sort((a, b) => b.score - a.score);
  const sure = ranked.filter(({ score }) => score >= SURE);
  const surest = `surest ${ranked[0].score.toFixed(2)}`;
  return sure.length > 0 ? { drawn: sure, words: `${sure.length} found, ${surest}` } : { drawn: ranked.slice(0, MOST_UNSURE), words: `not sure yet, ${surest}` };
}

export class TrainPhotos {
  /** @type {ProgressPhoto[]} */
  #photos = [];
  /** @type {Map<string, string>} by class */
  #colours = new Map();
  /** @type {string | null} */
  #run = null;
  #last = false;
  #turn = 0;
  /** @type {any} */
  #player;

  /** @param {(imageId: number) => void} onOpen somebody wants to see an image on the Label screen */
  constructor(onOpen) {
    this.onOpen = onOpen;
    this.grid = html("div", { class: "st-progress-photos" });
    this.legend = html("p", { class: "st-photos-legend st-note" });
    this.slider = html("input", { type: "range", min: 0, max: 0, step: 1, value: 0, "aria-label": "Validation", oninput: () => this.#slide() });
    this.words = html("output", { class: "st-count" });
    this.play = wordButton("Play", () => this.#play(), { small: true, symbol: "play" });
    this.node = html(
      "section",
      { class: "st-photos", "aria-label": "Validation photographs", hidden: true },
      html("div", { class: "st-photos-head" }, html("h4", {}, "What it sees"), this.words, this.slider, this.play),
      this.grid,
      this.legend,
    );
  }

  /**
   * Read what a run has seen so far.
   * @param {string | null} run
   * @param {number | null} project
   */
  async show(run, project) {
    const turn = ++this.#turn;
    if (run !== this.#run) {
      clearTimeout(this.#player);
      this.#run = run;
      this.#last = true;
      this.#take([]);
    }
    if (run === null) return;
    /** @type {[ProgressPhoto[], {name: string, colour: string}[]]} */
    const [photos, classes] = await Promise.all([api("GET", `runs/${encodeURIComponent(run)}/progress-images`), project === null ? [] : api("GET", `projects/${project}/classes`)]);
    if (turn !== this.#turn) return;
    this.#colours = new Map(classes.map(({ name, colour }) => [name, colour]));
    this.#take(photos);
  }

  /** @param {ProgressPhoto[]} photos */
  #take(photos) {
    const cellsOf = (/** @type {ProgressPhoto[]} */ all) => JSON.stringify(all.map(({ name, image_id }) => [name, image_id]));
    const same = cellsOf(photos) === cellsOf(this.#photos);
    this.#photos = photos;
    this.node.hidden = photos.length === 0;
    if (!same) this.grid.replaceChildren(...photos.map((photo) => this.#cell(photo)));
    const most = Math.max(0, lookedAt(photos).length - 1);
    this.slider.max = String(most);
    // Whoever looks back at an earlier validation is left there.
    if (this.#last) this.slider.value = String(most);
    this.slider.disabled = this.play.disabled = most === 0;
    this.#paint();
  }

  /** @param {ProgressPhoto} photo */
  #cell({ image_id, name, width, height }) {
    // A picture that does not come now may come with the next photograph: only what is deleted cannot be opened.
    const picture = html("img", { alt: name, decoding: "async", draggable: "false", src: image_id === null ? null : pictureUrl({ id: image_id }, "display"), onerror: () => frame.classList.add("st-gone") });
    // No words in the picture: four small ones would disappear behind them.
    const boxes = svg("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
    const frame = html("div", { class: "st-progress-photo" }, picture, boxes);
    const open = () => image_id !== null && this.onOpen(image_id);
    const cell = html("button", { type: "button", class: "st-photo-cell", title: `${name}: open in Label`, onclick: open }, frame, html("span", { class: "st-photo-words" }));
    if (image_id === null) {
      frame.classList.add("st-gone");
      cell.disabled = true;
      cell.title = name;
    }
    return cell;
  }

  #slide() {
    clearTimeout(this.#player);
    this.#last = this.slider.value === this.slider.max;
    this.#paint();
  }

  #play() {
    clearTimeout(this.#player);
    this.slider.value = "0";
    const next = () => {
      this.#paint();
      this.#last = this.slider.value === this.slider.max;
      if (this.#last || !this.node.isConnected) return;
      this.#player = setTimeout(() => {
        this.slider.value = String(Number(this.slider.value) + 1);
        next();
      }, BEAT);
    };
    next();
  }

  #paint() {
    const steps = lookedAt(this.#photos);
    if (steps.length === 0) return;
    const step = steps[Number(this.slider.value)] ?? steps[steps.length - 1];
    setText(this.words, `step ${step}`);
    this.slider.setAttribute("aria-valuetext", `step ${step}`);
    this.#explain(this.#photos.flatMap((photo) => shownOf(seenAt(photo, step)).drawn));
    this.#photos.forEach((photo, index) => {
      const cell = this.grid.children[index];
      const boxes = cell?.querySelector("svg");
      if (!boxes) return;
      const shown = shownOf(seenAt(photo, step));
      boxes.replaceChildren(...shown.drawn.reverse().map((each) => this.#box(each)));
      const words = cell.querySelector(".st-photo-words");
      if (words) setText(words, shown.words);
    });
  }

  /** @param {Seen} seen */
  #box({ class: name, score, box: [x0, y0, x1, y1] }) {
    const at = { x: x0, y: y0, width: Math.max(0, x1 - x0), height: Math.max(0, y1 - y0) };
    const edge = svg("rect", { ...at, class: "st-seen", "stroke-opacity": (0.45 + 0.55 * score).toFixed(2) });
    edge.style.stroke = this.#colourOf(name);
    return svg("g", {}, svg("title", {}, `${name} ${score.toFixed(2)}`), svg("rect", { ...at, class: "st-seen-halo" }), edge);
  }

  /** @param {string} name */
  #colourOf(name) {
    return this.#colours.get(name) ?? PALETTE[0];
  }

  /** Which colour is which class, of those seen. @param {readonly Seen[]} seen */
  #explain(seen) {
    const names = [...new Set(seen.map((each) => each.class))].sort();
    const state = names.map((name) => name + this.#colourOf(name)).join("\n");
    if (this.legend.dataset.state === state) return;
    this.legend.dataset.state = state;
    this.legend.replaceChildren(...names.map((name) => html("span", {}, swatch(this.#colourOf(name)), html("bdi", {}, name))));
  }
}
