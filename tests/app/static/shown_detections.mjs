/**
 * What a page shows of candidates with thresholds, by the browser's own suppression: the definition that the page and
 * `ssd_core/thresholds.py` share. Run with a file name it reads {candidates, classes, thresholds} and prints the rows.
 */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { shownOf } from "../../../app/static/live_thresholds.js";

/** Indices of the rows that are shown, best first. */
export function shownIndices(candidates, classes, thresholds) {
  const { score, iou, max_boxes: maxBoxes, class_agnostic: agnostic, classes: shown, class_scores: classScores } = thresholds;
  const hidden = new Set(shown === null ? [] : classes.filter((name) => !shown.includes(name)));
  return shownOf(candidates, classes, { score, iou, maxBoxes, agnostic, hidden, classScores }).map((row) => candidates.indexOf(row));
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv[2]) {
  const { candidates, classes, thresholds } = JSON.parse(readFileSync(process.argv[2], "utf8"));
  const rows = shownIndices(candidates, classes, thresholds).map((index) => candidates[index]);
  process.stdout.write(JSON.stringify(rows));
}
