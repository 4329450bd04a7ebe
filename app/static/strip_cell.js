// @ts-check
/** One image of the film strip: its small copy with its boxes, and marks for its state. */

import { html, setAttributes, svg } from "./elements.js";
import { pictureUrl } from "./pictures.js";

/** @typedef {import("./records.js").ImageRecord} ImageRecord */
/** @typedef {import("./records.js").ClassRecord} ClassRecord */

/** Boxes drawn on a small copy at most: more are a blot. */
const BOXES = 60;
const NO_CLASS_COLOUR = "#6b7280";
const STATUS_WORDS = { labelled: "labelled", unlabelled: "unlabelled", empty: "no objects" };

export class StripCell {
  /** @param {ImageRecord} image with `drawn` @param {readonly ClassRecord[]} classes */
  constructor(image, classes) {
    this.image = image;
    const { id, width, height } = image;
    this.overlay = svg("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "xMidYMid slice", "aria-hidden": "true" });
    this.status = html("span", { class: "st-strip-status" });
    this.flag = html("span", { class: "st-strip-flag" });
    this.button = html(
      "button",
      { type: "button", class: "st-strip-cell", "data-image-id": id, tabindex: -1 },
      html("img", { src: pictureUrl(image, "thumbnail"), alt: "", loading: "lazy", decoding: "async", draggable: "false" }),
      this.overlay,
      this.status,
      this.flag,
    );
    this.node = html("li", {}, this.button);
    this.draw(classes);
  }

  get id() {
    return this.image.id;
  }

  /**
   * Take news of the image.
   * @param {Partial<ImageRecord>} news
   * @param {readonly ClassRecord[]} classes
   */
  update(news, classes) {
    this.image = { ...this.image, ...news };
    this.draw(classes);
  }

  /** @param {readonly ClassRecord[]} classes */
  draw(classes) {
    const { name, status, flag = false, suggestions = 0, drawn = [] } = this.image;
    const suggested = status === "unlabelled" && suggestions > 0 && "with suggestions";
    const words = [name, STATUS_WORDS[status], flag && "flagged", suggested].filter(Boolean).join(", ");
    setAttributes(this.button, { "aria-label": words, title: words, "data-status": status, "data-flag": flag });
    const colours = new Map(classes.map(({ id, colour }) => [id, colour]));
    this.overlay.replaceChildren(
      ...drawn.slice(0, BOXES).map(([classId, x0, y0, x1, y1]) =>
        svg("rect", { x: x0, y: y0, width: x1 - x0, height: y1 - y0, stroke: colours.get(classId) ?? NO_CLASS_COLOUR }),
      ),
    );
  }
}
