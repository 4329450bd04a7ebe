/** The webcam's questions: two at a time, and the newest answer wins. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { FrameLoop } from "../../../app/static/frame_loop.js";
import { settled } from "./fake_server.mjs";

function loop() {
  const made = { now: 0, sent: [], answers: [], errors: [] };
  let frame = 0;
  made.loop = new FrameLoop({
    grab: async () => (frame += 1),
    send: (picture) => new Promise((resolve, reject) => made.sent.push({ picture, resolve, reject })),
    onAnswer: (answer) => made.answers.push(answer),
    onError: (error) => made.errors.push(error.message),
    now: () => made.now,
  });
  made.tick = async () => {
    made.loop.tick();
    await settled();
  };
  return made;
}

test("at most two questions are on their way, and frames meanwhile are dropped", async () => {
  const { sent, tick } = loop();
  for (let index = 0; index < 5; index += 1) await tick();
  assert.deepEqual(sent.map(({ picture }) => picture), [1, 2]);
  sent[0].resolve("first");
  await settled();
  await tick();
  assert.deepEqual(sent.map(({ picture }) => picture), [1, 2, 3]);
});

test("the last frame that found no room is asked about as soon as there is room, once", async () => {
  const { sent, tick } = loop();
  for (let index = 0; index < 4; index += 1) await tick();
  sent[0].resolve("first");
  await settled();
  sent[1].resolve("second");
  await settled();
  assert.deepEqual(sent.map(({ picture }) => picture), [1, 2, 3]);
});

test("a frame whose turn a newer one took on the server is no answer, and the next is sent when the camera gives it", async () => {
  const { sent, answers, tick } = loop();
  for (let index = 0; index < 3; index += 1) await tick();
  sent[0].resolve(null);
  await settled();
  assert.deepEqual([answers, sent.length], [[], 2]);
  await tick();
  assert.equal(sent.length, 3);
});

test("the frame that stands is asked about though a turn was taken before it", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { sent, tick } = loop();
  for (let index = 0; index < 3; index += 1) await tick(); // the third finds no room, and no fourth comes
  sent[0].resolve(null);
  sent[1].resolve(null);
  await settled();
  assert.equal(sent.length, 2);
  context.mock.timers.tick(100);
  await settled();
  assert.deepEqual(sent.map(({ picture }) => picture), [1, 2, 3]);
});

test("a frame that comes while it rests is asked about afterwards, once", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const made = loop();
  const { sent, tick } = made;
  for (let index = 0; index < 3; index += 1) await tick();
  sent[0].reject(new Error("away"));
  sent[1].resolve("second");
  await settled();
  assert.equal(sent.length, 2);
  made.now = 1000;
  context.mock.timers.tick(1000);
  await settled();
  assert.deepEqual(sent.map(({ picture }) => picture), [1, 2, 3]);
});

test("an answer that was overtaken is dropped", async () => {
  const { sent, answers, tick } = loop();
  await tick();
  await tick();
  sent[1].resolve("second");
  await settled();
  sent[0].resolve("first");
  await settled();
  assert.deepEqual(answers, ["second"]);
});

test("after a reset the answers of before do not count", async () => {
  const { loop: frames, sent, answers, tick } = loop();
  await tick();
  frames.reset();
  sent[0].resolve("old model");
  await settled();
  await tick();
  sent[1].resolve("new model");
  await settled();
  assert.deepEqual(answers, ["new model"]);
});

test("a failure is told, and followed by a rest", async () => {
  const made = loop();
  await made.tick();
  made.sent[0].reject(new Error("The model is gone."));
  await settled();
  await made.tick();
  assert.deepEqual([made.errors, made.sent.length], [["The model is gone."], 1]);
  made.now += 1001;
  await made.tick();
  assert.equal(made.sent.length, 2);
});

test("the pace counts answers of the last two seconds", async () => {
  const made = loop();
  for (let index = 0; index < 41; index += 1) {
    await made.tick();
    made.now += 100;
    made.sent.at(-1).resolve(index);
    await settled();
  }
  const { framesPerSecond, milliseconds } = made.loop.pace();
  assert.equal(Math.round(framesPerSecond), 10);
  assert.equal(milliseconds, 100);
});

test("milliseconds count from when the camera took the frame, also of one that had to wait for room", async () => {
  const made = loop();
  made.now = 1000;
  const take = async (taken) => {
    made.loop.tick(taken);
    await settled();
  };
  for (const taken of [960, 970, 980]) await take(taken);
  made.sent[0].resolve("a");
  await settled();
  assert.equal(made.loop.pace().milliseconds, 40);
  made.now = 1100;
  made.sent[2].resolve("c");
  made.sent[1].resolve("b");
  await settled();
  assert.deepEqual([made.answers, made.loop.pace().milliseconds], [["a", "c"], 120]);
});

test("before any answer there is no pace", () => {
  assert.deepEqual(loop().loop.pace(), { framesPerSecond: 0, milliseconds: 0 });
});

test("questions are begun apart, so that their answers are not painted together", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const made = loop();
  await made.tick();
  made.now = 800;
  made.sent[0].resolve("took 800 ms, which counts an eighth");
  await settled();
  await made.tick();
  made.now = 839;
  await made.tick();
  assert.equal(made.sent.length, 2, "two fifths of 100 ms are not over");
  made.now = 840;
  context.mock.timers.tick(1);
  await settled();
  assert.deepEqual(made.sent.map(({ picture }) => picture), [1, 2, 3]);
});
