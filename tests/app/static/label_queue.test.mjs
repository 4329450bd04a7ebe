/** The queue: a filter per project that survives a reload, and is told to whoever walks through it. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { withShown } from "../../../app/static/film_strip.js";
import { cleaned, isWhole, queueOf, queuePath, queueWords, setQueue } from "../../../app/static/label_queue.js";
import { Store, studio } from "../../../app/static/store.js";
import { FakeStorage } from "./fake_server.mjs";

test("a project starts with all of its images", () => {
  assert.deepEqual(queueOf(901), {});
  assert.deepEqual(queueOf(null), {});
  assert.ok(isWhole(queueOf(901)));
});

test("setting the queue tells once, and only when it differs", () => {
  const told = [];
  studio.addEventListener("queue", ({ detail }) => told.push(detail));
  setQueue(902, { flagged: true, status: "unlabelled" });
  setQueue(902, { status: "unlabelled", flagged: true });
  setQueue(903, {});
  assert.deepEqual(told, [902]);
  assert.deepEqual(queueOf(902), { status: "unlabelled", flagged: true });
});

test("each project's queue survives a reload, and what cannot be read is no filter", () => {
  const memory = new FakeStorage();
  new Store(memory).setQueue(3, { status: "empty" });
  const after = new Store(memory);
  assert.deepEqual(after.queueOf(3), { status: "empty" });
  assert.deepEqual(after.queueOf(4), {});
  memory.setItem("ssd-studio.queue.5", "{oops");
  assert.deepEqual(new Store(memory).queueOf(5), {});
});

test("a filter keeps only what is known and meant", () => {
  assert.deepEqual(cleaned({ status: "done", split: "", class_id: "7", flagged: "yes", suggested: false, text: "  ", sort: "boxes" }), {});
  assert.deepEqual(cleaned({ text: " cat ", class_id: 7, split: "none", suggested: true }), {
    split: "none",
    class_id: 7,
    suggested: true,
    text: "cat",
  });
  assert.deepEqual(cleaned(null), {});
  assert.deepEqual(cleaned({ sort: "useful" }), { sort: "useful" });
  assert.ok(isWhole({ sort: "useful" }) && !isWhole({ status: "unlabelled", sort: "useful" }));
});

test("an address carries the filter and other parameters, with every sign in its place", () => {
  assert.equal(queuePath("images/7", {}), "images/7");
  assert.equal(queuePath("projects/1/images", { text: "a&b=ü" }, { limit: 1 }), "projects/1/images?limit=1&text=a%26b%3D%C3%BC");
});

test("a filter in words", () => {
  const name = (id) => (id === 7 ? "nut" : undefined);
  assert.equal(queueWords({}, name), "");
  assert.equal(queueWords({ status: "unlabelled", split: "val", class_id: 7, flagged: true }, name), "unlabelled, in validation, with nut, flagged");
  assert.equal(queueWords({ status: "unlabelled", sort: "useful" }, name), "unlabelled, most useful first");
  assert.equal(queueWords({ class_id: 8, suggested: true, text: "x" }, name), "with a class that is gone, with suggestions, called “x”");
});

test("an image that no longer matches stays in the strip between its neighbours", () => {
  const strip = [{ id: 1 }, { id: 3 }];
  assert.deepEqual(withShown(strip, { id: 3 }, { previous_id: 1, next_id: null }), strip);
  assert.deepEqual(withShown(strip, { id: 2 }, { previous_id: 1, next_id: 3 }), [{ id: 1 }, { id: 2 }, { id: 3 }]);
  assert.deepEqual(withShown(strip, { id: 9 }, { previous_id: 3, next_id: null }), [{ id: 1 }, { id: 3 }, { id: 9 }]);
  assert.deepEqual(withShown([], { id: 9 }, { previous_id: null, next_id: null }), [{ id: 9 }]);
});
