// @ts-check
/** How one box looks on the picture: its outline, and its filled label with the class's name. */

import { inkOn } from "./class_colour.js";
import { setAttributes, setText, svg } from "./elements.js";

/** @typedef {import("./records.js").Xyxy} Xyxy */

const TAG_HEIGHT = 18;
const TAG_PADDING = 5;
const TAG_LETTERS = 28;
/** Widths of words remembered at most. */
const WIDTHS = 2000;

/**
 * Everything that decides how a box looks; a mark is drawn again only when one of it differs.
 * @typedef {object} Look
 * @property {Xyxy} box
 * @property {string} name
 * @property {number} [score] of a model's box that nobody has decided on
 * @property {string} colour
 * @property {boolean} [terse] whether the label tells the score alone
 * @property {string} state words of the classes that its group gets besides "mark"
 * @property {boolean} tagged whether it carries its label
 * @property {boolean} sized whether the label tells its size
 * @property {number} zoom
 * @property {number} imageWidth pixels of the image
 */

/** @param {Xyxy} box @returns {string} such as "120 × 88" */
export function sizeText([x0, y0, x1, y1]) {
  return `${Math.round(x1 - x0)} × ${Math.round(y1 - y0)}`;
}

/** @param {Xyxy} box @param {number} zoom @returns {{x: number, y: number, width: number, height: number}} screen pixels */
export function rectOf([x0, y0, x1, y1], zoom) {
  return { x: x0 * zoom, y: y0 * zoom, width: (x1 - x0) * zoom, height: (y1 - y0) * zoom };
}

export class Mark {
  /** @type {Look | null} */
  #drawn = null;

  /** @param {string} id of the box */
  constructor(id) {
    this.halo = svg("rect", { class: "halo" });
    this.box = svg("rect", { class: "box", "data-box-id": id });
    this.tag = new Tag();
    this.group = svg("g", { class: "mark", role: "img" }, this.halo, this.box, this.tag.group);
  }

  /** @param {Look} look @param {TagRuler} ruler */
  draw(look, ruler) {
    const before = this.#drawn;
    if (before && sameLook(before, look)) return;
    this.#drawn = look;
    const { box, name, score, colour, state, zoom } = look;
    const rect = rectOf(box, zoom);
    setAttributes(this.halo, rect);
    setAttributes(this.box, rect);
    if (before?.colour !== colour) {
      setAttributes(this.box, { stroke: colour, fill: colour });
      setAttributes(this.tag.group, { color: colour }); // the ground of a suggestion's tag is only framed in it
    }
    if (before?.state !== state) {
      setAttributes(this.group, { class: `mark ${state}`.trim() });
      setAttributes(this.box, { class: `box ${state}`.trim() });
    }
    if (before?.box !== box || before.name !== name || before.score !== score) {
      const suggested = score === undefined ? "" : `suggestion, score ${score.toFixed(2)}, `;
      setAttributes(this.group, { "aria-label": `${name}, ${suggested}${sizeText(box)} pixels` });
    }
    if (before?.tagged !== look.tagged) setAttributes(this.tag.group, { display: look.tagged ? null : "none" });
    if (!look.tagged) return;
    const title = [look.terse ? "" : shortened(name), score?.toFixed(2)].filter(Boolean).join(" ");
    const words = look.sized ? `${title}${score === undefined ? "" : ","} ${sizeText(box)}` : title;
    this.tag.place(rect, words, colour, look.imageWidth * zoom, ruler);
  }
}

/** A name on a filled ground: above its box, or inside it where there is no room above. */
export class Tag {
  constructor() {
    this.ground = svg("rect", { height: TAG_HEIGHT, rx: 3 });
    this.text = svg("text");
    this.group = svg("g", { class: "tag" }, this.ground, this.text);
  }

  /**
   * @param {{x: number, y: number}} corner the box's upper left one, in screen pixels from the image's
   * @param {string} words
   * @param {string} colour
   * @param {number} room the image's width in screen pixels
   * @param {TagRuler} ruler
   */
  place({ x, y }, words, colour, room, ruler) {
    const width = ruler.widthOf(words) + 2 * TAG_PADDING;
    const left = Math.max(0, Math.min(x - 1, room - width));
    const top = y >= TAG_HEIGHT ? y - TAG_HEIGHT : y;
    setAttributes(this.ground, { x: left, y: top, width, fill: colour });
    setAttributes(this.text, { x: left + TAG_PADDING, y: top + TAG_HEIGHT - 5, fill: inkOn(colour) });
    setText(this.text, words);
  }
}

/** How wide a tag's words are; each is measured once, since zooming asks for all of them at every frame. */
export class TagRuler {
  /** @type {Map<string, number>} */
  #widths = new Map();
  /** @type {CanvasRenderingContext2D | null} */
  #context = null;

  /** @param {Element} place where the words are shown */
  constructor(place) {
    this.place = place;
  }

  /** @param {string} words @returns {number} screen pixels */
  widthOf(words) {
    const known = this.#widths.get(words);
    if (known !== undefined) return known;
    if (!this.#context) {
      this.#context = document.createElement("canvas").getContext("2d");
      if (this.#context) this.#context.font = `600 12px ${getComputedStyle(this.place).fontFamily}`; // as `.tag text`
    }
    const width = Math.ceil(this.#context?.measureText(words).width ?? 7 * words.length);
    if (this.#widths.size >= WIDTHS) this.#widths.clear();
    this.#widths.set(words, width);
    return width;
  }
}

/** @param {Look} a @param {Look} b */
function sameLook(a, b) {
  return (
    a.box === b.box &&
    a.zoom === b.zoom &&
    a.state === b.state &&
    a.name === b.name &&
    a.score === b.score &&
    a.colour === b.colour &&
    a.tagged === b.tagged &&
    a.sized === b.sized &&
    a.terse === b.terse &&
    a.imageWidth === b.imageWidth
  );
}

/** @param {string} name */
function shortened(name) {
  const letters = [...name];
  return letters.length > TAG_LETTERS ? `${letters.slice(0, TAG_LETTERS - 1).join("")}…` : name;
}
