/** What is said of a model that looks ahead, and when a new training is offered. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { LookAheadFeed, lookWords, orderWords } from "../../../app/static/look_ahead.js";
import { studio } from "../../../app/static/store.js";
import { declinedAs, firstOffer, isWanted, offerWords } from "../../../app/static/retrain_offer.js";

const RESTING = { state: "idle", done: 40, total: 120, model: { id: "m2", name: "raccoon 2" }, error: null, ordered: false, by_itself: true, allowed: true };
const OFFER = { offer: true, new_labels: 12, batch: 1, since_model: { id: "m2", name: "raccoon 2" }, seconds: 178 };

test("a look is told of while it is under way or failed, and not otherwise", () => {
  assert.equal(lookWords({ ...RESTING, state: "working", done: 39 }), "Looking at 40 of 120 images with raccoon 2");
  assert.equal(lookWords({ ...RESTING, state: "working", done: 1, total: 1 }), "Looking at 1 of 1 image with raccoon 2");
  assert.equal(lookWords({ ...RESTING, state: "failed", error: "Its files are missing." }), "Looking ahead with raccoon 2 failed. Its files are missing.");
  for (const look of [null, RESTING, { ...RESTING, state: "done" }, { ...RESTING, state: "working", model: null }]) assert.equal(lookWords(look), "");
});

test("a page that nobody sees asks nothing, and asks as soon as it is seen", async (context) => {
  const asked = [];
  globalThis.document = { baseURI: "http://localhost:7860/" };
  globalThis.fetch = async (url) => (asked.push(url), Response.json({ ...RESTING, state: "working" }));
  const heard = {};
  const life = { seen: false, visible: true, listen: (_target, type, run) => (heard[type] = run), onShow: (run) => run(), onHide: (run) => (heard.hide = run) };
  context.after(() => heard.hide()); // its timer would keep the test from ending
  studio.project = 1;
  new LookAheadFeed(life);
  assert.equal(asked.length, 0);
  life.seen = true;
  await heard.visibilitychange();
  assert.deepEqual(asked, ["http://localhost:7860/api/projects/1/look-ahead"]);
});

test("what the useful order still needs is said", () => {
  assert.equal(orderWords({ ...RESTING, ordered: true }), "");
  assert.equal(orderWords(null), "");
  assert.match(orderWords({ ...RESTING, model: null }), /^Train a model first/);
  assert.match(orderWords({ ...RESTING, state: "working" }), /looking at the images now/);
  assert.equal(orderWords({ ...RESTING, total: 0 }), "Every image is labelled.");
  assert.equal(orderWords(RESTING), "A model has to look at the images first.");
});

test("the offer to train again says how many labels are new and how long it takes", () => {
  assert.equal(offerWords(OFFER), "12 new labels since raccoon 2: training again takes about 3 min");
  assert.equal(offerWords({ ...OFFER, new_labels: 1, seconds: null }), "1 new label since raccoon 2");
  assert.equal(offerWords(firstOffer({ labelled: 22, empty: 3, to_train: 0 }, 0)), "25 images are labelled: enough for a first model");
});

test("a declined offer comes back with the next batch, or with another model", () => {
  assert.ok(isWanted(OFFER, null));
  const declined = declinedAs(OFFER);
  assert.ok(!isWanted({ ...OFFER, new_labels: 15 }, declined));
  assert.ok(isWanted({ ...OFFER, batch: 2 }, declined));
  assert.ok(isWanted({ ...OFFER, since_model: { id: "m3", name: "raccoon 3" } }, declined));
  assert.ok(!isWanted({ ...OFFER, offer: false }, null));
});

test("a first training is offered from twenty labels on, once, and to nobody who found it", () => {
  const first = firstOffer({ labelled: 18, empty: 2, to_train: 0 }, 0);
  assert.ok(isWanted(first, null));
  assert.ok(!isWanted(firstOffer({ labelled: 90, empty: 0, to_train: 0 }, 0), declinedAs(first)));
  assert.ok(isWanted(OFFER, declinedAs(first)), "the model that came of it is another matter");
  for (const [labelled, to_train, runs] of [[19, 0, 0], [20, 5, 0], [20, 0, 1]]) assert.ok(!isWanted(firstOffer({ labelled, empty: 0, to_train }, runs), null));
});
