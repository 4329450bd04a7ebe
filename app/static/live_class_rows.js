// @ts-check
/** The classes of a model on the Live screen: shown or not, how many boxes each has, and how many it had of late. */

import { grouped } from "./count_words.js";
import { html, setAttributes, setText, svg } from "./elements.js";
import { icon } from "./icons.js";

/** @typedef {import("./detection_overlay.js").Look} Look */

const WIDTH = 56;
const HEIGHT = 16;

export class LiveClassRows {
  /** @type {{count: HTMLElement, line: SVGElement, button: HTMLButtonElement}[]} */
  #rows = [];
  #drawn = "";
  /** @type {Set<string>} names that are not shown; they stay so when the model changes */
  hidden = new Set();
  /** @type {readonly string[]} */
  names = [];

  /** @param {() => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
    this.all = html("button", { type: "button", class: "st-link", onclick: () => this.#showAll() }, "Hide all");
    this.list = html("ul", { class: "st-live-classes", "aria-label": "Classes shown" });
    this.node = html("section", { class: "st-section" }, html("h3", {}, "Classes", this.all), this.list);
  }

  /** @param {Look} look */
  show({ names, colours }) {
    const state = JSON.stringify([names, colours]);
    if (state === this.#drawn) return;
    this.#drawn = state;
    this.names = names;
    this.#rows = names.map((name, index) => {
      const swatch = html("span", { class: "st-swatch", "aria-hidden": "true" });
      swatch.style.backgroundColor = colours[index];
      const count = html("span", { class: "st-count" });
      const line = svg("polyline", { class: "st-spark-line" });
      line.style.stroke = colours[index];
      const spark = svg("svg", { class: "st-spark", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT, "aria-hidden": "true" }, line);
      const button = html(
        "button",
        { type: "button", class: "st-live-class", onclick: () => this.#toggle(name) },
        swatch,
        html("bdi", { class: "st-name", title: name }, name),
        spark,
        count,
        icon("eye"),
        icon("eye-off"),
      );
      return { count, line, button };
    });
    this.list.replaceChildren(...this.#rows.map(({ button }) => html("li", {}, button)));
    this.all.hidden = names.length < 2;
    this.#mark();
  }

  /**
   * @param {ArrayLike<number> | null} counts in the order of the classes; null before any answer
   * @param {import("./live_history.js").CountHistory | null} history null where nothing moves
   */
  count(counts, history) {
    this.#rows.forEach(({ count, line }, index) => {
      setText(count, counts === null ? "" : grouped(counts[index] ?? 0));
      const points = history?.points(this.names[index], WIDTH, HEIGHT) ?? "";
      if (line.getAttribute("points") !== points) setAttributes(line, { points });
    });
  }

  /** @param {string} name */
  #toggle(name) {
    this.hidden = new Set(this.hidden);
    if (!this.hidden.delete(name)) this.hidden.add(name);
    this.#mark();
    this.onChange();
  }

  #showAll() {
    const some = this.names.some((name) => this.hidden.has(name));
    this.hidden = new Set(some ? [] : this.names);
    this.#mark();
    this.onChange();
  }

  #mark() {
    this.#rows.forEach(({ button }, index) => button.setAttribute("aria-pressed", String(!this.hidden.has(this.names[index]))));
    setText(this.all, this.names.some((name) => this.hidden.has(name)) ? "Show all" : "Hide all");
  }
}
