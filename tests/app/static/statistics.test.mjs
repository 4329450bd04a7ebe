/** What the statistics say, from tiny numbers with exact answers. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { balanceSentence, byBoxes, heat, ninths, partLabels, partsSentence, perImageLabels, positionsSentence, shapeLabels } from "../../../app/static/statistics_words.js";

test("bins of sizes are named in per cent of the picture's side", () => {
  assert.deepEqual(partLabels([0.02, 0.5]), [
    { short: "< 2", long: "smaller than 2 % of the side" },
    { short: "2–50", long: "2 to 50 % of the side" },
    { short: "≥ 50", long: "50 % of the side and more" },
  ]);
});

test("bins of shapes are named as ratios of width to height", () => {
  assert.deepEqual(shapeLabels([0.5, 2 / 3, 2]).map(({ short }) => short), ["< 1:2", "1:2", "2:3", "≥ 2:1"]);
  assert.equal(shapeLabels([0.5, 2 / 3])[1].long, "1:2 to 2:3");
});

test("the last number of boxes per image stands for all above", () => {
  assert.deepEqual(perImageLabels(3).map(({ short, long }) => `${short} ${long}`), ["0 0 boxes", "1 1 box", "2+ 2 or more boxes"]);
});

test("small boxes are called hard to find, and their share is told", () => {
  assert.match(partsSentence({ bounds: [0.02, 0.05, 0.1], counts: [1, 1, 0, 2] }), /^2 boxes \(50 %\) are smaller than 5 % of the side/);
  assert.match(partsSentence({ bounds: [0.02, 0.05, 0.1], counts: [0, 0, 3, 2] }), /^None is so small/);
  assert.equal(partsSentence({ bounds: [0.05], counts: [0, 0] }), "No boxes yet.");
});

test("uneven classes are named with how uneven they are", () => {
  assert.equal(balanceSentence([{ name: "nut", boxes: 5 }, { name: "bolt", boxes: 60 }, { name: "pin", boxes: 0 }]), "“bolt” has 12 times the boxes of “nut”. 1 class has no box.");
  assert.equal(balanceSentence([{ name: "nut", boxes: 5 }, { name: "bolt", boxes: 6 }]), "The classes are well balanced.");
  assert.equal(balanceSentence([{ name: "nut", boxes: 5 }]), "");
});

test("classes stand by their boxes, equal ones by name", () => {
  const order = byBoxes([{ name: "b", boxes: 1 }, { name: "c", boxes: 9 }, { name: "a", boxes: 1 }]).map(({ name }) => name);
  assert.deepEqual(order, ["c", "a", "b"]);
});

test("a map of 24 by 24 cells is summed into ninths", () => {
  const counts = Array(576).fill(0);
  counts[0] = 1; // top left
  counts[7] = 2; // the last column of the left third
  counts[8] = 3; // the first of the middle third
  counts[575] = 4; // bottom right
  assert.deepEqual(ninths({ columns: 24, rows: 24, counts }), [3, 3, 0, 0, 0, 0, 0, 0, 4]);
  assert.equal(positionsSentence({ columns: 24, rows: 24, counts }), "40 % of the boxes have their centre at the bottom right of the picture.");
});

test("boxes that all lie in one ninth bring a hint", () => {
  const sentence = positionsSentence({ columns: 3, rows: 3, counts: [0, 0, 0, 0, 9, 0, 0, 0, 1] });
  assert.match(sentence, /^90 % .+ in the middle of the picture\. Photographs with the things elsewhere/);
});

test("one box beside hundreds still shows on the map, none stays blank", () => {
  assert.equal(heat(0, 400), 0);
  assert.ok(heat(1, 400) > 0.15);
  assert.equal(heat(400, 400), 1);
});
