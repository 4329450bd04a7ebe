// @ts-check
/** Somebody else's boxes, dashed over the picture, while it is decided whose boxes shall stay. */

import { setAttributes, svg } from "./elements.js";

/** @typedef {import("./records.js").BoxRecord} BoxRecord */

export class TheirBoxes {
  /** @param {HTMLElement} stage as large as the picture at every zoom */
  constructor(stage) {
    this.svg = svg("svg", { class: "st-theirs", preserveAspectRatio: "none", "aria-hidden": "true", hidden: true });
    stage.append(this.svg);
  }

  /**
   * Draw the boxes that are not mine as well; null draws nothing.
   * @param {{width: number, height: number, theirs: readonly BoxRecord[], mine: readonly BoxRecord[]} | null} difference
   */
  draw(difference) {
    setAttributes(this.svg, { hidden: difference === null });
    if (difference === null) return this.svg.replaceChildren();
    const { width, height, theirs, mine } = difference;
    const known = new Set(mine.map(keyOf));
    setAttributes(this.svg, { viewBox: `0 0 ${width} ${height}` });
    this.svg.replaceChildren(
      ...theirs
        .filter((box) => !known.has(keyOf(box)))
        .flatMap(({ box: [x, y, x1, y1] }) => {
          const place = { x, y, width: x1 - x, height: y1 - y };
          return [svg("rect", { class: "ground", ...place }), svg("rect", { class: "dashes", ...place })];
        }),
    );
  }
}

/** @param {BoxRecord} box */
function keyOf({ class_id, box }) {
  return JSON.stringify([class_id, box]);
}
