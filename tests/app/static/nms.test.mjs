/** Non-maximum suppression answers as the Python one does, bit for bit. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { iou, nonMaxSuppression } from "../../../app/static/nms.js";

const { format, cases } = JSON.parse(readFileSync(new URL("../../golden/nms_vectors.json", import.meta.url), "utf8"));

test("the shared vectors are of the format that this test reads", () => {
  assert.equal(format, 1);
  assert.ok(cases.length >= 10);
});

for (const { name, candidates, score_threshold, iou_threshold, max_boxes, kept } of cases) {
  test(`shared vector: ${name}`, () => {
    const found = nonMaxSuppression(candidates, score_threshold, iou_threshold, max_boxes);
    assert.deepEqual(found.map((row) => candidates.indexOf(row)), kept);
  });
}

test("two boxes that share a third of their union have an IoU of a third in float32", () => {
  assert.equal(iou([0, 0, 10, 10], [5, 0, 15, 10]), Math.fround(1 / 3));
});

test("boxes that only touch do not overlap", () => {
  assert.equal(iou([0, 0, 10, 10], [10, 0, 20, 10]), 0);
});

test("candidates are not changed", () => {
  const candidates = [[0, 0, 9, 9, 0.6, 0], [0, 0, 9, 9, 0.9, 0]];
  const before = structuredClone(candidates);
  nonMaxSuppression(candidates, 0.5, 0.45);
  assert.deepEqual(candidates, before);
});
