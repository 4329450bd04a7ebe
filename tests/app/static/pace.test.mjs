/** The pace: the median of the seconds of work behind each finished image, and nothing until it is known. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { progressWords } from "../../../app/static/label_progress.js";
import { Pace, paceWords } from "../../../app/static/pace.js";
import { FakeStorage } from "./fake_server.mjs";

let clock = 0;
let nextId = 1;

function newPace(memory = null) {
  clock = 0;
  nextId = 1;
  const pace = new Pace({ now: () => clock, memory });
  pace.show(nextId, { before: false, now: false });
  return pace;
}

/** Work on the image shown with an act at the end of each stretch, then go on to the next one. */
function label(pace, stretches, { finished = true, next = false } = {}) {
  for (const seconds of stretches) {
    clock += 1000 * seconds;
    pace.touch();
  }
  nextId += 1;
  pace.show(nextId, { before: finished, now: next });
}

test("nothing is told before three images are finished", () => {
  const pace = newPace();
  label(pace, [10]);
  label(pace, [20]);
  assert.equal(pace.secondsPerImage, null);
  label(pace, [60]);
  assert.equal(pace.secondsPerImage, 20);
});

test("a pause of more than two minutes does not count", () => {
  const pace = newPace();
  label(pace, [10, 121, 10]);
  label(pace, [10, 119, 10]);
  label(pace, [500]);
  assert.equal(pace.secondsPerImage, 20);
});

test("time on an image that was passed over belongs to the next one finished", () => {
  const pace = newPace();
  label(pace, [5], { finished: false });
  label(pace, [7]);
  label(pace, [12]);
  label(pace, [12]);
  assert.equal(pace.secondsPerImage, 12);
});

test("looking at an image that is finished already counts for nothing", () => {
  const pace = newPace();
  label(pace, [10]);
  label(pace, [10], { next: true });
  label(pace, [90]);
  label(pace, [10]);
  assert.equal(pace.secondsPerImage, 10);
});

test("only the last twenty count, and showing the same image again changes nothing", () => {
  const pace = newPace();
  for (let round = 0; round < 20; round += 1) label(pace, [100]);
  for (let round = 0; round < 20; round += 1) label(pace, [4]);
  pace.show(nextId, { before: true, now: true });
  assert.equal(pace.secondsPerImage, 4);
});

test("the pace survives a reload, and survives a memory that holds something else", () => {
  const memory = new FakeStorage();
  const pace = newPace(memory);
  for (const seconds of [3, 5, 9]) label(pace, [seconds]);
  assert.equal(new Pace({ memory }).secondsPerImage, 5);
  memory.setItem("ssd-studio.pace", "{");
  assert.equal(new Pace({ memory }).secondsPerImage, null);
});

test("what is left is told in minutes and hours", () => {
  assert.equal(paceWords(20), "less than a minute left at your pace");
  assert.equal(paceWords(720), "12 min left at your pace");
  assert.equal(paceWords(7200), "2 h left at your pace");
  assert.equal(paceWords(7800), "2 h 10 min left at your pace");
});

test("progress follows the filter", () => {
  assert.equal(progressWords({ filter: {}, total: 200, unlabelled: 163 }, 4.4), "37 of 200 labelled, 12 min left at your pace");
  assert.equal(progressWords({ filter: {}, total: 200, unlabelled: 163 }, null), "37 of 200 labelled");
  assert.equal(progressWords({ filter: {}, total: 100_000, unlabelled: 0 }, 4), "All 100,000 labelled");
  assert.equal(progressWords({ filter: { flagged: true, status: "unlabelled" }, total: 3, unlabelled: 3 }, 60), "3 to label, 3 min left at your pace");
  assert.equal(progressWords({ filter: { status: "unlabelled" }, total: 0, unlabelled: 0 }, 60), "Nothing left to label");
  assert.equal(progressWords({ filter: { status: "labelled" }, total: 1, unlabelled: 0 }, 60), "1 image");
});
