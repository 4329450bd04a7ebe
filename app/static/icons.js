// @ts-check
/** The studio's icons: 20-unit strokes in the text colour, drawn here so that nothing is fetched. */

import { svg } from "./elements.js";

/** @type {Record<string, string>} path data by name */
const PATHS = {
  add: "M10 4v12M4 10h12",
  back: "M12.5 4.5 7 10l5.5 5.5",
  camera: "M3 6.5h3l1.4-2h5.2l1.4 2h3v9.5H3zM10 8.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6z",
  check: "M4 10.5 8.2 14.5 16 6",
  close: "M5 5l10 10M15 5 5 15",
  empty: "M10 3.2a6.8 6.8 0 1 0 0 13.6 6.8 6.8 0 0 0 0-13.6zM5.2 14.8 14.8 5.2",
  fit: "M3.5 7V3.5H7M13 3.5h3.5V7M16.5 13v3.5H13M7 16.5H3.5V13",
  folder: "M3 5.5h5l1.6 2H17v8.5H3z",
  forward: "M7.5 4.5 13 10l-5.5 5.5",
  minus: "M4 10h12",
  pause: "M7 4.5v11M13 4.5v11",
  photo: "M3 4.5h14v11H3zM3 13.5l4-4 3.5 3.5 2-2 4.5 3.5M12.8 8h.01",
  play: "M6.5 4.2v11.6L16 10z",
  project: "M3.5 3.5h5.6v5.6H3.5zM10.9 3.5h5.6v5.6h-5.6zM3.5 10.9h5.6v5.6H3.5zM10.9 10.9h5.6v5.6h-5.6z",
  redo: "M12.5 3.5 16 7l-3.5 3.5M16 7H8.2a4.2 4.2 0 0 0 0 8.5H11",
  skip: "M4.5 4.5 10 10l-5.5 5.5M11.5 4.5V15.5M15.5 4.5v11",
  spark: "M10 2.8l1.8 5.4 5.4 1.8-5.4 1.8L10 17.2l-1.8-5.4L2.8 10l5.4-1.8z",
  stop: "M5 5h10v10H5z",
  trash: "M3.8 5.8h12.4M8 5.5V3.5h4v2M5.2 5.8l.8 10.7h8l.8-10.7M8.4 8.8v4.8M11.6 8.8v4.8",
  undo: "M7.5 3.5 4 7l3.5 3.5M4 7h7.8a4.2 4.2 0 0 1 0 8.5H9",
  upload: "M10 13V3.8M6.2 7.5 10 3.7l3.8 3.8M3.5 12.5v4h13v-4",
  warning: "M10 3.2 17.6 16.5H2.4zM10 8v4M10 14.2h.01",
};

/**
 * An icon, hidden from screen readers: the button that holds it has the name.
 * @param {keyof typeof PATHS} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  return svg(
    "svg",
    { class: "st-icon", viewBox: "0 0 20 20", width: 18, height: 18, "aria-hidden": "true", focusable: "false" },
    svg("path", { d: PATHS[name] }),
  );
}
