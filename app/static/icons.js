// @ts-check
/** The studio's icons: 20-unit strokes in the text colour, drawn here so that nothing is fetched. */

import { svg } from "./elements.js";

/** @type {Record<string, string>} path data by name */
const PATHS = {
  "actual-size": "M4 6.5 6 5v10M16 6.5 14 5v10M10 8.2h.01M10 12.2h.01",
  add: "M10 4v12M4 10h12",
  advance: "M2.8 4.5h8v11h-8zM13 6.5 16.8 10 13 13.5",
  archive: "M3 4h14v3.5H3zM4.2 7.5v8.5h11.6V7.5M8 10.5h4",
  back: "M12.5 4.5 7 10l5.5 5.5",
  bell: "M5 14.2V9a5 5 0 0 1 10 0v5.2M3.5 14.2h13M8.4 16.6a1.8 1.8 0 0 0 3.2 0",
  box: "M3.5 5.5h13v9h-13z",
  camera: "M3 6.5h3l1.4-2h5.2l1.4 2h3v9.5H3zM10 8.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6z",
  chart: "M4 16V9.5M8 16V4M12 16v-4.5M16 16V7",
  check: "M4 10.5 8.2 14.5 16 6",
  close: "M5 5l10 10M15 5 5 15",
  crosshair: "M10 2.8v5M10 12.2v5M2.8 10h5M12.2 10h5",
  down: "M10 4v12M5.5 11.5 10 16l4.5-4.5",
  download: "M10 3.5v9.2M6.2 9 10 12.8 13.8 9M3.5 12.5v4h13v-4",
  draw: "M6.5 3.5h7M3.5 6.5v7M16.5 6.5v7M6.5 16.5h7M2.2 2.2h2.6v2.6H2.2zM15.2 2.2h2.6v2.6h-2.6zM2.2 15.2h2.6v2.6H2.2zM15.2 15.2h2.6v2.6h-2.6z",
  empty: "M10 3.2a6.8 6.8 0 1 0 0 13.6 6.8 6.8 0 0 0 0-13.6zM5.2 14.8 14.8 5.2",
  eye: "M2.2 10S5 4.8 10 4.8 17.8 10 17.8 10 15 15.2 10 15.2 2.2 10 2.2 10zM10 7.6a2.4 2.4 0 1 0 0 4.8 2.4 2.4 0 0 0 0-4.8z",
  "eye-off": "M4.6 6.4C3 7.9 2.2 10 2.2 10S5 15.2 10 15.2c1.4 0 2.6-.4 3.7-1M8.2 5c.6-.1 1.2-.2 1.8-.2 5 0 7.8 5.2 7.8 5.2s-.6 1.2-1.8 2.5M3 3l14 14",
  film: "M3 4.5h14v11H3zM6.5 4.5v11M13.5 4.5v11M3 8.2h3.5M3 11.8h3.5M13.5 8.2H17M13.5 11.8H17",
  filter: "M3 4.5h14L11.8 10.6V16l-3.6-1.8v-3.6z",
  fit: "M3.5 7V3.5H7M13 3.5h3.5V7M16.5 13v3.5H13M7 16.5H3.5V13",
  flag: "M5 17V3.5M5 4.2h10.5l-2.4 3.4 2.4 3.4H5",
  folder: "M3 5.5h5l1.6 2H17v8.5H3z",
  forward: "M7.5 4.5 13 10l-5.5 5.5",
  grip: "M7.5 5h.01M12.5 5h.01M7.5 10h.01M12.5 10h.01M7.5 15h.01M12.5 15h.01",
  keyboard: "M2.5 5.5h15v9h-15zM5.5 8.5h.01M8.5 8.5h.01M11.5 8.5h.01M14.5 8.5h.01M6.5 11.8h7",
  lock: "M4.5 9h11v7.5h-11zM6.8 9V6.7a3.2 3.2 0 0 1 6.4 0V9",
  merge: "M5 3.5v3.2c0 3.3 5 3.3 5 6.6v3.2M15 3.5v3.2c0 3.3-5 3.3-5 6.6M7.4 14l2.6 2.6 2.6-2.6",
  minus: "M4 10h12",
  more: "M4.5 10h.01M10 10h.01M15.5 10h.01",
  note: "M4 3.5h12v9l-4 4H4zM12 16.5v-4h4M7 7.5h6M7 10.5h3",
  pause: "M7 4.5v11M13 4.5v11",
  pencil: "M4 16l.8-3.4L13 4.4l2.6 2.6-8.2 8.2zM11.4 6l2.6 2.6",
  photo: "M3 4.5h14v11H3zM3 13.5l4-4 3.5 3.5 2-2 4.5 3.5M12.8 8h.01",
  play: "M6.5 4.2v11.6L16 10z",
  pointer: "M5 3.2l10 7.2-4.7.7-2.4 4.2z",
  project: "M3.5 3.5h5.6v5.6H3.5zM10.9 3.5h5.6v5.6h-5.6zM3.5 10.9h5.6v5.6H3.5zM10.9 10.9h5.6v5.6h-5.6z",
  redo: "M12.5 3.5 16 7l-3.5 3.5M16 7H8.2a4.2 4.2 0 0 0 0 8.5H11",
  search: "M9 3.8a5.2 5.2 0 1 0 0 10.4A5.2 5.2 0 0 0 9 3.8zM12.8 12.8 17 17",
  skip: "M4.5 4.5 10 10l-5.5 5.5M11.5 4.5V15.5M15.5 4.5v11",
  spark: "M10 2.8l1.8 5.4 5.4 1.8-5.4 1.8L10 17.2l-1.8-5.4L2.8 10l5.4-1.8z",
  stop: "M5 5h10v10H5z",
  tag: "M3.5 3.5h6.2l7 7-6.2 6.2-7-7zM6.8 6.8h.01",
  trash: "M3.8 5.8h12.4M8 5.5V3.5h4v2M5.2 5.8l.8 10.7h8l.8-10.7M8.4 8.8v4.8M11.6 8.8v4.8",
  undo: "M7.5 3.5 4 7l3.5 3.5M4 7h7.8a4.2 4.2 0 0 1 0 8.5H9",
  unlock: "M4.5 9h11v7.5h-11zM6.8 9V6.2a3.2 3.2 0 0 1 6.2-1.1",
  up: "M10 16V4M5.5 8.5 10 4l4.5 4.5",
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
