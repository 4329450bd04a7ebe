/** Saving: nothing shown as saved is lost, and nothing lost is shown as saved. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { box, settled } from "./fake_server.mjs";
import { begin, DEBOUNCE, IMAGE, labels, newQueue, NOTHING, pass, server, storage } from "./saving_desk.mjs";

const OTHER = { id: 8, name: "b.jpg", width: 200, height: 100, revision: 0 };

beforeEach(() => begin([IMAGE, OTHER]));

test("a drawn box is sent at once, and so is every other edit than a nudge", async () => {
  const queue = newQueue();
  queue.open(IMAGE, NOTHING);
  const steps = [
    [box("a")],
    [box("a"), box("b")],
    [box("a", 10, 2), box("b")],
    [box("b")],
    [],
  ];
  for (const [index, boxes] of steps.entries()) {
    queue.want(7, labels(...boxes));
    assert.equal(queue.summary().state, "saving");
    await settled();
    assert.equal(server.requests.length, index + 1);
    assert.deepEqual(server.images.get(7).boxes, boxes);
  }
  assert.equal(queue.summary().state, "saved");
});

test("of a nudged box the first step goes at once and the others are gathered", async () => {
  const queue = newQueue();
  queue.open({ ...IMAGE, revision: 0 }, labels(box("a")));
  for (let x = 11; x <= 15; x += 1) {
    queue.want(7, labels(box("a", x)));
    await pass(50);
  }
  assert.deepEqual(server.requests.map(({ sent }) => sent.boxes[0].box[0]), [11]);
  await pass(50);
  assert.deepEqual(server.requests.map(({ sent }) => sent.boxes[0].box[0]), [11, 15]);
  assert.equal(queue.summary().state, "saved");
});

test("the summary tells when the server acknowledged something last", async () => {
  const queue = newQueue();
  queue.open(IMAGE, NOTHING);
  assert.equal(queue.summary().savedAt, null);
  await pass(5000);
  queue.want(7, labels(box("a")));
  await settled();
  assert.deepEqual(queue.summary(), { state: "saved", edits: 0, message: "", imageId: null, kept: true, savedAt: 5000 });
});

test("the address of a save keeps the path under which the page is mounted", async () => {
  const queue = newQueue();
  queue.open(IMAGE, NOTHING);
  queue.want(7, labels(box("a")));
  await pass(DEBOUNCE);
  assert.equal(server.requests[0].path, "images/7/boxes");
});

test("coordinates travel unrounded", async () => {
  const queue = newQueue();
  const exact = { ...box("a"), box: [0.1 + 0.2, 1 / 3, 100 / 7, 99.99999999999999] };
  queue.open(IMAGE, NOTHING);
  queue.want(7, labels(exact));
  await pass(DEBOUNCE);
  assert.deepEqual(server.images.get(7).boxes[0].box, exact.box);
});

test("flushing sends at once", async () => {
  const queue = newQueue();
  queue.open(IMAGE, NOTHING);
  queue.want(7, labels(box("a")));
  queue.flush();
  await settled();
  assert.equal(server.images.get(7).boxes.length, 1);
});

test("revisions follow the server's answers", async () => {
  const queue = newQueue();
  queue.open({ ...IMAGE }, NOTHING);
  for (const id of ["a", "b", "c"]) {
    queue.want(7, labels(box(id)));
    await pass(DEBOUNCE);
  }
  assert.deepEqual(server.requests.map(({ sent }) => sent.revision), [0, 1, 2]);
});

test("an edit made while a save is under way is sent after it, on the new revision", async () => {
  const queue = newQueue();
  queue.open(IMAGE, NOTHING);
  queue.want(7, labels(box("a")));
  queue.flush();
  queue.want(7, labels(box("a"), box("b")));
  queue.flush();
  assert.equal(server.requests.length, 1);
  await settled();
  assert.deepEqual(server.requests.map(({ sent }) => sent.revision), [0, 1]);
  assert.equal(server.images.get(7).boxes.length, 2);
});

test("a save without an answer is repeated with the same operation id", async () => {
  const queue = newQueue();
  queue.open(IMAGE, NOTHING);
  server.network = "down";
  queue.want(7, labels(box("a")));
  await pass(DEBOUNCE);
  assert.equal(queue.summary().state, "offline");
  await pass(1000);
  server.network = "up";
  await pass(2000);
  assert.equal(server.requests.length, 3);
  assert.equal(new Set(server.requests.map(({ sent }) => sent.operation_id)).size, 1);
  assert.equal(queue.summary().state, "saved");
});

test("a save whose answer was lost counts once, and later edits follow it without a conflict", async () => {
  const queue = newQueue();
  queue.open(IMAGE, NOTHING);
  server.network = "deaf";
  queue.want(7, labels(box("a")));
  await pass(DEBOUNCE);
  queue.want(7, labels(box("a"), box("b")));
  server.network = "up";
  await pass(1000);
  assert.equal(queue.summary().state, "saved");
  assert.equal(server.images.get(7).revision, 2);
  assert.equal(server.images.get(7).boxes.length, 2);
});

test("while nothing arrives the summary counts the edits that are kept", async () => {
  const queue = newQueue();
  queue.open(IMAGE, NOTHING);
  queue.open(OTHER, NOTHING);
  server.network = "down";
  queue.want(7, labels(box("a")));
  await pass(DEBOUNCE);
  queue.want(7, labels(box("a"), box("b")));
  queue.want(8, labels(box("c")));
  await pass(DEBOUNCE);
  const { state, edits } = queue.summary();
  assert.deepEqual({ state, edits }, { state: "offline", edits: 3 });
});

test("edits while offline neither hasten nor put off the next attempt", async () => {
  const queue = newQueue();
  queue.open(IMAGE, NOTHING);
  server.network = "down";
  queue.want(7, labels(box("a")));
  await pass(DEBOUNCE);
  for (let round = 0; round < 9; round += 1) {
    queue.want(7, labels(box("a", round)));
    await pass(100);
  }
  assert.equal(server.requests.length, 1);
  await pass(100);
  assert.equal(server.requests.length, 2);
});

test("a server error is not shown as saved and is repeated", async () => {
  const queue = newQueue();
  queue.open(IMAGE, NOTHING);
  server.network = "broken";
  queue.want(7, labels(box("a")));
  await pass(DEBOUNCE);
  const { state, edits, message, imageId } = queue.summary();
  assert.deepEqual({ state, edits, message, imageId }, { state: "failing", edits: 1, message: "The disk is full.", imageId: 7 });
  server.network = "up";
  await pass(1000);
  assert.equal(queue.summary().state, "saved");
});

test("a refused save is not repeated by itself; the next edit is tried under a new id", async () => {
  const queue = newQueue();
  queue.open(IMAGE, NOTHING);
  server.network = "refusing";
  queue.want(7, labels(box("a")));
  await pass(DEBOUNCE);
  await pass(60_000);
  assert.equal(server.requests.length, 1);
  assert.equal(queue.summary().state, "refused");
  server.network = "up";
  queue.want(7, labels(box("b")));
  await pass(DEBOUNCE);
  assert.equal(queue.summary().state, "saved");
  assert.notEqual(server.requests[0].sent.operation_id, server.requests[1].sent.operation_id);
});

test("undoing back to what the server has needs no save", async () => {
  const queue = newQueue();
  queue.open(IMAGE, labels(box("a")));
  queue.want(7, labels(box("a", 11)));
  await settled();
  queue.want(7, labels(box("a", 12)));
  queue.want(7, labels(box("a", 11)));
  assert.equal(queue.summary().state, "saved");
  await pass(DEBOUNCE);
  assert.equal(server.requests.length, 1);
});

test("marking an image empty and taking it back are saved", async () => {
  const queue = newQueue();
  queue.open(IMAGE, NOTHING);
  queue.want(7, { boxes: [], empty: true });
  await pass(DEBOUNCE);
  assert.equal(server.images.get(7).status, "empty");
  queue.want(7, NOTHING);
  await pass(DEBOUNCE);
  assert.equal(server.images.get(7).status, "unlabelled");
  assert.deepEqual(server.requests.map(({ path }) => path), ["images/7/empty", "images/7/empty"]);
});

test("going from boxes to empty first removes the boxes", async () => {
  server.changeElsewhere(7, [box("a")]);
  const queue = newQueue();
  queue.open({ ...IMAGE, revision: 1 }, labels(box("a")));
  queue.want(7, { boxes: [], empty: true });
  await pass(DEBOUNCE);
  assert.deepEqual(server.requests.map(({ path }) => path), ["images/7/boxes", "images/7/empty"]);
  assert.equal(server.images.get(7).status, "empty");
  assert.equal(queue.summary().state, "saved");
});

test("an image that is gone takes its edits with it, and says so", async () => {
  const queue = newQueue();
  const lost = [];
  queue.addEventListener("lost", ({ detail }) => lost.push(detail));
  queue.open(IMAGE, NOTHING);
  server.images.delete(7);
  queue.want(7, labels(box("a")));
  await pass(DEBOUNCE);
  assert.deepEqual(lost, [{ imageId: 7, message: "a.jpg is gone: There is no image 7." }]);
  assert.equal(queue.summary().state, "saved");
});

test("reopening an image whose save is under way shows the newer labels", async () => {
  const queue = newQueue();
  queue.open(IMAGE, NOTHING);
  queue.want(7, labels(box("a")));
  assert.deepEqual(queue.open(IMAGE, NOTHING), labels(box("a")));
  await pass(DEBOUNCE);
  assert.deepEqual(queue.open(IMAGE, NOTHING), labels(box("a")), "an answer read before the save is older");
  assert.deepEqual(queue.open({ ...IMAGE, revision: 2 }, labels(box("b"))), labels(box("b")));
});

test("editing an image that was never opened is a mistake that is told", () => {
  assert.throws(() => newQueue().want(99, NOTHING), /Image 99 was not opened/);
});

for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
  test(`whatever the network does, saved means saved, and in the end everything is (seed ${seed})`, async () => {
    const random = generator(seed);
    const queue = newQueue();
    const wanted = new Map([
      [7, NOTHING],
      [8, NOTHING],
    ]);
    queue.open(IMAGE, NOTHING);
    queue.open(OTHER, NOTHING);
    for (let round = 0; round < 120; round += 1) {
      server.network = ["up", "up", "down", "deaf", "broken"][Math.floor(random() * 5)];
      if (random() < 0.6) {
        const id = random() < 0.5 ? 7 : 8;
        const count = Math.floor(random() * 3);
        const boxes = Array.from({ length: count }, (_, index) => box(`${round}-${index}`));
        wanted.set(id, { boxes, empty: count === 0 && random() < 0.5 });
        queue.want(id, wanted.get(id));
      }
      if (random() < 0.2) queue.flush();
      await pass(Math.floor(random() * 1500));
      if (queue.summary().state === "saved") assertHolds(wanted);
    }
    server.network = "up";
    await pass(10_000);
    assert.equal(queue.summary().state, "saved");
    assertHolds(wanted);
    assert.equal(storage.length, 0);
  });
}

function assertHolds(wanted) {
  for (const [id, { boxes, empty }] of wanted) {
    const image = server.images.get(id);
    assert.deepEqual(image.boxes, boxes);
    assert.equal(image.status, boxes.length > 0 ? "labelled" : empty ? "empty" : "unlabelled");
  }
}

/** Numbers in [0, 1) that are the same in each run (mulberry32, public domain). */
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
