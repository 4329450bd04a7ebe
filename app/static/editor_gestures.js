// @ts-check
/**
 * Pointer gestures on the picture: drag draws, or moves and resizes the selected box; a click selects; middle drag or
 * Space and drag pans; two fingers zoom and pan; Ctrl with the wheel zooms.
 */

import { boxBetween, boxClicked, contains, handleAt, moved, resized } from "./box_geometry.js";

/** @typedef {import("./box_geometry.js").Point} Point */
/** @typedef {import("./box_geometry.js").Handle} Handle */
/** @typedef {import("./records.js").Xyxy} Xyxy */
/**
 * @typedef {{kind: "draw", start: Point}
 *   | {kind: "move", start: Point, id: string, box: Xyxy}
 *   | {kind: "resize", start: Point, id: string, box: Xyxy, handle: Handle}
 *   | {kind: "pan"}
 *   | {kind: "pinch"}} Drag
 */

/** Screen pixels: a shorter drag is a click, a smaller box a slip. */
const SLIP = 3;
/** Screen pixels around the selected box's border that still belong to it. */
const BORDER = 4;
const REACH_OF_MOUSE = 8;
const REACH_OF_FINGER = 18;
const ZOOM_PER_WHEEL_PIXEL = 1 / 300;
/** Pixels that a wheel's line or page stands for (WheelEvent.deltaMode 1 and 2). */
const WHEEL_UNIT = [1, 16, 400];

const CURSORS = { nw: "nwse", se: "nwse", ne: "nesw", sw: "nesw", n: "ns", s: "ns", e: "ew", w: "ew" };

export class EditorGestures {
  /** Whether Space is held, so that a drag pans. */
  panning = false;
  /** @type {Drag | null} */
  #drag = null;
  /** @type {Map<number, Point>} pointers that are down, in screen pixels of the view */
  #pointers = new Map();
  /** @type {Point} where the drag began, in screen pixels of the view */
  #from = { x: 0, y: 0 };

  /**
   * @param {import("./editor_document.js").EditorDocument} doc
   * @param {import("./editor_canvas.js").EditorCanvas} canvas
   * @param {() => void} onViewport told when zoom or place changed
   */
  constructor(doc, canvas, onViewport) {
    this.doc = doc;
    this.canvas = canvas;
    this.onViewport = onViewport;
    const { view } = canvas;
    view.addEventListener("pointerdown", (event) => this.#down(event));
    view.addEventListener("pointermove", (event) => this.#move(event));
    view.addEventListener("pointerup", (event) => this.#up(event, true));
    view.addEventListener("pointercancel", (event) => this.#up(event, false));
    view.addEventListener("pointerleave", () => this.#aimAt(null));
    view.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    // Else the browser begins to drag the picture itself, or scrolls on a middle click, and cancels the pointer.
    for (const type of ["dragstart", "mousedown"]) view.addEventListener(type, (event) => event.preventDefault());
  }

  /** Whether a drag is under way. */
  get busy() {
    return this.#drag !== null;
  }

  /** Give up the drag; nothing changes. */
  cancel() {
    this.#drag = null;
    this.doc.show(null);
  }

  /**
   * Hold or release Space.
   * @param {boolean} held
   */
  holdSpace(held) {
    this.panning = held;
    this.canvas.view.classList.toggle("can-pan", held);
  }

  /** @param {PointerEvent} event */
  #down(event) {
    const { doc, canvas } = this;
    if (!doc.image || event.button > 1) return;
    canvas.view.focus({ preventScroll: true });
    canvas.view.setPointerCapture(event.pointerId);
    const at = canvas.viewPointOf(event);
    this.#pointers.set(event.pointerId, at);
    if (this.#pointers.size > 1) {
      this.cancel();
      this.#drag = { kind: "pinch" };
      return;
    }
    this.#from = at;
    this.#drag = event.button === 1 || this.panning ? { kind: "pan" } : this.#grab(event);
    canvas.view.classList.toggle("panning", this.#drag.kind === "pan");
  }

  /** @param {PointerEvent} event @returns {Drag} what a press here takes hold of */
  #grab(event) {
    const { doc, canvas } = this;
    const start = canvas.pointOf(event);
    const { selected } = doc;
    if (selected) {
      const handle = handleAt(selected.box, start, this.#reach(event));
      if (handle) return { kind: "resize", start, id: selected.id, box: selected.box, handle };
      if (contains(selected.box, start, BORDER / canvas.viewport.zoom)) {
        return { kind: "move", start, id: selected.id, box: selected.box };
      }
    }
    return { kind: "draw", start };
  }

  /** @param {PointerEvent} event @returns {number} how far a handle reaches, in pixels of the image */
  #reach(event) {
    return (event.pointerType === "touch" ? REACH_OF_FINGER : REACH_OF_MOUSE) / this.canvas.viewport.zoom;
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const { doc, canvas } = this;
    if (!doc.image) return;
    const at = canvas.viewPointOf(event);
    const before = this.#pointers.get(event.pointerId);
    if (!this.#drag || !before) return this.#hover(event);
    if (this.#drag.kind === "pan") {
      canvas.viewport.panBy(at.x - before.x, at.y - before.y);
      this.#viewportChanged();
    } else if (this.#drag.kind === "pinch") {
      this.#pinch(event.pointerId, at);
    } else {
      this.#aimAt(this.#drag.kind === "draw" ? canvas.pointOf(event) : null);
      this.#preview(event);
    }
    this.#pointers.set(event.pointerId, at);
  }

  /** @param {PointerEvent} event */
  #hover(event) {
    if (event.pointerType === "touch") return;
    const grab = this.#grab(event);
    const cursor = grab.kind === "resize" ? `${CURSORS[grab.handle]}-resize` : grab.kind === "move" ? "move" : "crosshair";
    this.canvas.view.style.cursor = this.panning ? "" : cursor;
    this.#aimAt(grab.kind === "draw" && !this.panning ? this.canvas.pointOf(event) : null);
  }

  /** @param {PointerEvent} event */
  #preview(event) {
    const { doc } = this;
    if (!doc.image || (this.#drag?.kind !== "resize" && !this.#isDrag(event))) return;
    const box = this.#result(event);
    if (!box || !this.#drag) return;
    doc.show({ id: "id" in this.#drag ? this.#drag.id : null, box });
  }

  /** @param {PointerEvent} event @returns {boolean} whether the pointer went further than a click does */
  #isDrag(event) {
    const at = this.canvas.viewPointOf(event);
    return this.doc.preview !== null || Math.hypot(at.x - this.#from.x, at.y - this.#from.y) >= SLIP;
  }

  /** @param {PointerEvent} event @returns {Xyxy | null} the box that the drag has made so far */
  #result(event) {
    const drag = this.#drag;
    const size = this.doc.image;
    if (!drag || !size || drag.kind === "pan" || drag.kind === "pinch") return null;
    const point = this.canvas.pointOf(event);
    const [dx, dy] = [point.x - drag.start.x, point.y - drag.start.y];
    if (drag.kind === "move") return moved(drag.box, dx, dy, size);
    if (drag.kind === "resize") return resized(drag.box, drag.handle, dx, dy, size);
    return boxBetween(drag.start, point, size);
  }

  /** @param {PointerEvent} event @param {boolean} finished false when the browser took the pointer away */
  #up(event, finished) {
    const { doc, canvas } = this;
    this.#pointers.delete(event.pointerId);
    const drag = this.#drag;
    if (!drag || (drag.kind === "pinch" && this.#pointers.size > 0)) return;
    canvas.view.classList.remove("panning");
    const isDrag = this.#isDrag(event);
    const box = this.#result(event);
    this.#drag = null;
    if (drag.kind === "pan" || drag.kind === "pinch") return;
    if (!finished || !box) return doc.show(null);
    if (!isDrag) this.#click(event, drag.start);
    else if (drag.kind !== "draw") doc.reshape(drag.id, box);
    else if (this.#largeEnough(box)) doc.add(box);
    else doc.show(null);
    this.#hover(event);
  }

  /** @param {PointerEvent} event @param {Point} point */
  #click(event, point) {
    const { doc, canvas } = this;
    const margin = (event.pointerType === "touch" ? REACH_OF_FINGER / 2 : BORDER) / canvas.viewport.zoom;
    doc.show(null);
    doc.select(boxClicked(doc.boxes, point, doc.selectedId, margin)?.id ?? null);
  }

  /** @param {Xyxy} box */
  #largeEnough([x0, y0, x1, y1]) {
    const { zoom } = this.canvas.viewport;
    return (x1 - x0) * zoom >= SLIP && (y1 - y0) * zoom >= SLIP;
  }

  /** @param {number} id @param {Point} at */
  #pinch(id, at) {
    const before = this.#pointers.get(id);
    const other = [...this.#pointers].find(([pointer]) => pointer !== id)?.[1];
    if (!before || !other) return;
    const { viewport } = this.canvas;
    const middle = { x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 };
    viewport.panBy((at.x - before.x) / 2, (at.y - before.y) / 2);
    const spread = Math.hypot(before.x - other.x, before.y - other.y);
    if (spread > 0) viewport.zoomBy(Math.hypot(at.x - other.x, at.y - other.y) / spread, middle);
    this.#viewportChanged();
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    const { doc, canvas } = this;
    if (!doc.image) return;
    const unit = WHEEL_UNIT[event.deltaMode] ?? 1;
    if (event.ctrlKey || event.metaKey) {
      canvas.viewport.zoomBy(Math.exp(-event.deltaY * unit * ZOOM_PER_WHEEL_PIXEL), canvas.viewPointOf(event));
    } else if (!canvas.viewport.fitted) {
      const sideways = event.shiftKey && event.deltaX === 0;
      const [dx, dy] = sideways ? [event.deltaY, 0] : [event.deltaX, event.deltaY];
      canvas.viewport.panBy(-dx * unit, -dy * unit);
    } else return; // a fitted picture leaves the wheel to the page
    event.preventDefault();
    this.#viewportChanged();
  }

  /** @param {Point | null} point */
  #aimAt(point) {
    if (point === null && this.canvas.aim === null) return;
    this.canvas.aim = point;
    this.canvas.drawSoon();
  }

  #viewportChanged() {
    this.canvas.drawSoon();
    this.onViewport();
  }
}
