/** The numbers behind the training charts. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { samplesOf, smoothed, thinned, ticks } from "../../../app/static/chart_scale.js";

test("ticks are round and reach around the values", () => {
  assert.deepEqual(ticks(0, 1, 5), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  assert.deepEqual(ticks(0, 7.3, 4), [0, 2, 4, 6, 8]);
  assert.deepEqual(ticks(0, 300, 4), [0, 100, 200, 300]);
  assert.deepEqual(ticks(0, 0.03, 3), [0, 0.01, 0.02, 0.03]);
});

test("a span of nothing still has ticks", () => {
  assert.deepEqual(ticks(0, 0, 4).at(0), 0);
  assert.ok(ticks(0, 0, 4).length > 1);
});

test("few samples are all kept", () => {
  const samples = [{ step: 0, value: 1 }, { step: 1, value: 2 }];
  assert.deepEqual(thinned(samples, 400), samples);
});

test("thinning keeps the order, the limit and the extremes", () => {
  const samples = Array.from({ length: 5000 }, (_, step) => ({ step, value: Math.sin(step / 50) }));
  samples[1234] = { step: 1234, value: 99 };
  samples[4321] = { step: 4321, value: -99 };
  const kept = thinned(samples, 400);
  assert.ok(kept.length <= 400);
  assert.ok(kept.every(({ step }, index) => index === 0 || step > kept[index - 1].step));
  assert.deepEqual(kept.filter(({ value }) => Math.abs(value) === 99).map(({ step }) => step), [1234, 4321]);
});

test("smoothing does not lag: inside, a straight line stays where it is", () => {
  const line = Array.from({ length: 50 }, (_, step) => ({ step, value: 3 * step }));
  const inside = smoothed(line, 5).slice(5, 45);
  inside.forEach(({ step, value }) => assert.ok(Math.abs(value - 3 * step) < 1e-9));
});

test("smoothing takes the mean of a window, cut off at the ends", () => {
  const samples = [0, 3, 0, 3, 0].map((value, step) => ({ step, value }));
  assert.deepEqual(smoothed(samples, 1).map(({ value }) => value), [1.5, 1, 2, 1, 1.5]);
});

test("of few samples none is smoothed away", () => {
  const few = [9, 5, 2, 1].map((value, step) => ({ step, value }));
  assert.deepEqual(smoothed(few), few);
});

test("a curve takes its own points, in order, the last of a step, and no missing numbers", () => {
  const points = [
    { step: 2, name: "loss", value: 5 },
    { step: 1, name: "loss", value: 9 },
    { step: 2, name: "loss", value: 4 },
    { step: 3, name: "loss", value: NaN },
    { step: 1, name: "val_AP", value: 0.5 },
  ];
  assert.deepEqual(samplesOf(points, "loss"), [{ step: 1, value: 9 }, { step: 2, value: 4 }]);
});
