/** Two people on one image: nobody's boxes are overwritten unasked, and each choice does what it says. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { box, settled } from "./fake_server.mjs";
import { begin, DEBOUNCE, IMAGE, labels, newQueue, NOTHING, pass, server, storage } from "./saving_desk.mjs";

beforeEach(() => begin([IMAGE]));

test("a conflict waits for the person and is not shown as saved", async () => {
  const queue = newQueue();
  const told = [];
  queue.addEventListener("conflict", ({ detail }) => told.push(detail.imageId));
  queue.open(IMAGE, NOTHING);
  server.changeElsewhere(7, [box("theirs")]);
  queue.want(7, labels(box("mine")));
  await pass(DEBOUNCE);
  await pass(60_000);
  assert.deepEqual(told, [7]);
  assert.equal(queue.summary().state, "conflict");
  assert.equal(server.requests.length, 1);
  assert.deepEqual(queue.trouble(7).boxes, [box("theirs")]);
});

test("keeping mine after a conflict replaces theirs", async () => {
  const queue = newQueue();
  queue.open(IMAGE, NOTHING);
  server.changeElsewhere(7, [box("theirs")]);
  queue.want(7, labels(box("mine")));
  await pass(DEBOUNCE);
  queue.keepMine(7);
  await settled();
  assert.deepEqual(server.images.get(7).boxes, [box("mine")]);
  assert.equal(queue.summary().state, "saved");
});

test("loading theirs after a conflict forgets mine", async () => {
  const queue = newQueue();
  queue.open(IMAGE, NOTHING);
  server.changeElsewhere(7, [box("theirs")]);
  queue.want(7, labels(box("mine")));
  await pass(DEBOUNCE);
  queue.forget(7);
  assert.equal(queue.summary().state, "saved");
  assert.deepEqual(queue.open({ ...IMAGE, revision: 1 }, labels(box("theirs"))), labels(box("theirs")));
  assert.equal(storage.length, 0);
});

test("taking theirs after a conflict needs no other answer of the server", async () => {
  const queue = newQueue();
  queue.open(IMAGE, NOTHING);
  server.changeElsewhere(7, [box("theirs")]);
  queue.want(7, labels(box("mine")));
  await settled();
  assert.deepEqual(queue.takeTheirs(7), labels(box("theirs")));
  assert.equal(queue.summary().state, "saved");
  queue.want(7, labels(box("theirs"), box("more")));
  await settled();
  assert.deepEqual(server.images.get(7).boxes, [box("theirs"), box("more")]);
});

test("keeping both after a conflict keeps every box", async () => {
  server.changeElsewhere(7, [box("old")]);
  const queue = newQueue();
  queue.open({ ...IMAGE, revision: 1 }, labels(box("old")));
  server.changeElsewhere(7, [box("old"), box("theirs")]);
  queue.want(7, labels(box("old", 15), box("mine")));
  await settled();
  const both = queue.keepBoth(7);
  await settled();
  assert.deepEqual(both.boxes, [box("old", 15), box("mine"), box("theirs")]);
  assert.deepEqual(server.images.get(7).boxes, both.boxes);
  assert.equal(queue.summary().state, "saved");
});

test("no boxes marked as empty differ from no boxes, and each choice is what it says", async () => {
  for (const [choose, mine, theirs, stays] of [
    ["keepMine", true, "unlabelled", "empty"],
    ["keepMine", false, "empty", "unlabelled"],
    ["takeTheirs", true, "unlabelled", "unlabelled"],
    ["takeTheirs", false, "empty", "empty"],
    ["keepBoth", false, "empty", "empty"],
  ]) {
    begin([IMAGE]);
    server.changeElsewhere(7, [box("old")]);
    const queue = newQueue(null);
    queue.open({ ...IMAGE, revision: 1 }, labels(box("old")));
    server.changeElsewhere(7, [], theirs);
    queue.want(7, { boxes: [], empty: mine });
    await settled();
    assert.deepEqual([queue.summary().state, queue.trouble(7).empty], ["conflict", theirs === "empty"]);
    queue[choose](7);
    await settled();
    assert.deepEqual([queue.summary().state, server.images.get(7).status], ["saved", stays], `${choose} ${stays}`);
    assert.equal(queue.labels(7).empty, stays === "empty");
  }
});

test("both sides without boxes and marked alike are no conflict", async () => {
  server.changeElsewhere(7, [box("old")]);
  const queue = newQueue();
  queue.open({ ...IMAGE, revision: 1 }, labels(box("old")));
  server.changeElsewhere(7, [], "empty");
  queue.want(7, { boxes: [], empty: true });
  await settled();
  assert.deepEqual([queue.summary().state, server.images.get(7).revision], ["saved", 2]);
});

test("a conflict over equal boxes settles itself", async () => {
  const queue = newQueue();
  queue.open(IMAGE, NOTHING);
  server.changeElsewhere(7, [box("same")]);
  queue.want(7, labels(box("same")));
  await pass(DEBOUNCE);
  assert.equal(queue.summary().state, "saved");
});
