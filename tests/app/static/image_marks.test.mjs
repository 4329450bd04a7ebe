/** Flags and notes: kept until the server has them, the last one wins. */

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { ApiError } from "../../../app/static/api.js";
import { ImageMarks } from "../../../app/static/image_marks.js";
import { FakeStorage, settled } from "./fake_server.mjs";

const IMAGE = { id: 7, name: "a.jpg" };

let sent;
let fault;
let storage;

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  sent = [];
  fault = null;
  storage = new FakeStorage();
});

function newMarks() {
  const patch = async (path, body) => {
    sent.push([path, body]);
    if (fault) throw fault;
  };
  return new ImageMarks({ patch, storage });
}

test("a flag is sent at once and then forgotten here", async () => {
  const marks = newMarks();
  marks.want(IMAGE, { flag: true });
  assert.equal(marks.summary().state, "saving");
  await settled();
  assert.deepEqual(sent, [["images/7", { flag: true }]]);
  assert.deepEqual(marks.of(7), {});
  assert.equal(marks.summary().state, "saved");
  assert.equal(storage.length, 0);
});

test("without a network flag and note wait, are counted, and go together", async () => {
  const marks = newMarks();
  fault = new ApiError(0, "No answer.");
  marks.want(IMAGE, { flag: true });
  await settled();
  marks.want(IMAGE, { note: "blurred" });
  const { state, edits, kept } = marks.summary();
  assert.deepEqual({ state, edits, kept }, { state: "offline", edits: 2, kept: true });
  fault = null;
  mock.timers.tick(1000);
  await settled();
  assert.deepEqual(sent.at(-1), ["images/7", { flag: true, note: "blurred" }]);
  assert.equal(marks.summary().state, "saved");
});

test("a mark changed while it is on its way is sent again", async () => {
  const marks = newMarks();
  marks.want(IMAGE, { flag: true });
  marks.want(IMAGE, { flag: false });
  await settled();
  assert.deepEqual(sent.map(([, body]) => body), [{ flag: true }, { flag: false }]);
});

test("what an earlier page could not send is sent by the next one, but not to another dataset", async () => {
  const before = newMarks();
  fault = new ApiError(0, "No answer.");
  before.want(IMAGE, { note: "first" });
  before.want({ id: 8, name: "b.jpg" }, { note: "second" });
  await settled();
  mock.timers.reset();
  fault = null;
  sent = [];
  await newMarks().restore(async (id) => ({ id, name: id === 7 ? "a.jpg" : "other.jpg" }));
  await settled();
  assert.deepEqual(sent, [["images/7", { note: "first" }]]);
  assert.equal(storage.length, 0);
});

test("what the server refuses is told and not repeated", async () => {
  const marks = newMarks();
  const told = [];
  marks.addEventListener("refused", ({ detail }) => told.push(detail.message));
  fault = new ApiError(422, "The note is too long.");
  marks.want(IMAGE, { note: "…" });
  await settled();
  assert.deepEqual(told, ["The note is too long."]);
  assert.equal(marks.summary().state, "saved");
});
