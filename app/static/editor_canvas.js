// @ts-check
/** The picture with its boxes: an SVG over an image, drawn from the document and seen through the viewport. */

import { HANDLES, handlePoint } from "./box_geometry.js";
import { inkOn } from "./class_colour.js";
import { html, setAttributes, setText, svg } from "./elements.js";
import { Viewport } from "./viewport.js";

/** @typedef {import("./box_geometry.js").Point} Point */
/** @typedef {import("./records.js").Xyxy} Xyxy */

const HANDLE_SIDE = 9;
/** A side shorter than this on the screen has no handle in its middle. */
const ROOM_FOR_MIDDLE_HANDLE = 40;
const TAG_HEIGHT = 18;
const TAG_PADDING = 5;
const TAG_LETTERS = 28;
/** Widths of words remembered at most. */
const WIDTHS = 2000;
const NO_CLASS_COLOUR = "#6b7280";

export class EditorCanvas {
  viewport = new Viewport();
  /** @type {Point | null} where the pointer aims, in pixels of the image; crosshair lines go through it */
  aim = null;
  /** @type {Map<string, Mark>} by box id */
  #marks = new Map();
  #tags = new TagRuler();
  #frame = 0;

  /** @param {import("./editor_document.js").EditorDocument} doc */
  constructor(doc) {
    this.doc = doc;
    this.marks = svg("g", { class: "marks" });
    this.draft = svg("g", { class: "draft" });
    this.handles = svg("g", { class: "handles" });
    this.crosshair = svg("path", { class: "crosshair" });
    this.svg = svg("svg", { class: "st-overlay" }, this.crosshair, this.marks, this.draft, this.handles);
    this.stage = html("div", { class: "st-stage" }, this.svg);
    this.view = html(
      "div",
      { class: "st-view", tabindex: 0, role: "application", "aria-label": "Picture: draw boxes here", hidden: true },
      this.stage,
    );
    /** @type {HTMLImageElement | null} */
    this.picture = null;
    new ResizeObserver(() => this.resize()).observe(this.view);
  }

  /**
   * Put another picture under the boxes, fitted.
   * @param {HTMLImageElement} picture decoded
   * @param {import("./box_geometry.js").Size} size of the upright image, whatever size the picture was sent in
   */
  showPicture(picture, size) {
    picture.className = "st-picture";
    picture.draggable = false;
    if (this.picture) this.picture.replaceWith(picture);
    else this.stage.prepend(picture);
    this.picture = picture;
    this.aim = null;
    this.view.hidden = false;
    this.viewport.setView(this.#viewSize());
    this.viewport.setImage(size);
  }

  /** Follow the element's size; a hidden one is left alone until it is seen again. */
  resize() {
    const size = this.#viewSize();
    if (size.width === 0 || size.height === 0) return;
    this.viewport.setView(size);
    this.drawSoon();
  }

  /**
   * The place of the image under a pointer, also outside of it.
   * @param {{clientX: number, clientY: number}} event
   * @returns {Point}
   */
  pointOf(event) {
    return this.viewport.toImage(this.viewPointOf(event));
  }

  /**
   * @param {{clientX: number, clientY: number}} event
   * @returns {Point} screen pixels in the view
   */
  viewPointOf({ clientX, clientY }) {
    const { left, top } = this.view.getBoundingClientRect();
    return { x: clientX - left - this.view.clientLeft, y: clientY - top - this.view.clientTop };
  }

  /** Draw before the next frame, once however often it is asked for. */
  drawSoon() {
    this.#frame ||= requestAnimationFrame(() => this.draw());
  }

  draw() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const { doc, viewport } = this;
    if (!doc.image) return;
    const width = doc.image.width * viewport.zoom;
    const height = doc.image.height * viewport.zoom;
    Object.assign(this.stage.style, {
      width: `${width}px`,
      height: `${height}px`,
      transform: `translate(${viewport.left}px, ${viewport.top}px)`,
    });
    setAttributes(this.svg, { width, height });
    this.#drawMarks();
    this.#drawDraft();
    this.#drawHandles();
    this.#drawCrosshair(width, height);
  }

  #viewSize() {
    return { width: this.view.clientWidth, height: this.view.clientHeight };
  }

  /** @param {string} id @param {Xyxy} box @returns {Xyxy} as it looks now, with a drag applied */
  #shown(id, box) {
    return this.doc.preview?.id === id ? this.doc.preview.box : box;
  }

  #drawMarks() {
    const { doc } = this;
    const gone = new Set(this.#marks.keys());
    for (const { id, class_id, box } of doc.boxes) {
      gone.delete(id);
      const label = doc.classOf(class_id);
      const selected = id === doc.selectedId;
      this.#mark(id, this.#shown(id, box), label?.name ?? "?", label?.colour ?? NO_CLASS_COLOUR, selected);
    }
    for (const id of gone) {
      this.#marks.get(id)?.group.remove();
      this.#marks.delete(id);
    }
    const top = doc.selectedId === null ? null : this.#marks.get(doc.selectedId)?.group;
    if (top && top !== this.marks.lastChild) this.marks.append(top);
  }

  /** @param {string} id @param {Xyxy} box @param {string} name @param {string} colour @param {boolean} selected */
  #mark(id, box, name, colour, selected) {
    const key = JSON.stringify([box, name, colour, selected, this.viewport.zoom]);
    let mark = this.#marks.get(id);
    if (mark?.key === key) return;
    if (!mark) {
      mark = newMark(id);
      this.#marks.set(id, mark);
      this.marks.append(mark.group);
    }
    mark.key = key;
    const rect = this.#rectOf(box);
    const words = selected ? `${shortened(name)} ${sizeText(box)}` : shortened(name);
    setAttributes(mark.group, { class: selected ? "mark selected" : "mark" });
    setAttributes(mark.halo, rect);
    setAttributes(mark.box, { class: selected ? "box selected" : "box", stroke: colour, fill: colour, ...rect });
    this.#placeTag(mark.tag, box, words, colour);
  }

  #drawDraft() {
    const { preview, waiting, classId } = this.doc;
    const box = preview?.id === null ? preview.box : waiting;
    if (!box) return this.draft.replaceChildren();
    const label = classId === null ? null : this.doc.classOf(classId);
    const colour = label?.colour ?? NO_CLASS_COLOUR;
    const tag = newTag();
    this.draft.replaceChildren(
      svg("rect", { class: "halo", ...this.#rectOf(box) }),
      svg("rect", { class: waiting ? "draft-box waiting" : "draft-box", stroke: colour, fill: colour, ...this.#rectOf(box) }),
      tag.group,
    );
    this.#placeTag(tag, box, sizeText(box), colour);
  }

  #drawHandles() {
    const { selected } = this.doc;
    if (!selected) return this.handles.replaceChildren();
    const box = this.#shown(selected.id, selected.box);
    const { zoom } = this.viewport;
    const wide = (box[2] - box[0]) * zoom >= ROOM_FOR_MIDDLE_HANDLE;
    const high = (box[3] - box[1]) * zoom >= ROOM_FOR_MIDDLE_HANDLE;
    const shown = HANDLES.filter((handle) => handle.length === 2 || (/[ns]/.test(handle) ? wide : high));
    const colour = this.doc.classOf(selected.class_id)?.colour ?? NO_CLASS_COLOUR;
    this.handles.replaceChildren(
      ...shown.map((handle) => {
        const { x, y } = handlePoint(box, handle);
        const half = HANDLE_SIDE / 2;
        return svg("rect", {
          class: "handle",
          "data-handle": handle,
          stroke: colour,
          x: x * zoom - half,
          y: y * zoom - half,
          width: HANDLE_SIDE,
          height: HANDLE_SIDE,
          rx: 2,
        });
      }),
    );
  }

  /** @param {number} width @param {number} height */
  #drawCrosshair(width, height) {
    const { aim, viewport } = this;
    const inside = aim && !this.doc.waiting && aim.x >= 0 && aim.y >= 0 && aim.x * viewport.zoom <= width && aim.y * viewport.zoom <= height;
    const path = inside ? `M0 ${aim.y * viewport.zoom}H${width}M${aim.x * viewport.zoom} 0V${height}` : null;
    setAttributes(this.crosshair, { d: path });
  }

  /** @param {Xyxy} box */
  #rectOf([x0, y0, x1, y1]) {
    const { zoom } = this.viewport;
    return { x: x0 * zoom, y: y0 * zoom, width: (x1 - x0) * zoom, height: (y1 - y0) * zoom };
  }

  /**
   * Put a box's name on its filled label: above the box, or inside it where there is no room above.
   * @param {Tag} tag
   * @param {Xyxy} box
   * @param {string} words
   * @param {string} colour
   */
  #placeTag(tag, box, words, colour) {
    const { x, y } = this.#rectOf(box);
    const width = this.#tags.widthOf(words, this.view) + 2 * TAG_PADDING;
    const imageWidth = (this.doc.image?.width ?? 0) * this.viewport.zoom;
    const left = Math.max(0, Math.min(x - 1, imageWidth - width));
    const top = y >= TAG_HEIGHT ? y - TAG_HEIGHT : y;
    setAttributes(tag.ground, { x: left, y: top, width, fill: colour });
    setAttributes(tag.text, { x: left + TAG_PADDING, y: top + TAG_HEIGHT - 5, fill: inkOn(colour) });
    setText(tag.text, words);
  }
}

/** How wide a tag's words are; each is measured once, since zooming asks for all of them at every frame. */
class TagRuler {
  /** @type {Map<string, number>} */
  #widths = new Map();
  /** @type {CanvasRenderingContext2D | null} */
  #context = null;

  /** @param {string} words @param {Element} place where they are shown @returns {number} screen pixels */
  widthOf(words, place) {
    const known = this.#widths.get(words);
    if (known !== undefined) return known;
    if (!this.#context) {
      this.#context = document.createElement("canvas").getContext("2d");
      if (this.#context) this.#context.font = `600 12px ${getComputedStyle(place).fontFamily}`; // as `.tag text`
    }
    const width = Math.ceil(this.#context?.measureText(words).width ?? 7 * words.length);
    if (this.#widths.size >= WIDTHS) this.#widths.clear();
    this.#widths.set(words, width);
    return width;
  }
}

/** @typedef {{group: SVGGElement, ground: SVGRectElement, text: SVGTextElement}} Tag */
/** @typedef {{group: SVGGElement, halo: SVGRectElement, box: SVGRectElement, tag: Tag, key: string}} Mark */

/** @returns {Tag} */
function newTag() {
  const ground = svg("rect", { height: TAG_HEIGHT, rx: 3 });
  const text = svg("text");
  return { group: svg("g", { class: "tag" }, ground, text), ground, text };
}

/** @param {string} id @returns {Mark} */
function newMark(id) {
  const halo = svg("rect", { class: "halo" });
  const box = svg("rect", { class: "box", "data-box-id": id });
  const tag = newTag();
  return { group: svg("g", { class: "mark" }, halo, box, tag.group), halo, box, tag, key: "" };
}

/** @param {Xyxy} box @returns {string} such as "120 × 88" */
export function sizeText([x0, y0, x1, y1]) {
  return `${Math.round(x1 - x0)} × ${Math.round(y1 - y0)}`;
}

/** @param {string} name */
function shortened(name) {
  const letters = [...name];
  return letters.length > TAG_LETTERS ? `${letters.slice(0, TAG_LETTERS - 1).join("")}…` : name;
}
