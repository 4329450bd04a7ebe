/**
 * What a page shows of candidates with thresholds, by the browser's own suppression: the definition that the page and
 * `ssd_core/thresholds.py` share. Run with a file name it reads {candidates, classes, thresholds} and prints the rows.
 */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { nonMaxSuppression } from "../../../app/static/nms.js";

/** Indices of the rows that are shown, best first. */
export function shownIndices(candidates, classes, thresholds) {
  const { score, iou, max_boxes, class_agnostic, classes: shown, class_scores } = thresholds;
  const counted = candidates
    .map((row, index) => [...row.slice(0, 5), class_agnostic ? 0 : row[5], index, classes[row[5]]])
    .filter((row) => shown === null || shown.includes(row[7]))
    .filter((row) => Math.fround(row[4]) >= Math.fround(class_scores[row[7]] ?? score));
  return nonMaxSuppression(counted, 0, iou, max_boxes).map((row) => row[6]);
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv[2]) {
  const { candidates, classes, thresholds } = JSON.parse(readFileSync(process.argv[2], "utf8"));
  const rows = shownIndices(candidates, classes, thresholds).map((index) => candidates[index]);
  process.stdout.write(JSON.stringify(rows));
}
