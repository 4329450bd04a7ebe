/** Durations, promises and settings in words, and the actions each state of a run offers. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { retitled, titled } from "../../../app/static/page_title.js";
import { actionsOf, deedOf } from "../../../app/static/run_actions.js";
import { failureWords } from "../../../app/static/train_failure.js";
import { tickedAfter } from "../../../app/static/train_history.js";
import { tailOf } from "../../../app/static/train_log.js";
import { endWords } from "../../../app/static/train_news.js";
import { lookedAt, seenAt, shownOf } from "../../../app/static/train_photos.js";
import { refused, sorted } from "../../../app/static/train_preflight.js";
import { aboutTime, cardTimes, differences, exactTime, numberWords, sureness, timeOf } from "../../../app/static/train_words.js";

test("a promise is no more precise than it is", () => {
  assert.deepEqual([4, 44, 58, 139, 3590, 5000].map(aboutTime), ["about 10 s", "about 40 s", "about 1 min", "about 2 min", "about 1 h", "about 1 h 20 min"]);
  assert.equal(sureness({ seconds: 1, measured: true }), "measured on this machine");
  assert.equal(sureness({ seconds: 1, measured: false, measuring: true }), "an estimate, being measured now");
});

test("the time that was is told exactly", () => {
  assert.deepEqual([7.4, 60, 72, 3600, 3720, null].map(exactTime), ["7 s", "1 min", "1 min 12 s", "1 h", "1 h 2 min", "–"]);
});

test("rests do not count against the promise", () => {
  const run = { status: "done", seconds: 900, worked_seconds: 180, promised_seconds: 170 };
  assert.deepEqual(timeOf(run), { spent: "3 min", promised: "about 3 min promised" });
  assert.equal(timeOf({ ...run, status: "running", attempts: 1, seconds: 12 }).spent, "12 s");
  assert.equal(timeOf({ ...run, status: "running", attempts: 2 }).spent, "3 min"); // it rested between its attempts
  assert.equal(timeOf({ ...run, status: "queued", attempts: 1, worked_seconds: 0 }).spent, "–");
});

test("the cards of presets tell times with the settings of the form", () => {
  const presets = [
    { name: "quick", seconds: 100, measured: true },
    { name: "best", seconds: 1000, measured: true },
  ];
  assert.deepEqual(cardTimes(presets, "quick", null, false).best, { seconds: 1000, measured: true, measuring: undefined });
  const promise = { seconds: 300, measured: false, measuring: true };
  assert.deepEqual(cardTimes(presets, "quick", promise, false), { quick: promise, best: { seconds: 3000, measured: false, measuring: true } });
  assert.deepEqual(cardTimes(presets, "quick", promise, true), { quick: promise, best: null });
});

test("numbers have as many digits as tell something", () => {
  assert.deepEqual([0.0012, 0.123, 12.345, 1234.5, undefined, NaN].map(numberWords), ["1.2e−3", "0.12", "12.35", "1235", "–", "–"]);
});

test("a comparison names only the settings in which runs differ", () => {
  const params = (batch, steps) => ({ params: { preset: "quick", train_config: { batch_size: batch, steps } } });
  assert.deepEqual(differences([params(8, 240), params(4, 240)]), [["Batch", ["8", "4"]]]);
  assert.deepEqual(differences([params(8, 240), params(8, 240)]), []);
  const begun = (start) => ({ params: { start, backbone: "resnet50" } });
  assert.deepEqual(differences([begun("imagenet"), begun("m1"), { params: {} }]), [["Backbone", ["ResNet-50", "ResNet-50", "–"]], ["Began from", ["ImageNet", "another model", "–"]]]);
});

test("each state offers what can be done in it", () => {
  const run = (status, step = 9) => ({ status, step, phase: "training", model_id: status === "done" ? "m" : null });
  assert.deepEqual(actionsOf(run("queued", 0)), ["cancel"]);
  assert.deepEqual(actionsOf(run("running")), ["pause", "finish", "cancel"]);
  assert.deepEqual(actionsOf(run("running", 0)), ["pause", "cancel"]);
  assert.deepEqual(actionsOf(run("stopping")), []);
  assert.deepEqual(actionsOf(run("cancelled")), ["resume", "finish"]);
  assert.deepEqual(actionsOf(run("done")), ["live", "evaluate"]);
});

test("what loses something asks first, what loses nothing does not", () => {
  const run = (status, step) => ({ status, step, metrics: { AP50: 0.5 } });
  assert.equal(deedOf("cancel", run("queued", 0)).sure, undefined);
  assert.match(deedOf("cancel", run("running", 30)).sure.text.join(" "), /since its last save are lost/);
  assert.match(deedOf("finish", run("running", 30)).sure.text[0], /up to step 30 .* AP50 was 0\.50/);
  assert.equal(deedOf("pause", run("running", 30)).sure, undefined);
});

test("every kind of failure has a title in plain words, unknown ones too", () => {
  const failure = { kind: "out_of_memory", action: { kind: "resume" } };
  assert.equal(failureWords(failure).title, "There was not enough memory");
  assert.match(failureWords(failure).after, /begins anew/);
  assert.equal(failureWords({ ...failure, action: { kind: "open_log" } }).after, ""); // nothing smaller is left to try
  assert.equal(failureWords({ kind: "something new", action: null }).title, "An error ended it");
});

test("ends that a person made are no news; others stand before the page's title", () => {
  const run = { params: { model_name: "Nuts 1" }, metrics: { AP50: 0.81 } };
  assert.deepEqual(endWords({ ...run, status: "done" }), { prefix: "✓ Ready", title: "Your detector is ready", body: "Nuts 1: AP50 0.81" });
  assert.equal(endWords({ ...run, status: "cancelled" }), null);
  assert.equal(endWords({ ...run, status: "paused" }), null);
  assert.match(endWords({ ...run, status: "paused", failure: { sentence: "The disk is full." } }).body, /disk is full/);
  assert.equal(titled("41 % · Nuts – SSD Studio", "✓ Ready"), "✓ Ready · Nuts – SSD Studio");
  assert.equal(titled("✓ Ready · Nuts – SSD Studio", ""), "Nuts – SSD Studio");
  // Each box that is drawn meanwhile names the project anew.
  assert.equal(retitled("41 % · Nuts – SSD Studio", "Bolts – SSD Studio"), "41 % · Bolts – SSD Studio");
  assert.equal(retitled("Nuts – SSD Studio", "Bolts – SSD Studio"), "Bolts – SSD Studio");
});

test("a photograph shows the last look at it, never a later one", () => {
  const photos = [
    { steps: [{ step: 80, detections: ["a"] }, { step: 240, detections: ["c"] }] },
    { steps: [{ step: 80, detections: [] }, { step: 160, detections: ["b"] }] },
  ];
  assert.deepEqual(lookedAt(photos), [80, 160, 240]);
  assert.deepEqual(seenAt(photos[0], 160), ["a"]);
  assert.deepEqual(seenAt(photos[0], 10), []);
});

test("what stops a training stands before what it merely warns of", () => {
  const checks = [{ name: "a", state: "ok" }, { name: "b", state: "warn" }, { name: "c", state: "stop" }];
  const { open, fine } = sorted(checks);
  assert.deepEqual(open.map(({ name }) => name), ["c", "b"]);
  assert.deepEqual(fine.map(({ name }) => name), ["a"]);
});

test("a model to start from that was deleted meanwhile has a way on", () => {
  const gone = { status: 404, message: "The model was deleted." };
  assert.deepEqual(refused(gone, { start: "m1" }).action?.value, { start: null });
  assert.equal(refused(gone, {}).action, null);
  assert.equal(refused({ status: 422, message: "Of steps and epochs give one." }, { start: "m1" }).action, null);
});

test("of a long log the end stays", () => {
  assert.equal(tailOf("a\nb\n", "c\nd\n", 2), "c\nd\n");
  assert.equal(tailOf("", "a\n", 2), "a\n");
});

test("of too many ticked runs the one ticked first goes", () => {
  assert.deepEqual(tickedAfter(["a", "b"], "c", true, 2), ["b", "c"]);
  assert.deepEqual(tickedAfter(["a", "b"], "a", false, 2), ["b"]);
});

test("a photograph shows what is sure, and of guesses only a few", () => {
  const at = (...scores) => scores.map((score) => ({ class: "nut", score, box: [0, 0, 9, 9] }));
  assert.deepEqual(shownOf([]), { drawn: [], words: "nothing found yet" });
  assert.deepEqual(shownOf(at(0.3, 0.9, 0.5)), { drawn: at(0.9, 0.5), words: "2 found, surest 0.90" });
  const guesses = shownOf(at(...Array(40).fill(0.3), 0.47));
  assert.equal(guesses.words, "not sure yet, surest 0.47");
  assert.deepEqual(guesses.drawn, at(0.47, 0.3, 0.3, 0.3, 0.3));
});
