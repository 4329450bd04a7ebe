// A whole video: what is asked of the server, and how far it is in words.

import assert from "node:assert/strict";
import { test } from "node:test";

import { everyWords, lostOf, wholeQuery, wholeWords } from "../../../app/static/live_whole_words.js";

const USUAL = { score: 0.5, iou: 0.45, maxBoxes: 200, agnostic: false, hidden: new Set(), classScores: {} };
const RUNNING = {
  id: "a",
  state: "running",
  waiting: false,
  done: 240,
  total: 1900,
  report: null,
  error: null,
  name: "clip.mp4",
  model: "m0",
  model_name: "parts 1",
  frames_per_second: 21.4,
  seconds_left: 77,
};

test("the server is asked for what the sliders show", () => {
  assert.equal(wholeQuery("a & b.mp4", 5, USUAL, ["nut", "bolt"]).toString(), "name=a+%26+b.mp4&every=5&score=0.5&iou=0.45&max_boxes=200");
  const chosen = { ...USUAL, agnostic: true, hidden: new Set(["bolt"]), classScores: { nut: 0.7, gone: 0.2 } };
  const query = wholeQuery("a.mp4", 1, chosen, ["nut", "bolt", "pin"]);
  assert.equal(query.get("class_agnostic"), "true");
  assert.deepEqual(query.getAll("classes"), ["nut", "pin"]);
  assert.deepEqual(query.getAll("class_score"), ["nut:0.7"]);
});

test("how far it is says frames, speed and time as far as they are known", () => {
  assert.equal(wholeWords(RUNNING), "240 of 1,900 frames · 21 a second · about a minute left");
  assert.equal(wholeWords({ ...RUNNING, total: 0, seconds_left: null, frames_per_second: 2.04 }), "240 frames · 2.0 a second");
  assert.equal(wholeWords({ ...RUNNING, done: 0, waiting: true }), "Waiting for the video before it");
  assert.equal(wholeWords({ ...RUNNING, done: 0 }), "Starting");
  assert.equal(wholeWords(RUNNING, true), "No word from the studio's server. Check that it is still running.");
  assert.equal(wholeWords({ ...RUNNING, state: "failed", error: "It is no video." }, true), "It is no video.");
});

test("what came of it names the classes found most, or the reason why nothing did", () => {
  const report = { frames: 1, frames_read: 1, width: 64, height: 48, seconds: 1, boxes: { nut: 0, bolt: 3, pin: 1200, cup: 1, fork: 2 }, notes: [] };
  assert.equal(wholeWords({ ...RUNNING, state: "done", report }), "1 frame · 1,200\u00a0×\u00a0pin, 3\u00a0×\u00a0bolt, 2\u00a0×\u00a0fork, 1 other class");
  assert.equal(wholeWords({ ...RUNNING, state: "done", report: { ...report, boxes: { nut: 0 } } }), "1 frame · nothing found");
  assert.equal(wholeWords({ ...RUNNING, state: "failed", error: "It is no video." }), "It is no video.");
});

test("a video that was in work and is gone is missed, unless it was stopped here or had ended", () => {
  const before = ["a", "b", "c"].map((id) => ({ ...RUNNING, id }));
  const done = { ...RUNNING, id: "d", state: "done" };
  assert.deepEqual(lostOf([...before, done], [{ ...RUNNING, id: "b", state: "cancelled" }], new Set(["c"])), [before[0]]);
});

test("frames that are passed over are said in words", () => {
  assert.deepEqual([1, 2, 5].map(everyWords), ["Every frame", "Every second frame", "Every 5th frame"]);
});
