// @ts-check
/** The picture with its boxes: an SVG over an image, drawn from the document and seen through the viewport. */

import { HANDLES, handlePoint } from "./box_geometry.js";
import { Mark, rectOf, scaled, sizeText, Tag, TagRuler } from "./canvas_marks.js";
import { html, setAttributes, svg } from "./elements.js";
import { Viewport } from "./viewport.js";

/** @typedef {import("./box_geometry.js").Point} Point */
/** @typedef {import("./records.js").Xyxy} Xyxy */

const HANDLE_SIDE = 9;
/** A side shorter than this on the screen has no handle in its middle. */
const ROOM_FOR_MIDDLE_HANDLE = 40;
/** Of more suggestions than these the names would cover the picture: their colours must do. */
const CROWD = 20;
const NO_CLASS_COLOUR = "#6b7280";
const NOTHING = { width: 0, height: 0 };

export class EditorCanvas {
  viewport = new Viewport();
  /** @type {Point | null} where the pointer aims, in pixels of the image; crosshair lines go through it */
  aim = null;
  /** @type {string | null} the box under the pointer, that a click would select */
  #hovered = null;
  /** @type {Map<string, Mark>} by box id */
  #marks = new Map();
  #draftTag = new Tag();
  #frame = 0;
  /** What stands over the picture follows it: told after each drawing. */
  onDrawn = () => {};

  /** @param {import("./editor_document.js").EditorDocument} doc */
  constructor(doc) {
    this.doc = doc;
    this.marks = svg("g", { class: "marks" });
    this.svg = svg("svg", { class: "st-overlay", role: "group", "aria-label": "Boxes" }, this.marks);
    // What changes while a person drags is drawn apart, so that hundreds of resting boxes need not be painted again.
    this.top = svg("g", { class: "marks" });
    this.draftHalo = svg("rect", { class: "halo" });
    this.draftBox = svg("rect");
    this.draft = svg("g", { class: "draft", display: "none" }, this.draftHalo, this.draftBox, this.#draftTag.group);
    this.handles = svg("g", { class: "handles" });
    this.active = svg("svg", { class: "st-active", role: "group", "aria-label": "Selected box" }, this.top, this.draft, this.handles);
    this.stage = html("div", { class: "st-stage" }, this.svg, this.active);
    this.crosshair = [html("div", { class: "st-crosshair st-across", hidden: true }), html("div", { class: "st-crosshair", hidden: true })];
    this.view = html(
      "div",
      {
        class: "st-view",
        tabindex: 0,
        role: "application",
        "aria-label": "Picture: draw boxes here",
        hidden: true,
      },
      this.stage,
      ...this.crosshair,
    );
    this.ruler = new TagRuler(this.view);
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
    for (const layer of [this.svg, this.active]) setAttributes(layer, { width, height });
    this.#drawMarks();
    this.#drawDraft();
    this.#drawHandles();
    this.#drawCrosshair(width, height);
    this.onDrawn();
  }

  /**
   * Light up the box that a click would select.
   * @param {string | null} id
   */
  hover(id) {
    if (this.#hovered === id) return;
    this.#hovered = id;
    this.drawSoon();
  }

  #viewSize() {
    return { width: this.view.clientWidth, height: this.view.clientHeight };
  }

  /** @param {string} id @param {Xyxy} box @returns {Xyxy} as it looks now, with a drag applied */
  #shown(id, box) {
    return this.doc.preview?.id === id ? this.doc.preview.box : box;
  }

  #drawMarks() {
    const { doc, viewport } = this;
    const { settings } = doc;
    const size = doc.image ?? NOTHING;
    const gone = new Set(this.#marks.keys());
    const labels = new Map(doc.classes.map((label) => [label.id, label]));
    const ghosts = doc.ghosts.shown;
    const scores = new Map(ghosts.map(({ id, score }) => [id, score]));
    /** @type {import("./canvas_marks.js").Rect[]} */
    const taken = [];
    for (const record of [...doc.boxes, ...ghosts]) {
      if (!settings.isShown(record)) continue;
      const { id } = record;
      const score = scores.get(id);
      gone.delete(id);
      const label = labels.get(record.class_id);
      const selected = id === doc.selectedId;
      const changes = doc.preview?.id === id;
      const terse = scores.size > CROWD && score !== undefined && !selected && id !== this.#hovered;
      const states = [score !== undefined && "ghost", selected && "selected", settings.isLocked(record) && "locked", id === this.#hovered && "hovered"];
      this.#mark(id, selected).draw(
        {
          box: this.#shown(id, record.box),
          name: label?.name ?? "?",
          score,
          terse,
          colour: label?.colour ?? NO_CLASS_COLOUR,
          state: states.filter(Boolean).join(" "),
          tagged: settings.names || changes,
          sized: selected,
          zoom: viewport.zoom,
          image: size,
        },
        this.ruler,
        taken,
      );
    }
    for (const id of gone) {
      this.#marks.get(id)?.group.remove();
      this.#marks.delete(id);
    }
  }

  /** @param {string} id @param {boolean} selected @returns {Mark} in the layer where it belongs */
  #mark(id, selected) {
    const mark = this.#marks.get(id) ?? new Mark(id);
    this.#marks.set(id, mark);
    const layer = selected ? this.top : this.marks;
    if (mark.group.parentNode !== layer) layer.append(mark.group);
    return mark;
  }

  #drawDraft() {
    const { preview, waiting, classId, image } = this.doc;
    const box = preview?.id === null ? preview.box : waiting;
    setAttributes(this.draft, { display: box ? null : "none" });
    if (!box) return;
    const label = classId === null ? null : this.doc.classOf(classId);
    const colour = label?.colour ?? NO_CLASS_COLOUR;
    const rect = rectOf(box, this.viewport.zoom);
    setAttributes(this.draftHalo, rect);
    setAttributes(this.draftBox, { class: waiting ? "draft-box waiting" : "draft-box", stroke: colour, fill: colour, ...rect });
    const place = this.#draftTag.placeFor(rect, sizeText(box), scaled(image ?? NOTHING, this.viewport.zoom), this.ruler);
    this.#draftTag.place(place, sizeText(box), colour);
  }

  #drawHandles() {
    const { inHand: selected } = this.doc;
    if (!selected || this.doc.settings.isLocked(selected)) return this.handles.replaceChildren();
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
    const { settings, waiting, image } = this.doc;
    const shown =
      aim !== null && image !== null && settings.crosshair && !waiting && aim.x >= 0 && aim.y >= 0 && aim.x <= image.width && aim.y <= image.height;
    const [across, down] = this.crosshair;
    for (const line of this.crosshair) line.hidden = !shown;
    if (!shown) return;
    const { x, y } = viewport.toView(aim);
    Object.assign(across.style, { width: `${width}px`, transform: `translate(${viewport.left}px, ${y}px)` });
    Object.assign(down.style, { height: `${height}px`, transform: `translate(${x}px, ${viewport.top}px)` });
  }
}
