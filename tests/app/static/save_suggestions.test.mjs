/** Decisions on suggestions travel with the boxes: kept offline, taken back by undo, and never in the way of a save. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { labelsOf } from "../../../app/static/labels.js";
import { box, settled } from "./fake_server.mjs";
import { begin, forgetTimers, IMAGE, newQueue, NOTHING, pass, server } from "./saving_desk.mjs";

beforeEach(() => begin([IMAGE]));

const image = () => server.images.get(7);
const rejecting = (...ids) => labelsOf([], false, ids);

test("a rejection is saved at once, and taking it back opens the suggestion again", async () => {
  const queue = newQueue();
  queue.open(IMAGE, NOTHING);
  queue.want(7, rejecting(6, 5));
  await settled();
  assert.deepEqual([image().rejected, image().boxes, queue.summary().state], [[5, 6], [], "saved"]);
  queue.want(7, rejecting(6));
  await settled();
  assert.deepEqual([image().rejected, server.requests.at(-1).sent.reopened], [[6], [5]]);
});

test("an image is marked empty after its suggestions were rejected, both in order", async () => {
  const queue = newQueue();
  queue.open(IMAGE, NOTHING);
  queue.want(7, labelsOf([], true, [5]));
  await settled();
  assert.deepEqual(server.requests.map(({ path }) => path), ["images/7/boxes", "images/7/empty"]);
  assert.deepEqual([image().rejected, image().status, queue.summary().state], [[5], "empty", "saved"]);
});

test("decisions made without a network are kept over a reload and saved by the next page", async () => {
  const queue = newQueue();
  queue.open(IMAGE, NOTHING);
  server.network = "down";
  const wanted = labelsOf([box("suggestion-4")], false, [5]);
  queue.want(7, wanted);
  await settled();
  forgetTimers();
  server.network = "up";
  const next = newQueue();
  assert.deepEqual(next.open(IMAGE, NOTHING), wanted);
  await pass(1000);
  assert.deepEqual([image().boxes, image().rejected, next.summary().state], [[box("suggestion-4")], [5], "saved"]);
});

test("what this page rejected stays known to it when the image is opened again, so that undo can take it back", async () => {
  const queue = newQueue();
  queue.open(IMAGE, NOTHING);
  queue.want(7, rejecting(5));
  await settled();
  assert.deepEqual(queue.open({ ...IMAGE, revision: 1 }, NOTHING), rejecting(5));
  assert.deepEqual(queue.open({ ...IMAGE, revision: 2 }, NOTHING), rejecting(5));
  assert.equal(queue.summary().state, "saved");
});

for (const [choice, boxes, rejected] of [
  ["keepMine", [], [5]],
  ["keepBoth", [box("theirs")], [5]],
  ["takeTheirs", [box("theirs")], []],
]) {
  test(`a rejection that meets another person's boxes waits for the choice: ${choice}`, async () => {
    const queue = newQueue();
    queue.open(IMAGE, NOTHING);
    server.changeElsewhere(7, [box("theirs")]);
    queue.want(7, rejecting(5));
    await settled();
    assert.equal(queue.summary().state, "conflict");
    queue[choice](7);
    await settled();
    assert.deepEqual([image().boxes, image().rejected, queue.summary().state], [boxes, rejected, "saved"]);
  });
}

test("a rejected suggestion that a newer look replaced is told once, and the boxes are saved", async () => {
  const queue = newQueue();
  const told = [];
  queue.addEventListener("acknowledged", ({ detail }) => told.push(detail.replaced));
  queue.open(IMAGE, NOTHING);
  image().replaced = [5];
  queue.want(7, labelsOf([box("mine")], false, [5]));
  await settled();
  queue.want(7, labelsOf([box("mine"), box("more")], false, [5]));
  await settled();
  assert.deepEqual([told, image().boxes.length, queue.summary().state], [[[5], []], 2, "saved"]);
});
