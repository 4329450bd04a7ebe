// @ts-check
/**
 * The film strip: small copies of the images before and after the one shown, with their boxes, in the queue's order.
 *
 * Only a window of the queue is on the page. It grows towards where a person goes or scrolls, and is cut at its far end.
 */

import { api } from "./api.js";
import { html, setAttributes } from "./elements.js";
import { queueOf, queuePath } from "./label_queue.js";
import { StripCell } from "./strip_cell.js";

/** @typedef {import("./records.js").ImageRecord} ImageRecord */
/** @typedef {import("./records.js").PlaceRecord} PlaceRecord */

/** Images asked for on each side at first, and in one direction later. */
const BEFORE = 12;
const AFTER = 24;
const MORE = 30;
/** Images between the one shown and the window's end from which on more are asked for. */
const MARGIN = 8;
/** Cells on the page at most. */
const MOST = 120;

export class FilmStrip {
  /** @type {StripCell[]} in the queue's order */
  #cells = [];
  /** @type {number | null} */
  #current = null;
  /** Whether the queue goes on before the first cell, and after the last one. */
  #goesOn = { before: false, after: false };
  #turn = 0;
  #growing = false;

  /**
   * @param {import("./lifecycle.js").Life} life
   * @param {import("./editor_document.js").EditorDocument} doc
   * @param {(imageId: number) => void} open
   */
  constructor(life, doc, open) {
    this.life = life;
    this.doc = doc;
    this.list = html("ol", { class: "st-strip-list" });
    this.node = html("nav", { class: "st-strip", "aria-label": "Film strip" }, this.list);
    this.list.addEventListener("click", ({ target }) => {
      const button = target instanceof Element ? target.closest("button") : null;
      if (button) open(Number(button.dataset.imageId));
    });
    this.node.addEventListener("scroll", () => this.#growWhereSeen(), { passive: true });
    this.node.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    new ResizeObserver(() => this.#centre()).observe(this.node);
  }

  /** Follow the document to the image that it shows. */
  show() {
    const { image, place } = this.doc;
    this.#current = image?.id ?? null;
    this.node.hidden = !image;
    if (!image || !place) return;
    const at = this.#cells.findIndex(({ id }) => id === image.id);
    if (at < 0) return void this.#begin(image, place);
    this.#mark();
    const last = this.#cells.length - 1;
    if (at < MARGIN && this.#goesOn.before) this.#grow("before");
    else if (at > last - MARGIN && this.#goesOn.after) this.#grow("after");
  }

  /** Read anew what is shown, as when the queue or the project's images changed. */
  renew() {
    const { image, place } = this.doc;
    if (image && place) this.#begin(image, place);
  }

  /**
   * Take news of an image.
   * @param {number} imageId
   * @param {Partial<ImageRecord>} news
   */
  update(imageId, news) {
    this.#cells.find(({ id }) => id === imageId)?.update(news, this.doc.classes);
  }

  /** @param {ImageRecord} image @param {PlaceRecord} place */
  async #begin(image, place) {
    const turn = ++this.#turn;
    const answer = await this.#ask(image, { before: BEFORE, after: AFTER });
    if (!answer || turn !== this.#turn) return;
    const images = withShown(answer.images, image, place);
    const at = images.findIndex(({ id }) => id === image.id);
    this.#goesOn = { before: at >= BEFORE, after: images.length - 1 - at >= AFTER };
    this.#cells = images.map((each) => new StripCell(each, this.doc.classes));
    this.list.replaceChildren(...this.#cells.map(({ node }) => node));
    this.#mark();
  }

  /** @param {"before" | "after"} side */
  async #grow(side) {
    const edge = side === "before" ? this.#cells[0] : this.#cells.at(-1);
    if (!edge || this.#growing) return;
    this.#growing = true;
    const turn = this.#turn;
    const answer = await this.#ask(edge.image, side === "before" ? { before: MORE, after: 0 } : { before: 0, after: MORE });
    this.#growing = false;
    if (!answer || turn !== this.#turn) return;
    const known = new Set(this.#cells.map(({ id }) => id));
    const added = answer.images.filter(({ id }) => !known.has(id)).map((each) => new StripCell(each, this.doc.classes));
    this.#goesOn[side] = added.length >= MORE;
    const anchor = this.#cells.find(({ id }) => id === this.#current) ?? edge;
    const stood = anchor.node.offsetLeft - this.node.scrollLeft;
    if (side === "before") {
      this.list.prepend(...added.map(({ node }) => node));
      this.#cells = [...added, ...this.#cells];
    } else {
      this.list.append(...added.map(({ node }) => node));
      this.#cells = [...this.#cells, ...added];
    }
    this.#cut(side);
    if (anchor.node.isConnected) this.node.scrollLeft = anchor.node.offsetLeft - stood; // what was seen stays in its place
    this.#mark(false);
  }

  /** @param {"before" | "after"} grown on which side; the other one is cut */
  #cut(grown) {
    const over = this.#cells.length - MOST;
    if (over <= 0) return;
    const gone = grown === "before" ? this.#cells.splice(-over) : this.#cells.splice(0, over);
    for (const { node } of gone) node.remove();
    this.#goesOn[grown === "before" ? "after" : "before"] = true;
  }

  /** @param {ImageRecord} image @param {{before: number, after: number}} reach @returns {Promise<{images: ImageRecord[]} | null>} */
  async #ask({ id, project_id }, reach) {
    const path = queuePath(`projects/${project_id}/images/around`, queueOf(project_id), { image_id: id, ...reach });
    return api("GET", path).catch(() => null); // the strip stays as it is; saving tells of a lost server by itself
  }

  /** @param {boolean} [centre] */
  #mark(centre = true) {
    for (const { id, node } of this.#cells) {
      const here = id === this.#current;
      setAttributes(node.firstElementChild ?? node, { "aria-current": here ? "true" : null, tabindex: here ? 0 : -1 });
    }
    if (centre) this.#centre();
  }

  #centre() {
    const cell = this.#cells.find(({ id }) => id === this.#current)?.node;
    if (!cell || this.node.clientWidth === 0) return;
    this.node.scrollLeft = cell.offsetLeft - (this.node.clientWidth - cell.offsetWidth) / 2;
  }

  #growWhereSeen() {
    const { scrollLeft, clientWidth } = this.node;
    const [first, last] = [this.#cells[0]?.node, this.#cells.at(-1)?.node];
    if (!first || !last) return;
    if (this.#goesOn.before && scrollLeft < first.offsetLeft + clientWidth / 2) this.#grow("before");
    else if (this.#goesOn.after && scrollLeft + clientWidth > last.offsetLeft - clientWidth / 2) this.#grow("after");
  }

  /** @param {WheelEvent} event a mouse's wheel moves the strip sideways */
  #wheel(event) {
    if (event.ctrlKey || event.deltaX !== 0) return;
    event.preventDefault();
    this.node.scrollLeft += event.deltaY * (event.deltaMode === 1 ? 16 : 1);
  }
}

/**
 * The images with the one shown among them, which the filter may leave out by now.
 * @param {ImageRecord[]} images in the queue's order
 * @param {ImageRecord} shown
 * @param {PlaceRecord} place
 * @returns {ImageRecord[]}
 */
export function withShown(images, shown, { next_id, previous_id }) {
  if (images.some(({ id }) => id === shown.id)) return images;
  const next = images.findIndex(({ id }) => id === next_id);
  const at = next >= 0 ? next : images.findIndex(({ id }) => id === previous_id) + 1;
  return [...images.slice(0, at), shown, ...images.slice(at)];
}
