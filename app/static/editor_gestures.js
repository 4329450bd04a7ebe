// @ts-check
/**
 * Pointer gestures on the picture. With the drawing tool a drag draws, and so do two clicks on free ground; with the
 * selecting tool a drag moves the box it begins on, or the picture. With either, the selected box moves and its handles
 * resize it, a click selects, middle drag or Space and drag pans, the wheel or two fingers zoom. A click of the mouse
 * accepts a suggestion; a tap selects it, since a finger has no key to reject it by.
 */

import { boxBetween, boxClicked, clampPoint, contains, handleAt, largeEnough, MIN_SIDE, moved, resized } from "./box_geometry.js";

/** @typedef {import("./box_geometry.js").Point} Point */
/** @typedef {import("./box_geometry.js").Handle} Handle */
/** @typedef {import("./records.js").Xyxy} Xyxy */
/**
 * @typedef {{kind: "draw", start: Point, second?: boolean}
 *   | {kind: "move", start: Point, id: string, box: Xyxy, picks?: boolean}
 *   | {kind: "resize", start: Point, id: string, box: Xyxy, handle: Handle}
 *   | {kind: "pan", start: Point, clicks: boolean}
 *   | {kind: "pinch", anchor: Point, spread: number, zoom: number}
 *   | {kind: "wait"}} Drag a wait ends when every finger is up
 */

/** Screen pixels: a shorter drag is a click. */
const SLIP = 3;
/** Screen pixels around the selected box's border that still belong to it. */
const BORDER = 4;
/** Screen pixels beside the image where a click still begins a box at its edge. */
const BESIDE_IMAGE = 16;
const REACH_OF_MOUSE = 8;
const REACH_OF_FINGER = 18;
const ZOOM_PER_WHEEL_PIXEL = 1 / 300;
/** A pinch on a touchpad arrives as a wheel with Ctrl and small steps. */
const ZOOM_PER_PINCH_PIXEL = 1 / 100;
const LARGEST_PINCH_STEP = 40;
/** Pixels that a wheel's line or page stands for (WheelEvent.deltaMode 1 and 2). */
const WHEEL_UNIT = [1, 16, 400];

const CURSORS = { nw: "nwse", se: "nwse", ne: "nesw", sw: "nesw", n: "ns", s: "ns", e: "ew", w: "ew" };

export class EditorGestures {
  /** Whether Space is held, so that a drag pans. */
  panning = false;
  /** @type {Drag | null} */
  #drag = null;
  /** @type {Point | null} the first corner of a box drawn by two clicks, in pixels of the image */
  #corner = null;
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
    view.addEventListener("pointerleave", () => this.#leave());
    view.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    // Else the browser begins to drag the picture itself, or scrolls on a middle click, and cancels the pointer.
    for (const type of ["dragstart", "mousedown"]) view.addEventListener(type, (event) => event.preventDefault());
    doc.settings.addEventListener("change", () => {
      if (this.#corner && doc.settings.tool !== "draw") this.cancel();
      view.style.cursor = doc.settings.tool === "draw" ? "crosshair" : "default";
      this.#aimAt(null);
    });
  }

  /** Whether a drag is under way. */
  get busy() {
    return this.#drag !== null;
  }

  /** Whether the second click of a box is awaited. */
  get awaitsCorner() {
    return this.#corner !== null;
  }

  /** Give up the drag or the box begun by a click; nothing changes. */
  cancel() {
    this.#drag = null;
    this.#corner = null;
    this.canvas.view.classList.remove("panning");
    this.doc.show(null);
  }

  /**
   * Hold or release Space.
   * @param {boolean} held
   */
  holdSpace(held) {
    this.panning = held;
    this.canvas.view.classList.toggle("can-pan", held);
    if (held) this.canvas.view.style.cursor = "";
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
      this.#drag = this.#pinchBegins();
      return;
    }
    this.#from = at;
    this.#drag = event.button === 1 || this.panning ? { kind: "pan", start: canvas.pointOf(event), clicks: false } : this.#grab(event);
    if (this.#drag.kind === "move" && this.#drag.picks) doc.select(this.#drag.id);
    canvas.view.classList.toggle("panning", this.#drag.kind === "pan");
  }

  /** @param {PointerEvent} event @returns {Drag} what a press here takes hold of */
  #grab(event) {
    const { doc, canvas } = this;
    if (this.#corner) return { kind: "draw", start: this.#corner, second: true };
    const start = canvas.pointOf(event);
    const draws = doc.settings.tool === "draw";
    const { inHand: selected } = doc;
    if (selected && doc.settings.canPick(selected) && !(draws && event.shiftKey)) {
      const handle = handleAt(selected.box, start, this.#reach(event));
      if (handle) return { kind: "resize", start, id: selected.id, box: selected.box, handle };
      if (contains(selected.box, start, BORDER / canvas.viewport.zoom)) {
        return { kind: "move", start, id: selected.id, box: selected.box };
      }
    }
    if (draws) return { kind: "draw", start };
    const under = this.#under(event, start, null);
    return under ? { kind: "move", start, id: under.id, box: under.box, picks: true } : { kind: "pan", start, clicks: true };
  }

  /** @param {PointerEvent} event @returns {number} how far a handle reaches, in pixels of the image */
  #reach(event) {
    return (event.pointerType === "touch" ? REACH_OF_FINGER : REACH_OF_MOUSE) / this.canvas.viewport.zoom;
  }

  /** @param {PointerEvent} event @returns {number} how far a box reaches, in pixels of the image */
  #margin(event) {
    return (event.pointerType === "touch" ? REACH_OF_FINGER / 2 : BORDER) / this.canvas.viewport.zoom;
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
      this.#pointers.set(event.pointerId, at);
      this.#pinch(this.#drag);
    } else if (this.#drag.kind !== "wait") {
      this.#aimAt(this.#drag.kind === "draw" ? canvas.pointOf(event) : null);
      this.#preview(event);
    }
    this.#pointers.set(event.pointerId, at);
  }

  /** @param {PointerEvent} event */
  #hover(event) {
    if (event.pointerType === "touch" || this.#pointers.size > 0) return;
    const { doc, canvas } = this;
    const grab = this.#grab(event);
    const draws = grab.kind === "draw";
    const cursor = grab.kind === "resize" ? `${CURSORS[grab.handle]}-resize` : grab.kind === "move" ? "move" : draws ? "crosshair" : "default";
    canvas.view.style.cursor = this.panning ? "" : cursor;
    this.#aimAt(draws && !this.panning ? canvas.pointOf(event) : null);
    this.#point(event, grab);
    if (!this.#corner || !doc.image) return;
    doc.show({ id: null, box: boxBetween(this.#corner, canvas.pointOf(event), doc.image) });
  }

  #leave() {
    this.#aimAt(null);
    this.#pointAt(null, false);
  }

  /** Light up what a click would take. @param {PointerEvent} event @param {Drag} grab */
  #point(event, grab) {
    const under = this.#corner ? null : this.#under(event, this.canvas.pointOf(event));
    const ghost = under !== null && this.doc.ghosts.find(under.id) !== null;
    if (ghost && grab.kind === "draw" && !this.panning) this.canvas.view.style.cursor = "pointer";
    // Over the selected box, that one is meant by Delete.
    this.#pointAt(under?.id ?? null, ghost && (grab.kind === "draw" || ("id" in grab && grab.id === under?.id)));
  }

  /** @param {string | null} id @param {boolean} ghost */
  #pointAt(id, ghost) {
    this.doc.ghosts.pointedId = ghost ? id : null;
    this.canvas.hover(id);
  }

  /**
   * What a click here takes: the smallest, which may be a ghost; of boxes, and of all that is tapped, the one below the
   * selected one.
   * @param {PointerEvent} event @param {Point} point @param {string | null} [selectedId]
   */
  #under(event, point, selectedId = this.doc.selectedId) {
    const { pickable, ghosts } = this.doc;
    const margin = this.#margin(event);
    const first = boxClicked([...pickable, ...ghosts.reachable], point, taps(event) ? selectedId : null, margin);
    if (taps(event)) return first;
    return first && ghosts.find(first.id) ? first : boxClicked(pickable, point, selectedId, margin);
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
    if (!drag || !size || !("start" in drag) || drag.kind === "pan") return null;
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
    if (!drag) return;
    if (drag.kind === "pinch" || drag.kind === "wait") {
      this.#drag = this.#pointers.size > 0 ? { kind: "wait" } : null;
      return;
    }
    canvas.view.classList.remove("panning");
    const isDrag = this.#isDrag(event);
    const box = this.#result(event);
    this.#drag = null;
    if (drag.kind === "pan") {
      if (drag.clicks && finished && !isDrag) this.#click(event, drag.start);
      return this.#hover(event);
    }
    if (!finished || !box) return this.cancel();
    if (drag.kind === "draw" && (isDrag || drag.second)) this.#drawn(box);
    else if (!isDrag && drag.kind === "move" && drag.picks) {
      doc.show(null); // the press has selected it
      if (!taps(event)) doc.ghosts.accept(drag.id);
    } else if (!isDrag) this.#click(event, drag.start);
    else if (drag.kind !== "draw") doc.reshape(drag.id, box);
    this.#hover(event);
  }

  /** @param {Xyxy} box */
  #drawn(box) {
    const { doc } = this;
    this.#corner = null;
    if (largeEnough(box)) return doc.draw(box);
    doc.show(null);
    doc.say(`A box needs at least ${MIN_SIDE} × ${MIN_SIDE} pixels of the photograph; this one was dropped.`);
  }

  /** @param {PointerEvent} event @param {Point} point */
  #click(event, point) {
    const { doc } = this;
    doc.show(null);
    const under = this.#under(event, point);
    if (under && !taps(event) && doc.ghosts.accept(under.id)) return;
    doc.select(under?.id ?? null);
    // A finger covers what it aims at and has no Escape: it draws by dragging only.
    if (under || doc.settings.tool !== "draw" || event.pointerType === "touch" || !doc.image) return;
    const { x, y } = clampPoint(point, doc.image);
    if (Math.hypot(x - point.x, y - point.y) * this.canvas.viewport.zoom > BESIDE_IMAGE) return;
    this.#corner = { x, y };
    doc.show({ id: null, box: [x, y, x, y] });
  }

  /** @returns {Drag} two fingers hold the place of the image between them; a third one changes nothing */
  #pinchBegins() {
    const { viewport } = this.canvas;
    const { middle, spread } = this.#fingers();
    return { kind: "pinch", anchor: viewport.toImage(middle), spread, zoom: viewport.zoom };
  }

  /** @param {{anchor: Point, spread: number, zoom: number}} pinch */
  #pinch({ anchor, spread, zoom }) {
    const now = this.#fingers();
    if (spread === 0 || now.spread === 0) return;
    this.canvas.viewport.hold(anchor, now.middle, (zoom * now.spread) / spread);
    this.#viewportChanged();
  }

  #fingers() {
    const [a, b = a] = [...this.#pointers.values()];
    return { middle: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }, spread: Math.hypot(a.x - b.x, a.y - b.y) };
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    const { doc, canvas } = this;
    if (!doc.image) return;
    event.preventDefault();
    const unit = WHEEL_UNIT[event.deltaMode] ?? 1;
    const along = event.deltaY * unit;
    if (event.shiftKey || (event.deltaX !== 0 && event.deltaY === 0)) {
      canvas.viewport.panBy(-(event.deltaX * unit || along), 0);
    } else {
      const pinches = event.ctrlKey && Math.abs(along) < LARGEST_PINCH_STEP;
      canvas.viewport.zoomBy(Math.exp(-along * (pinches ? ZOOM_PER_PINCH_PIXEL : ZOOM_PER_WHEEL_PIXEL)), canvas.viewPointOf(event));
    }
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

/** @param {PointerEvent} event @returns {boolean} whether it is of a finger or a pen, which come without keys */
function taps({ pointerType }) {
  return pointerType === "touch" || pointerType === "pen";
}
