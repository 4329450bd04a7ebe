/** Photographs are sent in small batches, and one report comes back. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { batchesOf, joined, upload } from "../../../app/static/upload.js";

const EMPTY = { added: 0, existing: 0, boxes: 0, classes: [], rejected: [], notes: [] };

function files(count, size = 10) {
  return Array.from({ length: count }, (_, index) => ({ path: `folder/${index}.jpg`, file: new Blob([new Uint8Array(size)]) }));
}

beforeEach(() => {
  globalThis.document = { baseURI: "http://localhost:7860/" };
});

test("a batch has at most eight files", () => {
  assert.deepEqual(batchesOf(files(20)).map((batch) => batch.length), [8, 8, 4]);
  assert.deepEqual(batchesOf([]), []);
});

test("a batch of large files is smaller, and a huge file goes alone", () => {
  const megabytes = (/** @type {number[]} */ ...sizes) => sizes.map((size) => ({ file: { size: size * 2 ** 20 } }));
  assert.deepEqual(batchesOf(megabytes(12, 12, 12, 50, 1)).map((batch) => batch.length), [2, 1, 1, 1]);
});

test("reports add up, and classes are named once", () => {
  const report = joined({ ...EMPTY, added: 2, classes: ["cat"] }, { ...EMPTY, added: 1, existing: 4, classes: ["cat", "dog"] });
  assert.deepEqual(report, { ...EMPTY, added: 3, existing: 4, classes: ["cat", "dog"] });
});

test("progress is told after each batch, and names keep their folder", async () => {
  const names = [];
  globalThis.fetch = async (_, { body }) => {
    names.push(...body.getAll("files").map(({ name }) => name));
    return new Response(JSON.stringify({ ...EMPTY, added: body.getAll("files").length }));
  };
  const progress = [];
  const { report, failure } = await upload(3, files(10), (sent) => progress.push(sent));
  assert.deepEqual([report.added, failure, progress, names[9]], [10, null, [8, 10], "folder/9.jpg"]);
});

test("a failure in the middle keeps what was accepted and tells how far it got", async () => {
  let calls = 0;
  globalThis.fetch = async () => {
    calls += 1;
    if (calls === 2) throw new TypeError("Failed to fetch");
    return new Response(JSON.stringify({ ...EMPTY, added: 8 }));
  };
  const { report, sent, failure } = await upload(3, files(20), () => {});
  assert.deepEqual([report.added, sent, calls], [8, 8, 2]);
  assert.match(failure, /cannot be reached/);
});
