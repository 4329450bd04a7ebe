/** What a new training is asked to be, and the order of those that wait. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { askedOf, customCount, fixed, moved, priorityFor, tidySettings, usualSettings, waitingOf } from "../../../app/static/train_settings.js";

const waiting = (id, priority, minute = 0) => ({ id, priority, status: "queued", created: `2026-01-01T10:0${minute}:00Z` });

test("the usual settings ask for a preset and leave the rest to others", () => {
  assert.deepEqual(askedOf(usualSettings()), { preset: "quick" });
  assert.equal(customCount(usualSettings()), 0);
});

test("what was filled in is asked for, numbers as numbers", () => {
  const settings = { ...usualSettings(), preset: "best", unit: "minutes", length: "2.5", batch: "4", input_size: "512", seed: "7", device: "cpu", backbone: "resnet50", augmentation: "strong" };
  assert.deepEqual(askedOf(settings), { preset: "best", minutes: 2.5, batch: 4, input_size: 512, seed: 7, device: "cpu", backbone: "resnet50", augmentation: "strong" });
  assert.equal(customCount(settings), 7);
});

test("whatever goes on from a model has the model's backbone", () => {
  assert.deepEqual(askedOf({ ...usualSettings(), start: "m1", backbone: "resnet50" }), { preset: "quick", start: "m1" });
});

test("a length without a number is left to the preset, and steps are whole", () => {
  assert.deepEqual(askedOf({ ...usualSettings(), unit: "epochs", length: "" }), { preset: "quick" });
  assert.deepEqual(askedOf({ ...usualSettings(), unit: "steps", length: "2.6" }), { preset: "quick", steps: 3 });
});

test("of what was kept only what a form may hold comes back", () => {
  const kept = { preset: "best", unit: "years", batch: 4, seed: "3", evil: "x", place: "first" };
  assert.deepEqual(tidySettings(kept), { ...usualSettings(), preset: "best", seed: "3" });
  assert.deepEqual(tidySettings(null), usualSettings());
});

test("a remedy sets its fields, and null leaves one to others", () => {
  const settings = { ...usualSettings(), device: "3", batch: "8" };
  assert.deepEqual(fixed(settings, { batch: 4, device: null }), { ...usualSettings(), batch: "4" });
  assert.deepEqual(fixed(settings, { epochs: 9 }), { ...settings, unit: "epochs", length: "9" });
});

test("those that wait stand by priority, equal ones by when they came", () => {
  const runs = [waiting("c", 10, 2), waiting("a", 10, 1), waiting("b", 5, 3), { ...waiting("d", 1), status: "running" }];
  assert.deepEqual(waitingOf(runs).map(({ id }) => id), ["b", "a", "c"]);
});

test("a run joins before all that wait, or after them", () => {
  const queue = [waiting("a", 4), waiting("b", 12)];
  assert.equal(priorityFor("first", queue), 3);
  assert.equal(priorityFor("last", queue), 12);
  assert.equal(priorityFor("first", [waiting("a", 0)]), 0);
  assert.deepEqual(askedOf({ ...usualSettings(), place: "first" }, queue), { preset: "quick", priority: 3 });
  assert.deepEqual(askedOf({ ...usualSettings(), place: "first" }, []), { preset: "quick" });
});

test("moving a run gives all an order that holds whatever came first", () => {
  const queue = [waiting("a", 10, 1), waiting("b", 10, 2), waiting("c", 10, 3)];
  const patches = moved(queue, 2, 1);
  const after = queue.map((run) => ({ ...run, ...patches.find(({ id }) => id === run.id) }));
  assert.deepEqual(waitingOf(after).map(({ id }) => id), ["a", "c", "b"]);
  assert.deepEqual(moved(queue, 1, 1).find(({ id }) => id === "a"), undefined);
});

test("priorities stay within what the server takes", () => {
  const patches = moved([waiting("a", 1000, 1), waiting("b", 1000, 2)], 1, 0);
  assert.ok(patches.every(({ priority }) => priority >= 0 && priority <= 1000));
});
