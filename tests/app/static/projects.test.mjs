/** Projects and classes: their words, their order, and what was used last. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { PALETTE } from "../../../app/static/class_colour.js";
import { mergeWords } from "../../../app/static/class_merge.js";
import { moved, namesake, parted, placeAt } from "../../../app/static/class_order.js";
import { counted, percent } from "../../../app/static/count_words.js";
import { exportWords, lossesOf } from "../../../app/static/export_dialog.js";
import { offered } from "../../../app/static/header.js";
import { lastUsed, noteUse } from "../../../app/static/last_used.js";
import { found, latestFirst, lossWords, nextStep } from "../../../app/static/project_words.js";

const source = (path) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
const PROJECT = { id: 1, name: "Birds", images: 20, labelled: 0, empty: 0, boxes: 0, classes: 0, to_train: 0, archived: null, updated: null };

test("counts have their plural and their thousands", () => {
  assert.equal(counted(1, "box", "boxes"), "1 box");
  assert.equal(counted(0, "image"), "0 images");
  assert.equal(counted(12_345, "image"), "12,345 images");
});

test("a share never rounds something to nothing, nor nearly all to all", () => {
  assert.deepEqual([percent(1, 1000), percent(999, 1000), percent(0, 7), percent(7, 7), percent(1, 3), percent(0, 0)], ["< 1 %", "> 99 %", "0 %", "100 %", "33 %", ""]);
});

test("a project says what would bring it on", () => {
  const cases = [
    [{ images: 0 }, "Add photographs"],
    [{ images: 20 }, "Draw the first box"],
    [{ images: 20, labelled: 1, empty: 1, boxes: 3, to_train: 3 }, "Label 3 more to train"],
    [{ images: 20, labelled: 5, boxes: 9, to_train: 2 }, "Label 2 more to train"], // two of the five are for testing
    [{ images: 4, labelled: 1, boxes: 1, to_train: 4 }, "Add 1 photograph to train"],
    [{ images: 20, labelled: 4, empty: 1, boxes: 9 }, "Ready to train, 15 left to label"],
    [{ images: 5, labelled: 5, boxes: 9 }, "Ready to train"],
  ];
  for (const [change, words] of cases) assert.equal(nextStep({ ...PROJECT, ...change }), words);
});

test("the project opened or changed last stands first, an unused one by age", () => {
  const projects = [
    { ...PROJECT, id: 1 },
    { ...PROJECT, id: 2, updated: "2025-01-02T00:00:00+00:00" },
    { ...PROJECT, id: 3 },
    { ...PROJECT, id: 4 },
  ];
  const order = latestFirst(projects, { 1: Date.parse("2025-01-03T00:00:00Z") }).map(({ id }) => id);
  assert.deepEqual(order, [1, 2, 4, 3]);
});

test("a search finds every word of it in any case and order", () => {
  const projects = [{ ...PROJECT, name: "Garden birds 2024" }, { ...PROJECT, name: "Bird boxes" }];
  assert.deepEqual(found(projects, "BIRD gar").map(({ name }) => name), ["Garden birds 2024"]);
  assert.equal(found(projects, "  ").length, 2);
});

test("the head offers no archived project but the open one", () => {
  const projects = [{ id: 1, archived: null }, { id: 2, archived: "2025-01-01" }, { id: 3, archived: "2025-01-01" }];
  assert.deepEqual(offered(projects, 3).map(({ id }) => id), [1, 3]);
  assert.deepEqual(offered(projects, null).map(({ id }) => id), [1]);
});

test("what is lost with a project is counted", () => {
  assert.match(lossWords({ ...PROJECT, images: 1, boxes: 2 }), /^1 photograph with 2 boxes, its classes, .+ deleted for good\./);
  assert.match(lossWords({ ...PROJECT, images: 0 }), /^It has no photographs/);
});

test("the use of projects is remembered, and rubbish in the storage is not believed", () => {
  const kept = new Map();
  const memory = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) };
  for (let id = 1; id <= 60; id += 1) noteUse(memory, id, 1000 + id);
  const used = lastUsed(memory);
  assert.equal(used[60], 1060);
  assert.equal(used[10], undefined); // only the latest are kept
  kept.set([...kept.keys()][0], "{rubbish");
  assert.deepEqual(lastUsed(memory), {});
  assert.deepEqual(lastUsed(null), {});
});

test("the palette is the server's", () => {
  const [, list] = /^PALETTE = \(\n([^)]*)\)/m.exec(source("data/palette.py"));
  assert.deepEqual(PALETTE, list.match(/#[0-9A-F]{6}/g));
});

test("an item moves to a place and stops at the ends", () => {
  assert.deepEqual(moved(["a", "b", "c"], 0, 1), ["b", "a", "c"]);
  assert.deepEqual(moved(["a", "b", "c"], 2, 0), ["c", "a", "b"]);
  assert.deepEqual(moved(["a", "b", "c"], 0, -1), ["a", "b", "c"]);
  assert.deepEqual(moved(["a", "b", "c"], 2, 9), ["a", "b", "c"]);
});

test("a row that is dragged stands behind those whose middle it passed", () => {
  const middles = [20, 60, 100];
  assert.deepEqual([placeAt(middles, 0, 20), placeAt(middles, 0, 61), placeAt(middles, 0, 500), placeAt(middles, 2, 59), placeAt(middles, 2, -5)], [0, 1, 2, 1, 0]);
});

test("classes part into those in use and those in the archive, in order", () => {
  const classes = [
    { id: 1, position: 2, archived: false },
    { id: 2, position: 0, archived: false },
    { id: 3, position: 1, archived: true },
  ];
  const { active, archived } = parted(classes);
  assert.deepEqual([active.map(({ id }) => id), archived.map(({ id }) => id)], [[2, 1], [3]]);
});

test("a name is taken if another class has it, composed or not", () => {
  const classes = [{ id: 1, name: "caf\u00e9" }, { id: 2, name: "nut" }];
  assert.equal(namesake(classes, " cafe\u0301 ", 2)?.id, 1);
  assert.equal(namesake(classes, "nut", 2), undefined);
  assert.equal(namesake(classes, "Nut", 1), undefined); // capitals tell names apart
});

test("a merge says what changes, with and without the number of images", () => {
  assert.match(mergeWords({ name: "nut", boxes: 38 }, "bolt", 20), /^38 boxes on 20 images become boxes of “bolt”, and “nut” goes\./);
  assert.match(mergeWords({ name: "nut", boxes: 1 }, "bolt", null), /^1 box becomes a box of “bolt”/);
  assert.match(mergeWords({ name: "nut", boxes: 0 }, "bolt", 0), /has no boxes/);
});

test("a format tells what it loses, an export how far it is", () => {
  assert.equal(lossesOf([]), "Keeps everything.");
  assert.equal(lossesOf(["crowd marks", "splits."]), "Does not keep: crowd marks; splits.");
  assert.equal(exportWords({ id: 1, state: "running", done: 12, total: 80 }), "Writing 12 of 80 images…");
  assert.equal(exportWords({ id: 1, state: "done", report: { images: 1, boxes: 2 } }), "The file is ready: 1 image, 2 boxes.");
});
