/** Boxes are drawn, moved, resized and hit exactly, and never leave the image. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  besideOthers,
  boxBetween,
  boxClicked,
  boxInMiddle,
  cutToImage,
  handleAt,
  handlePoint,
  HANDLES,
  largeEnough,
  moved,
  resized,
  stretched,
  withPart,
} from "../../../app/static/box_geometry.js";

const IMAGE = { width: 100, height: 80 };
const BOX = [20.25, 10.5, 60.75, 50];

test("a box may be drawn from any corner to the opposite one", () => {
  for (const [a, b] of [
    [[5, 6], [30, 40]],
    [[30, 40], [5, 6]],
    [[30, 6], [5, 40]],
    [[5, 40], [30, 6]],
  ]) {
    assert.deepEqual(boxBetween({ x: a[0], y: a[1] }, { x: b[0], y: b[1] }, IMAGE), [5, 6, 30, 40]);
  }
});

test("a box drawn over the edge ends at the edge", () => {
  assert.deepEqual(boxBetween({ x: -10, y: 70 }, { x: 200, y: 90 }, IMAGE), [0, 70, 100, 80]);
});

test("moving keeps fractions of pixels", () => {
  assert.deepEqual(moved(BOX, 0.5, -0.25, IMAGE), [20.75, 10.25, 61.25, 49.75]);
});

test("a box pushed against an edge lies on it exactly", () => {
  const box = [0.1, 0.2, 33.3, 44.4];
  assert.equal(moved(box, 1000, 0, IMAGE)[2], 100);
  assert.equal(moved(box, 0, 1000, IMAGE)[3], 80);
  assert.deepEqual(moved(box, -1000, -1000, IMAGE).slice(0, 2), [0, 0]);
});

test("each handle moves only its own sides", () => {
  const expected = {
    nw: [25.25, 13.5, 60.75, 50],
    n: [20.25, 13.5, 60.75, 50],
    ne: [20.25, 13.5, 65.75, 50],
    e: [20.25, 10.5, 65.75, 50],
    se: [20.25, 10.5, 65.75, 53],
    s: [20.25, 10.5, 60.75, 53],
    sw: [25.25, 10.5, 60.75, 53],
    w: [25.25, 10.5, 60.75, 50],
  };
  for (const handle of HANDLES) assert.deepEqual(resized(BOX, handle, 5, 3, IMAGE), expected[handle], handle);
});

test("a handle dragged across the opposite side turns the box over", () => {
  assert.deepEqual(resized(BOX, "e", -50.75, 0, IMAGE), [10, 10.5, 20.25, 50]);
});

test("a handle dragged out of the image stops at its edge", () => {
  assert.deepEqual(resized(BOX, "se", 900, 900, IMAGE), [20.25, 10.5, 100, 80]);
});

test("resizing leaves at least three pixels, also in the corner of the image", () => {
  assert.deepEqual(resized([0, 0, 10, 10], "e", -10, 0, IMAGE), [0, 0, 3, 10]);
  assert.deepEqual(resized([90, 0, 100, 10], "w", 10, 0, IMAGE), [97, 0, 100, 10]);
});

test("a box is large enough from three pixels on", () => {
  assert.equal(largeEnough([5, 5, 8, 8]), true);
  assert.equal(largeEnough([5, 5, 7.9, 50]), false);
  assert.equal(largeEnough([5, 5, 50, 7.9]), false);
});

test("each side moves by itself, up to the image's edge and down to three pixels", () => {
  const box = [20, 10, 60, 50];
  assert.deepEqual(stretched(box, [0, 0, 1, 0], IMAGE), [20, 10, 61, 50]);
  assert.deepEqual(stretched(box, [0, 0, 0, -10], IMAGE), [20, 10, 60, 40]);
  assert.deepEqual(stretched(box, [-1, 0, 0, 0], IMAGE), [19, 10, 60, 50]);
  assert.deepEqual(stretched(box, [0, 0, 500, 500], IMAGE), [20, 10, 100, 80]);
  assert.deepEqual(stretched(box, [-500, -500, 0, 0], IMAGE), [0, 0, 60, 50]);
  assert.deepEqual(stretched(box, [0, 0, -500, -500], IMAGE), [20, 10, 23, 13]);
  assert.deepEqual(stretched(box, [500, 500, 0, 0], IMAGE), [57, 47, 60, 50]);
});

test("an imported box smaller than three pixels can be stretched, but not shrunk", () => {
  assert.deepEqual(stretched([5, 5, 6, 7], [0, 0, 4, 0], IMAGE), [5, 5, 10, 7]);
  assert.deepEqual(stretched([5, 5, 6, 7], [0, 0, -4, -4], IMAGE), [5, 5, 6, 7]);
});

test("a number typed in changes what it names, and no more", () => {
  assert.deepEqual(withPart(BOX, "x", 30, IMAGE), [30, 10.5, 70.5, 50]);
  assert.deepEqual(withPart(BOX, "y", 0, IMAGE), [20.25, 0, 60.75, 39.5]);
  assert.deepEqual(withPart(BOX, "w", 10, IMAGE), [20.25, 10.5, 30.25, 50]);
  assert.deepEqual(withPart(BOX, "h", 500, IMAGE), [20.25, 10.5, 60.75, 80]);
  assert.deepEqual(withPart(BOX, "x", -7, IMAGE).slice(0, 2), [0, 10.5]);
});

test("a box made by the keyboard lies in the middle of the view, a quarter as large", () => {
  assert.deepEqual(boxInMiddle([0, 0, 100, 80], IMAGE), [38, 30, 63, 50]);
  assert.deepEqual(boxInMiddle([90, 70, 94, 74], IMAGE), [91, 71, 94, 74]);
});

test("a copy lies ten pixels beside its original, and beside the copy before", () => {
  const [first, second] = [[20, 10, 40, 30], [30, 20, 50, 40]];
  assert.deepEqual(besideOthers(first, [], IMAGE), first);
  assert.deepEqual(besideOthers(first, [first], IMAGE), second);
  assert.deepEqual(besideOthers(first, [first, second], IMAGE), [40, 30, 60, 50]);
});

test("a copy in the lower right corner goes the other way, and one of the whole image stays", () => {
  assert.deepEqual(besideOthers([80, 60, 100, 80], [[80, 60, 100, 80]], IMAGE), [70, 50, 90, 70]);
  assert.deepEqual(besideOthers([0, 0, 100, 80], [[0, 0, 100, 80]], IMAGE), [0, 0, 100, 80]);
});

test("whatever is dragged wherever, the box has area and lies in the image", () => {
  for (const dx of [-1000, -40.5, -0.1, 0, 0.1, 40.5, 1000]) {
    for (const dy of [-1000, -39.5, -0.1, 0, 0.1, 39.5, 1000]) {
      for (const box of [moved(BOX, dx, dy, IMAGE), ...HANDLES.map((handle) => resized(BOX, handle, dx, dy, IMAGE))]) {
        const [x0, y0, x1, y1] = box;
        assert.ok(0 <= x0 && x0 < x1 && x1 <= IMAGE.width, `${box}`);
        assert.ok(0 <= y0 && y0 < y1 && y1 <= IMAGE.height, `${box}`);
      }
    }
  }
});

test("the inputs are left as they were", () => {
  const box = Object.freeze([...BOX]);
  moved(box, 5, 5, IMAGE);
  resized(box, "se", 5, 5, IMAGE);
  assert.deepEqual(box, BOX);
});

test("each handle is hit at its own place", () => {
  for (const handle of HANDLES) assert.equal(handleAt(BOX, handlePoint(BOX, handle), 3), handle);
});

test("a point away from every handle hits none", () => {
  assert.equal(handleAt(BOX, { x: 40, y: 30 }, 6), null);
  assert.equal(handleAt(BOX, { x: 30, y: 10.5 }, 3), null);
});

test("the middle of a box smaller than the handles still moves it", () => {
  assert.equal(handleAt([10, 10, 16, 16], { x: 13, y: 13 }, 8), null);
  assert.equal(handleAt([10, 10, 16, 16], { x: 17, y: 17 }, 8), "se");
});

const LARGE = { id: "large", box: [0, 0, 90, 70] };
const SMALL = { id: "small", box: [10, 10, 30, 30] };

test("a click chooses the smallest box under it", () => {
  assert.equal(boxClicked([LARGE, SMALL], { x: 20, y: 20 }, null), SMALL);
  assert.equal(boxClicked([LARGE, SMALL], { x: 60, y: 60 }, "small"), LARGE);
});

test("clicking again goes to the box below, and round", () => {
  assert.equal(boxClicked([LARGE, SMALL], { x: 20, y: 20 }, "small"), LARGE);
  assert.equal(boxClicked([LARGE, SMALL], { x: 20, y: 20 }, "large"), SMALL);
});

test("a click beside every box chooses none", () => {
  assert.equal(boxClicked([SMALL], { x: 60, y: 60 }, "small"), null);
  assert.equal(boxClicked([], { x: 60, y: 60 }, null), null);
});

test("boxes taken over from a larger image are cut, and dropped where nothing is left", () => {
  assert.deepEqual(cutToImage([[90, 70, 300, 300], [150, 10, 200, 20], [1, 2, 3, 4]], IMAGE), [
    [90, 70, 100, 80],
    [1, 2, 3, 4],
  ]);
});
