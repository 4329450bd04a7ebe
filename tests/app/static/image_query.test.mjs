/** Filters as queries, pages by number, and what is remembered of a grid. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { stepTo } from "../../../app/static/grid_keys.js";
import { isNarrow, pageCount, pageQuery, queryOf, rangeWords, recallSettings, rememberSettings, tidyFilter, typedPage } from "../../../app/static/image_query.js";

test("a filter becomes the API's parameters, whatever was typed", () => {
  const filter = { status: "empty", class_id: 4, flagged: true, text: "a&b=${x} ü", sort: "-boxes" };
  assert.equal(queryOf(filter), "status=empty&class_id=4&flagged=true&text=a%26b%3D%24%7Bx%7D+%C3%BC&sort=-boxes");
  assert.equal(queryOf({}), "");
});

test("a page is asked for by its offset, with boxes only where they are shown", () => {
  assert.equal(pageQuery({ filter: { split: "val" }, page: 2, size: 60, boxes: true }), "split=val&offset=120&limit=60&with_boxes=true");
  assert.equal(pageQuery({ filter: {}, page: 0, size: 240, boxes: false }), "offset=0&limit=240");
});

test("an order narrows nothing", () => {
  assert.equal(isNarrow({ sort: "-added" }), false);
  assert.equal(isNarrow({ sort: "-added", text: "x" }), true);
});

test("a filter from elsewhere keeps only what a filter may hold", () => {
  assert.deepEqual(tidyFilter({ status: "gone", split: "test", class_id: "4", flagged: 1, text: "  ", sort: "name", other: 1 }), { split: "test" });
  assert.deepEqual(tidyFilter(null), {});
  assert.deepEqual(tidyFilter({ text: " nut ", sort: "-name" }), { text: "nut", sort: "-name" });
});

test("pages are counted, and an empty list has one", () => {
  assert.deepEqual([0, 1, 60, 61, 100_000].map((total) => pageCount(total, 60)), [1, 1, 1, 2, 1667]);
});

test("a page tells where it starts and ends", () => {
  assert.equal(rangeWords(0, 60, 0), "No images");
  assert.equal(rangeWords(0, 60, 1), "1 image");
  assert.equal(rangeWords(1, 60, 61), "61–61 of 61");
  assert.equal(rangeWords(205, 60, 12_345), "12,301–12,345 of 12,345");
});

test("a typed page is brought into range, and words are none", () => {
  assert.deepEqual(["3", "0", "-2", "99", "x", ""].map((typed) => typedPage(typed, 7)), [2, 0, 0, 6, null, null]);
});

test("a project's grid is remembered apart from another's, and broken memory is none", () => {
  const kept = new Map();
  const memory = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) };
  const settings = { filter: { text: "nut" }, page: 3, size: 120, boxes: false };
  rememberSettings(memory, 1, settings);
  assert.deepEqual(recallSettings(memory, 1), settings);
  const fresh = { filter: {}, page: 0, size: 60, boxes: true };
  assert.deepEqual(recallSettings(memory, 2), fresh);
  kept.set("ssd-studio.images.3", '{"page": -1, "size": 7, "filter": "x"');
  assert.deepEqual(recallSettings(memory, 3), fresh);
  assert.deepEqual(recallSettings(null, 1), fresh);
});

test("arrow keys walk a grid of three columns and stop at its edges", () => {
  const walk = (key, at) => stepTo(key, at, 3, 8);
  assert.deepEqual([walk("ArrowRight", 0), walk("ArrowDown", 4), walk("ArrowUp", 4), walk("Home", 5), walk("End", 5)], [1, 7, 1, 0, 7]);
  assert.deepEqual([walk("ArrowLeft", 0), walk("ArrowDown", 6), walk("ArrowUp", 2), walk("a", 2)], [null, null, null, null]);
});
