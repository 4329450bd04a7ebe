/** Thresholds leave in the browser what they leave in Python. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { shownIndices } from "./shown_detections.mjs";

const { format, cases } = JSON.parse(
  readFileSync(new URL("../../golden/threshold_vectors.json", import.meta.url), "utf8"),
);

test("the shared vectors are of the format that this test reads", () => {
  assert.equal(format, 1);
  assert.ok(cases.length >= 10);
});

for (const { name, candidates, classes, thresholds, kept } of cases) {
  test(`shared vector: ${name}`, () => {
    assert.deepEqual(shownIndices(candidates, classes, thresholds), kept);
  });
}
