/** Which frames of a video become photographs, and what they are called. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { difference, differentFrames, frameName, framesPerSecond, frameTimes, greyOf } from "../../../app/static/frame_choice.js";

const grey = (...values) => Uint8Array.from(values);

test("frames start at the beginning and end before the end", () => {
  assert.deepEqual(frameTimes(2, 0.5), [0, 0.5, 1, 1.5]);
  assert.deepEqual(frameTimes(2.1, 1), [0, 1, 2]);
  assert.deepEqual(frameTimes(0.3, 5), [0]);
  assert.deepEqual(frameTimes(10, 0), []);
  assert.deepEqual(frameTimes(10, NaN), []);
});

test("names sort in the order of time", () => {
  assert.equal(frameName("yard.mp4", 12.4), "yard-00012.40s.jpg");
  assert.equal(frameName("a/b.c.webm", 0), "a_b.c-00000.00s.jpg");
  const names = [9.5, 10, 3600].map((seconds) => frameName("v.mp4", seconds));
  assert.deepEqual([...names].sort(), names);
});

test("grey weighs the colours as eyes do", () => {
  assert.deepEqual([...greyOf(Uint8ClampedArray.from([255, 255, 255, 255, 255, 0, 0, 255, 0, 255, 0, 255]))], [255, 76, 150]);
});

test("black and white differ wholly, equal pictures not at all", () => {
  assert.equal(difference(grey(0, 0), grey(255, 255)), 100);
  assert.equal(difference(grey(0, 255), grey(0, 255)), 0);
  assert.equal(difference(grey(0, 0), grey(51, 0)), 10);
});

test("a frame is kept when it differs from the last one kept, so that slow change counts as well", () => {
  const slow = [0, 10, 20, 30, 40, 50, 60].map((value) => grey(value));
  assert.deepEqual(differentFrames(slow, 10), [0, 3, 6]); // 30 of 255 is more than a tenth, 20 is less
  assert.deepEqual(differentFrames(slow, 50), [0]);
  assert.deepEqual(differentFrames([grey(0), grey(0), grey(255), grey(255), grey(0)], 5), [0, 2, 4]);
  assert.deepEqual(differentFrames([], 5), []);
});

test("frames per second come from the usual gap, whatever was dropped", () => {
  assert.equal(framesPerSecond([0, 0.04, 0.08, 0.16, 0.2, 0.24]), 25);
  assert.equal(framesPerSecond([0, 0.04]), null);
});
