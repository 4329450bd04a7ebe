/** Sentences, times and counts as people read them. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { sentence } from "../../../app/static/api.js";
import { cameraSentence } from "../../../app/static/camera.js";
import { inkOn } from "../../../app/static/class_colour.js";
import { statusWords } from "../../../app/static/image_card.js";
import { projectFacts } from "../../../app/static/project_words.js";
import { randomId } from "../../../app/static/random_id.js";
import { progressWords, titleWords } from "../../../app/static/run_card.js";
import { isLive } from "../../../app/static/run_feed.js";
import { savingWords, together } from "../../../app/static/saving_words.js";
import { timeLeft } from "../../../app/static/time_words.js";
import { reportSentence, waitsForBoxes } from "../../../app/static/upload_words.js";

test("an error of the API is its sentence and its remedy", () => {
  assert.equal(sentence(400, { error: "The name is taken.", remedy: "Choose another." }), "The name is taken. Choose another.");
  assert.equal(sentence(404, { error: "There is no image 7." }), "There is no image 7.");
  assert.equal(sentence(413, { detail: "The picture is too large." }), "The picture is too large.");
});

test("an error without words still is a sentence", () => {
  assert.match(sentence(500, null), /^The server failed with error 500\..+\.$/);
  assert.match(sentence(422, { detail: [{ msg: "field required" }] }), /^The server refused .+ 422\.$/);
});

test("the time left is told no more exactly than it is known", () => {
  const expected = [
    [null, ""],
    [undefined, ""],
    [NaN, ""],
    [3, "a few seconds left"],
    [31, "about 40 seconds left"],
    [50, "about 50 seconds left"],
    [51, "about a minute left"],
    [185, "about 3 minutes left"],
    [3590, "about an hour left"],
    [5400, "about 1 h 30 min left"],
    [7200, "about 2 hours left"],
    [10_700, "about 3 hours left"],
  ];
  for (const [seconds, words] of expected) assert.equal(timeLeft(seconds), words, String(seconds));
});

test("the state of saving is told with its time, and with the edits that are kept", () => {
  const time = new Date(2026, 0, 31, 12, 3).getTime();
  assert.equal(savingWords({ state: "saved", edits: 0 }), "Saved");
  assert.equal(savingWords({ state: "saved", edits: 0, savedAt: time }), "Saved 12:03");
  assert.equal(savingWords({ state: "saving", edits: 1, savedAt: time }), "Saving…");
  assert.equal(savingWords({ state: "offline", edits: 3 }), "Offline: 3 edits kept here");
  assert.equal(savingWords({ state: "offline", edits: 1, kept: false }), "Offline: 1 edit only on this page, keep it open");
  assert.equal(savingWords({ state: "failing", edits: 1 }), "Not saved: 1 edit kept here");
  assert.equal(savingWords({ state: "conflict", edits: 2 }), "Changed elsewhere: 2 edits kept here");
});

test("two states of saving are told as the worse of them", () => {
  const saved = { state: "saved", edits: 0, kept: true, savedAt: 5 };
  const offline = { state: "offline", edits: 2, kept: false, savedAt: null };
  assert.deepEqual(together(saved, offline), { state: "offline", edits: 2, kept: false, savedAt: 5 });
  assert.deepEqual(together(saved, { ...saved, savedAt: 9 }), { ...saved, savedAt: 9 });
});

test("a report counts in words", () => {
  const report = { added: 1, existing: 0, boxes: 0, classes: [], rejected: [], notes: [] };
  assert.equal(reportSentence(report), "1 photograph added.");
  const problem = { file: "a.jpg", line: null, problem: "It is cut off.", remedy: "Copy it again." };
  assert.equal(
    reportSentence({ ...report, added: 12, existing: 1, rejected: [problem, problem] }),
    "12 photographs added, 1 was already here, 2 files were refused.",
  );
  assert.equal(waitsForBoxes(report), true);
  assert.equal(waitsForBoxes({ ...report, boxes: 3 }), false, "they came with their boxes");
  assert.equal(waitsForBoxes({ ...report, added: 0 }), false);
});

test("an image's state is told with its boxes", () => {
  assert.equal(statusWords({ status: "labelled", boxes: 1 }), "1 box");
  assert.equal(statusWords({ status: "labelled", boxes: 3 }), "3 boxes");
  assert.equal(statusWords({ status: "empty", boxes: 0 }), "No objects");
  assert.equal(statusWords({ status: "unlabelled", boxes: 0 }), "Unlabelled");
});

test("a project's card tells what it holds", () => {
  const project = { id: 1, name: "p", images: 80, labelled: 60, empty: 2, boxes: 200, classes: 3 };
  assert.equal(projectFacts(project), "80 images, 62 labelled, 3 classes");
  assert.equal(projectFacts({ ...project, images: 0 }), "No photographs yet");
});

const RUN = { status: "running", phase: "training", step: 40, total_steps: 300, epoch: 2, total_epochs: 12, seconds_left: 125 };

test("a run tells its phase, epoch, step and time", () => {
  assert.equal(titleWords(RUN), "Training");
  assert.equal(titleWords({ ...RUN, phase: "evaluating" }), "Evaluating");
  assert.equal(titleWords({ ...RUN, status: "failed" }), "Training failed");
  assert.equal(progressWords(RUN), "epoch 3 of 12 · step 40 of 300 · about 2 minutes left", "two are behind it");
  assert.equal(progressWords({ ...RUN, epoch: 12, step: 300 }), "epoch 12 of 12 · step 300 of 300 · about 2 minutes left");
  assert.equal(progressWords({ ...RUN, status: "done", step: 300, epoch: 11 }), "300 steps");
  assert.equal(progressWords({ ...RUN, status: "queued", step: 0, total_steps: 0, epoch: 0, total_epochs: 0 }), "");
});

test("a run that was asked to finish tells what it makes of its best, and how far it went", () => {
  const asked = { ...RUN, status: "stopping", stop: "finish" };
  assert.equal(titleWords(asked), "Stopping at the next step");
  assert.equal(titleWords({ ...asked, phase: "exporting" }), "Exporting");
  assert.equal(titleWords({ ...asked, stop: "pause", phase: "exporting" }), "Stopping at the next step");
  assert.equal(progressWords({ ...asked, status: "done" }), "40 of 300 steps");
});

test("only a run that may still change is watched", () => {
  const live = ["queued", "running", "stopping", "stalled", "paused", "cancelled", "failed", "done"].filter((status) => isLive({ status }));
  assert.deepEqual(live, ["queued", "running", "stopping", "stalled"]);
});

test("each way in which a camera fails says what to do", () => {
  for (const name of ["NotAllowedError", "NotFoundError", "NotReadableError", "AbortError"]) {
    const error = new Error("raw");
    error.name = name;
    assert.match(cameraSentence(error), /\. .+\.$/);
    assert.ok(!cameraSentence(error).includes("raw"));
  }
});

test("words on a class's colour are dark on light and light on dark", () => {
  assert.equal(inkOn("#ffd400"), "#14161a");
  assert.equal(inkOn("#fff"), "#14161a");
  assert.equal(inkOn("#1f3a8a"), "#ffffff");
});

test("without crypto.randomUUID, as on plain http, ids are still UUIDs and differ", () => {
  const plain = { getRandomValues: (bytes) => globalThis.crypto.getRandomValues(bytes) };
  const ids = Array.from({ length: 100 }, () => randomId(plain));
  assert.equal(new Set(ids).size, 100);
  for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
