// @ts-check
/** Detections as files: the shapes that `ssd-studio detect` writes, so that either can be fed to the same program. */

import { csvOf } from "./csv.js";

/** @typedef {import("./records.js").Candidate} Candidate */
/** @typedef {{image: string, width: number, height: number, classes: readonly string[], rows: readonly Candidate[]}} Found what was found in a picture */

const HEADER = ["image", "width", "height", "class", "score", "x0", "y0", "x1", "y1"];
/** Digits of a float32 that lose nothing. */
const DIGITS = 9;

/**
 * What was found in one picture.
 * @param {Found} found
 */
export function detectionsShape({ image, width, height, classes, rows }) {
  return { image, width, height, detections: rows.map(([x0, y0, x1, y1, score, index]) => ({ class: classes[index], score, box: [x0, y0, x1, y1] })) };
}

/**
 * COCO JSON with scores; its `annotations` alone are a COCO results file.
 *
 * While another model looks at the pictures one by one, they are of two models: a category is a name.
 * @param {readonly Found[]} pictures
 */
export function cocoText(pictures) {
  const names = new Set(pictures.flatMap(({ classes }) => classes));
  const categories = [...names].map((name, index) => ({ id: index + 1, name }));
  const ids = new Map(categories.map(({ id, name }) => [name, id]));
  const images = pictures.map(({ image, width, height }, index) => ({ id: index + 1, file_name: image, width, height }));
  const annotations = pictures.flatMap(({ classes, rows }, index) => rows.map((row) => ({ row, image_id: index + 1, category_id: ids.get(classes[row[5]]) })));
  return JSON.stringify(
    {
      images,
      categories,
      annotations: annotations.map(({ row: [x0, y0, x1, y1, score], image_id, category_id }, index) => ({
        id: index + 1,
        image_id,
        category_id,
        bbox: [x0, y0, x1 - x0, y1 - y0],
        area: (x1 - x0) * (y1 - y0),
        iscrowd: 0,
        score,
      })),
    },
    null,
    1,
  );
}

/**
 * A table with a row for each box; a picture without boxes has one row, whose last cells are empty.
 * @param {readonly Found[]} pictures
 */
export function csvText(pictures) {
  const lines = pictures.flatMap(({ image, width, height, classes, rows }) => {
    const of = [image, width, height];
    if (rows.length === 0) return [[...of, "", "", "", "", "", ""]];
    return rows.map(([x0, y0, x1, y1, score, kind]) => [...of, classes[kind], ...[score, x0, y0, x1, y1].map((value) => Number(value.toPrecision(DIGITS)))]);
  });
  return csvOf([HEADER, ...lines]);
}

/**
 * Names for files in one folder, no two alike whatever the case.
 * @param {readonly string[]} names
 * @param {string} ending such as ".jpg"
 * @returns {string[]}
 */
export function freeNames(names, ending) {
  const taken = new Set();
  return names.map((name) => {
    const stem = stemOf(name);
    let free = `${stem}${ending}`;
    for (let number = 2; taken.has(free.toLowerCase()); number += 1) free = `${stem}-${number}${ending}`;
    taken.add(free.toLowerCase());
    return free;
  });
}

/** @param {string} name @returns {string} without folders and ending */
export function stemOf(name) {
  return (name.split("/").at(-1) ?? "").replace(/\.[^.]*$/, "") || "picture";
}

/**
 * Let the browser save a file.
 * @param {Blob} blob
 * @param {string} name
 */
export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
