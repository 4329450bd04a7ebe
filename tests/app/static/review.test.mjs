/** What Review says of a finding, and how its queue walks. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { asMany, ReviewQueue } from "../../../app/static/review_queue.js";
import { decidedWords, doubtfulWords, findingWords, leftWords, lookWords, mendWords, sureWords } from "../../../app/static/review_words.js";

const finding = (id, imageId = id) => ({ id, kind: "missing_box", image: { id: imageId, revision: 1 }, boxes: [] });

function queueOf(...ids) {
  const queue = new ReviewQueue();
  queue.replace(ids.map((id) => finding(id)), null);
  return queue;
}

const ids = (queue) => queue.findings.map(({ id }) => id);

test("a finding is told in a sentence", () => {
  assert.equal(findingWords({ kind: "missing_box", score: 0.974 }, "raccoon", "raccoon"), "The model is 97 % sure of “raccoon” here, and no box is drawn.");
  assert.equal(findingWords({ kind: "unseen_box", score: null }, "nut", "nut"), "A box “nut” is drawn here, and the model sees nothing like it.");
  assert.equal(findingWords({ kind: "unseen_box", score: 0.08 }, "nut", "nut"), "A box “nut” is drawn here; the model would give it 8 % only.");
  assert.equal(findingWords({ kind: "other_class", score: 0.9 }, "nut", "bolt"), "The box says “bolt”; the model is 90 % sure that this is “nut”.");
});

test("a model is never quite sure, and never sure of the opposite", () => {
  assert.deepEqual([sureWords(0.999), sureWords(0.5), sureWords(0.001)], ["99 %", "50 %", "1 %"]);
});

test("each kind has its own deed", () => {
  const deeds = ["missing_box", "unseen_box", "other_class", "poor_fit"].map((kind) => mendWords(kind, "nut").ask);
  assert.deepEqual(deeds, ["Draw the box", "Delete the box", "Change it to “nut”", "Take the model’s box"]);
  assert.deepEqual([leftWords(["box"]), leftWords([])], ["", " The photograph has none left, and waits for labels again."]);
});

const look = { model: { id: "m", name: "nuts 2" }, looked: 60, learnt: 52, images: 60, unreadable: [], unreadable_images: 0, recall: 0.93, weak: false, left_out: 0 };

test("whether the model learnt from what it judges is said", () => {
  assert.equal(lookWords(look), "nuts 2 looked at 60 images. It learnt from 52 of them, mistakes included, and doubts them less. It finds 93 % of your boxes itself.");
  assert.match(lookWords({ ...look, learnt: 60 }), /It learnt from all of them/);
  assert.match(lookWords({ ...look, learnt: 0 }), /It learnt from none of them/);
  assert.match(lookWords({ ...look, looked: 10 }), /^nuts 2 looked at 10 of 60 images\./);
  assert.equal(lookWords({ ...look, model: null }), "");
});

test("how far the model can be believed is said, and a weak one is warned of", () => {
  assert.match(lookWords({ ...look, recall: 0.84 }), /It finds 84 % of your boxes itself, so some of its doubts will be wrong\.$/);
  assert.match(lookWords({ ...look, recall: 1 }), /It finds all of your boxes itself\.$/);
  assert.match(lookWords({ ...look, recall: null }), /doubts them less\.$/);
  const weak = { ...look, state: "done", error: null, recall: 0.31, weak: true };
  assert.doesNotMatch(lookWords(weak), /itself/);
  assert.equal(doubtfulWords(weak), "The model finds 31 % of your boxes itself: many of its doubts will be wrong. Train it longer, or look only at the first ones.");
  assert.match(doubtfulWords({ ...weak, recall: 0 }), /^The model finds none of your boxes itself/);
  assert.equal(doubtfulWords({ ...weak, state: "failed", error: "The disk is full." }), "The last look did not end well. The disk is full.");
  assert.equal(doubtfulWords({ ...weak, recall: 0.75, weak: false }), "");
});

test("what is not listed and what could not be read is said", () => {
  assert.match(lookWords({ ...look, left_out: 1564 }), /The worst doubts are listed, 1,564 lesser ones left out\.$/);
  assert.match(lookWords({ ...look, unreadable: ["a.jpg"], unreadable_images: 1 }), / 1 image could not be read: a\.jpg\.$/);
  const several = { ...look, looked: 0, learnt: 0, unreadable: ["a", "b", "c", "d"], unreadable_images: 60 };
  assert.match(lookWords(several), /^nuts 2 looked at 0 of 60 images\. It finds .* 60 images could not be read: a, b, c and 57 more\.$/);
});

test("what was decided is counted", () => {
  assert.equal(decidedWords({ fixed: 0, dismissed: 0 }), "");
  assert.equal(decidedWords({ fixed: 12, dismissed: 3 }), "12 mended, 3 left as they were");
});

test("a decided finding makes way for the one behind it, the last for the one before", () => {
  const queue = queueOf(1, 2, 3);
  queue.choose(1);
  assert.equal(queue.remove(2), 1);
  assert.equal(queue.current?.id, 3);
  assert.equal(queue.remove(3), 1);
  assert.equal(queue.current?.id, 1);
  assert.equal(queue.remove(1), 0);
  assert.equal(queue.current, null);
  assert.equal(queue.remove(1), -1);
});

test("a decision taken back returns to its place and is looked at", () => {
  const queue = queueOf(1, 2, 3);
  const place = queue.remove(2);
  queue.step(1);
  queue.putBack(finding(2), place);
  assert.deepEqual([ids(queue), queue.current?.id], [[1, 2, 3], 2]);
  queue.putBack(finding(2), 0);
  assert.deepEqual(ids(queue), [1, 2, 3]);
});

test("steps stop at the ends", () => {
  const queue = queueOf(1, 2);
  assert.deepEqual([queue.step(-1), queue.step(1), queue.step(1)], [false, true, false]);
});

test("a new list keeps what is looked at, and more of it is asked for in time", () => {
  const queue = queueOf(1, 2, 3);
  queue.choose(2);
  queue.replace([finding(3), finding(4)], 4);
  assert.deepEqual([queue.current?.id, queue.runsOut], [3, true]);
  queue.extend([finding(4), finding(5)], null);
  assert.deepEqual([ids(queue), queue.runsOut], [[3, 4, 5], false]);
});

test("where what was looked at is decided elsewhere, the walk goes on behind what is left before it; a new look begins anew", () => {
  const queue = queueOf(1, 2, 3, 4);
  queue.choose(2);
  queue.replace([finding(1), finding(4)], null);
  assert.equal(queue.current?.id, 4);
  queue.replace([finding(1)], null);
  assert.equal(queue.current?.id, 1);
  queue.replace([finding(1), finding(5)], null);
  queue.choose(1);
  queue.replace([finding(7), finding(8), finding(9)], null);
  assert.equal(queue.current?.id, 7);
});

test("a list is read again as far as it was listed, and no further", async () => {
  const pages = { null: [[1, 2], 2], 2: [[3, 4], 4], 4: [[5], null] };
  const read = async (listed) => {
    const review = await asMany(async (after) => ({ state: "done", findings: pages[after][0].map((id) => finding(id)), next_after: pages[after][1] }), listed);
    return [ids(review), review.next_after];
  };
  assert.deepEqual(await read(0), [[1, 2], 2]);
  assert.deepEqual(await read(3), [[1, 2, 3, 4], 4]);
  assert.deepEqual(await read(9), [[1, 2, 3, 4, 5], null]);
  Object.assign(pages, { 4: pages.null }); // finding 4 is gone: the server begins at the first again
  assert.deepEqual(await read(9), [[1, 2, 3, 4], null]);
});

test("other findings of an image learn of its new boxes", () => {
  const queue = new ReviewQueue();
  queue.replace([finding(1, 7), finding(2, 7), finding(3, 8)], null);
  queue.redraw(7, 5, ["box"]);
  assert.deepEqual(queue.findings.map(({ image, boxes }) => [image.revision, boxes.length]), [[5, 1], [5, 1], [1, 0]]);
});
