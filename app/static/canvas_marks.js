// @ts-check
/** How one box looks on the picture: its outline, and its filled label with the class's name. */

import { inkOn } from "./class_colour.js";
import { setAttributes, setText, svg } from "./elements.js";
import { meet } from "./screen_rect.js";

/** @typedef {import("./records.js").Xyxy} Xyxy */
/** @typedef {import("./box_geometry.js").Size} Size */
/** @typedef {import("./screen_rect.js").Rect} Rect from the image's corner */

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
 * @property {Size} image in pixels
 */

/** @param {Xyxy} box @returns {string} such as "120 × 88" */
export function sizeText([x0, y0, x1, y1]) {
  return `${Math.round(x1 - x0)} × ${Math.round(y1 - y0)}`;
}

/** @param {Xyxy} box @param {number} zoom @returns {Rect} */
export function rectOf([x0, y0, x1, y1], zoom) {
  return { x: x0 * zoom, y: y0 * zoom, width: (x1 - x0) * zoom, height: (y1 - y0) * zoom };
}

/**
 * Where a tag stands: above its box, or inside it where there is no room above; if one stands there, over the box's other
 * corners, as far as one of them is free.
 * @param {Rect} box
 * @param {number} width of the tag
 * @param {Size} room the image's in screen pixels
 * @param {readonly Rect[]} [taken] by other tags
 * @returns {Rect}
 */
export function placeOfTag({ x, y, width: wide, height: high }, width, room, taken = []) {
  const within = (/** @type {number} */ left) => Math.max(0, Math.min(left, room.width - width));
  const [left, right] = [within(x - 1), within(x + wide + 1 - width)];
  const top = y >= TAG_HEIGHT ? y - TAG_HEIGHT : y;
  const places = [[left, top], [right, top], [left, y + high], [right, y + high]].map(([x, y]) => ({ x, y, width, height: TAG_HEIGHT }));
  return places.find((place) => place.y + TAG_HEIGHT <= room.height && !taken.some((other) => meet(place, other))) ?? places[0];
}

/** @param {Size} size @param {number} zoom @returns {Size} */
export function scaled({ width, height }, zoom) {
  return { width: width * zoom, height: height * zoom };
}

export class Mark {
  /** @type {Look | null} */
  #drawn = null;
  /** @type {Rect | null} */
  #tagged = null;

  /** @param {string} id of the box */
  constructor(id) {
    this.halo = svg("rect", { class: "halo" });
    this.box = svg("rect", { class: "box", "data-box-id": id });
    this.tag = new Tag();
    this.group = svg("g", { class: "mark", role: "img" }, this.halo, this.box, this.tag.group);
  }

  /**
   * @param {Look} look
   * @param {TagRuler} ruler
   * @param {Rect[]} taken by the tags of marks drawn before, which that of a suggestion keeps away from; its own is added
   */
  draw(look, ruler, taken) {
    const before = this.#drawn;
    const { box, name, score, colour, state, zoom } = look;
    const rect = rectOf(box, zoom);
    const same = before !== null && sameLook(before, look);
    const dodges = score !== undefined && !look.terse; // in a crowd there is no room anyway
    const tagged = same && !dodges ? this.#tagged : this.#placeOf(look, rect, ruler, dodges ? taken : []);
    if (tagged) taken.push(tagged);
    if (same && tagged?.x === this.#tagged?.x && tagged?.y === this.#tagged?.y) return;
    this.#drawn = look;
    this.#tagged = tagged;
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
    if (tagged) this.tag.place(tagged, wordsOf(look), colour);
  }

  /** @param {Look} look @param {Rect} rect @param {TagRuler} ruler @param {readonly Rect[]} taken @returns {Rect | null} */
  #placeOf(look, rect, ruler, taken) {
    return look.tagged ? this.tag.placeFor(rect, wordsOf(look), scaled(look.image, look.zoom), ruler, taken) : null;
  }
}

/** @param {Look} look @returns {string} what its tag says */
function wordsOf({ box, name, score, terse, sized }) {
  const title = [terse ? "" : shortened(name), score?.toFixed(2)].filter(Boolean).join(" ");
  return sized ? `${title}${score === undefined ? "" : ","} ${sizeText(box)}` : title;
}

/** A name on a filled ground, at its box. */
export class Tag {
  constructor() {
    this.ground = svg("rect", { height: TAG_HEIGHT, rx: 3 });
    this.text = svg("text");
    this.group = svg("g", { class: "tag" }, this.ground, this.text);
  }

  /**
   * Where it stands with some words; see `placeOfTag`.
   * @param {Rect} box
   * @param {string} words
   * @param {Size} room
   * @param {TagRuler} ruler
   * @param {readonly Rect[]} [taken]
   */
  placeFor(box, words, room, ruler, taken) {
    return placeOfTag(box, ruler.widthOf(words) + 2 * TAG_PADDING, room, taken);
  }

  /** @param {Rect} place @param {string} words @param {string} colour */
  place({ x, y, width }, words, colour) {
    setAttributes(this.ground, { x, y, width, fill: colour });
    setAttributes(this.text, { x: x + TAG_PADDING, y: y + TAG_HEIGHT - 5, fill: inkOn(colour) });
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
    a.image.width === b.image.width
  );
}

/** @param {string} name */
function shortened(name) {
  const letters = [...name];
  return letters.length > TAG_LETTERS ? `${letters.slice(0, TAG_LETTERS - 1).join("")}…` : name;
}
