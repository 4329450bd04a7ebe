/** What is drawn of detections over a picture. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { lookOf, paintDetections } from "../../../app/static/detection_overlay.js";

/** Draw on a canvas of 200 × 100 over a picture half as large; gives the frames, and the words where they begin. */
function drawn(rows, options) {
  const frames = [];
  const words = [];
  const context = { measureText: () => ({ width: 30 }), fillRect: () => {}, strokeRect: (...frame) => frames.push(frame), fillText: (text, x) => words.push([text, x]) };
  paintDetections(context, 200, 100, rows, lookOf(["nut", "bolt"], ["#ff0000", undefined]), { width: 100, height: 50 }, options);
  return { frames: [...new Set(frames.map(String))], words };
}

const ROWS = [
  [10, 20, 30, 40, 0.9, 0],
  [50, 20, 60, 30, 0.876, 1],
];

test("boxes are drawn in the size of what they lie over, the best on top", () => {
  const { frames, words } = drawn(ROWS);
  assert.deepEqual(frames, ["100,40,20,20", "20,40,40,40"]);
  assert.deepEqual(words.map(([text]) => text), ["bolt 0.88", "nut 0.90"]);
});

test("over a mirrored picture boxes are mirrored, and their words begin at their left all the same", () => {
  const [plain, mirrored] = [drawn([ROWS[0]]), drawn([ROWS[0]], { mirrored: true })];
  assert.deepEqual([plain.frames, mirrored.frames], [["20,40,40,40"], ["140,40,40,40"]]);
  assert.equal(mirrored.words[0][1] - plain.words[0][1], 120);
});
