/** Edits outlive their page: the browser keeps them until the server has them. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { UnsavedEdits } from "../../../app/static/unsaved_edits.js";
import { box, settled } from "./fake_server.mjs";
import { begin, DEBOUNCE, forgetTimers, IMAGE, labels, newQueue, NOTHING, pass, server, storage } from "./saving_desk.mjs";

beforeEach(() => begin([IMAGE]));

function deferred() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}

test("leaving the page sends what waits in a way that outlives it", async () => {
  const queue = newQueue();
  queue.open(IMAGE, labels(box("a")));
  queue.want(7, labels(box("a", 11)));
  await settled();
  queue.want(7, labels(box("a", 12)));
  queue.leave();
  await settled();
  assert.deepEqual(server.requests.map(({ keepalive }) => keepalive), [false, true]);
  assert.equal(server.images.get(7).boxes[0].box[0], 12);
});

test("what the browser cannot keep is known before the page is left", async () => {
  const queue = newQueue();
  queue.open(IMAGE, NOTHING);
  server.network = "down";
  storage.setItem = () => {
    throw new Error("QuotaExceededError");
  };
  queue.want(7, labels(box("a")));
  await settled();
  assert.equal(queue.summary().state, "offline");
  assert.equal(queue.summary().kept, false);
  server.network = "up";
  await pass(1000);
  assert.equal(queue.summary().kept, true, "what the server has need not be kept");
});

test("two tabs keep their own edits of one image, and neither takes up the other's while it lives", async () => {
  server.network = "down";
  const [first, second] = [new UnsavedEdits(storage, "first"), new UnsavedEdits(storage, "second")];
  second.spare(["first"]);
  for (const [kept, id] of [[first, "a"], [second, "b"]]) {
    const queue = newQueue(kept);
    queue.open(IMAGE, NOTHING);
    queue.want(7, labels(box(id)));
    await settled();
  }
  const third = new UnsavedEdits(storage, "third");
  third.spare(["second"]);
  assert.deepEqual(third.take(7).wanted, labels(box("a")));
  assert.equal(third.take(7), null);
  third.spare([]);
  assert.deepEqual(third.imageIds(), [7]);
  assert.deepEqual(third.take(7).wanted, labels(box("b")));
});

test("what an earlier page left of an image that is open here is taken up, and told", async () => {
  const before = newQueue();
  before.open(IMAGE, NOTHING);
  server.network = "down";
  before.want(7, labels(box("a")));
  forgetTimers();
  const kept = new UnsavedEdits(storage, "after");
  const after = newQueue(kept);
  const told = [];
  after.addEventListener("adopted", ({ detail }) => told.push(detail.imageId));
  const hidden = storage.items;
  storage.items = new Map();
  after.open(IMAGE, NOTHING);
  storage.items = hidden;
  server.network = "up";
  await after.restore(async () => IMAGE);
  await pass(0);
  assert.deepEqual(told, [7]);
  assert.deepEqual(after.labels(7), labels(box("a")));
  assert.deepEqual(server.images.get(7).boxes, [box("a")]);
});

test("what could not be sent before the page closed is saved by the next page", async () => {
  const before = newQueue();
  before.open(IMAGE, NOTHING);
  server.network = "down";
  before.want(7, labels(box("a")));
  await pass(DEBOUNCE);
  before.want(7, labels(box("a"), box("b")));
  before.leave();
  await settled();
  forgetTimers();
  server.network = "up";
  const after = newQueue();
  await after.restore(async () => IMAGE);
  await settled();
  assert.equal(server.images.get(7).boxes.length, 2);
  assert.equal(after.summary().state, "saved");
  assert.equal(storage.length, 0);
});

test("nothing is called saved while what an earlier page left waits to be taken up", async () => {
  const before = newQueue();
  before.open(IMAGE, NOTHING);
  server.network = "down";
  before.want(7, labels(box("a")));
  await settled();
  forgetTimers();
  const after = newQueue(new UnsavedEdits(storage, "after"));
  const look = deferred();
  const looking = after.restore(() => look.promise);
  assert.deepEqual([after.summary().state, after.summary().edits], ["saving", 1]);
  look.reject(new Error("The studio's server cannot be reached."));
  await looking;
  assert.deepEqual([after.summary().state, after.summary().edits], ["offline", 1]);
  server.network = "up";
  await after.restore(async () => IMAGE);
  await pass(0);
  assert.deepEqual([after.summary().state, after.summary().edits], ["saved", 0]);
  assert.deepEqual(server.images.get(7).boxes, [box("a")]);
});

test("a kept edit is shown when its image is opened before it was restored", async () => {
  const before = newQueue();
  before.open(IMAGE, NOTHING);
  server.network = "down";
  before.want(7, labels(box("a")));
  forgetTimers();
  const after = newQueue();
  assert.deepEqual(after.open(IMAGE, NOTHING), labels(box("a")));
  assert.equal(after.summary().state, "saving");
});

test("a kept edit of another dataset's image under the same id is dropped", async () => {
  const before = newQueue();
  before.open(IMAGE, NOTHING);
  server.network = "down";
  before.want(7, labels(box("a")));
  await settled();
  forgetTimers();
  server.network = "up";
  const after = newQueue();
  await after.restore(async () => ({ ...IMAGE, name: "another.jpg" }));
  await pass(60_000);
  assert.deepEqual(server.images.get(7).boxes, []);
  assert.equal(storage.length, 0);
});
