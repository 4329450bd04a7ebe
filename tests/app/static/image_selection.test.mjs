/** Selecting images: one by one, in ranges, a page, everything. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { ImageSelection } from "../../../app/static/image_selection.js";

let selection;

beforeEach(() => {
  selection = new ImageSelection();
  selection.show([5, 3, 9, 7, 1]);
});

const chosen = () => selection.ids.sort((a, b) => a - b);

test("a click selects and a second one takes out", () => {
  selection.toggle(3);
  assert.deepEqual(chosen(), [3]);
  selection.toggle(3);
  assert.deepEqual(chosen(), []);
});

test("a range follows the order of the page, in either direction", () => {
  selection.toggle(3);
  selection.toggle(7, true);
  assert.deepEqual(chosen(), [3, 7, 9]);
  selection.toggle(5, true);
  assert.deepEqual(chosen(), [3, 5, 7, 9]);
});

test("a range from an image that was taken out takes out", () => {
  selection.togglePage(true);
  selection.toggle(9);
  selection.toggle(1, true);
  assert.deepEqual(chosen(), [3, 5]);
});

test("a range without a start is one image", () => {
  selection.toggle(9, true);
  assert.deepEqual(chosen(), [9]);
});

test("what is selected on one page stays selected on the next, where a range begins anew", () => {
  selection.toggle(3);
  selection.show([20, 21, 22]);
  selection.toggle(22, true);
  assert.deepEqual(chosen(), [3, 22]);
  assert.equal(selection.wholePage, false);
});

test("a whole page is told from a part of it", () => {
  selection.togglePage(true);
  assert.equal(selection.wholePage, true);
  selection.toggle(1);
  assert.equal(selection.wholePage, false);
});

test("everything goes along to other pages, until one image is taken out", () => {
  selection.selectEverything();
  selection.show([20, 21]);
  assert.deepEqual([selection.everything, chosen()], [true, [20, 21]]);
  selection.toggle(20);
  assert.deepEqual([selection.everything, chosen()], [false, [21]]);
});

test("clearing tells once, and not at all where nothing is selected", () => {
  let told = 0;
  selection.toggle(3);
  selection.addEventListener("change", () => (told += 1));
  selection.clear();
  selection.clear();
  assert.deepEqual([told, chosen()], [1, []]);
});
