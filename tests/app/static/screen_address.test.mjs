/** The address of what is shown: read, written, and when a change of it is a step to go back to. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { addressOf, historyStep, placeOf } from "../../../app/static/screen_address.js";

const place = (screen, project = null, image = null) => ({ screen, project, image });

test("an address names a screen, its project and, on Label, its image", () => {
  const cases = [
    ["#live", place("live")],
    ["#images/3", place("images", 3)],
    ["#label/3/17", place("label", 3, 17)],
  ];
  for (const [address, shown] of cases) {
    assert.deepEqual(placeOf(address), shown);
    assert.equal(addressOf(shown), address);
  }
});

test("other screens do not carry the image of Label, and an image without its project is nothing", () => {
  assert.equal(addressOf(place("train", 3, 17)), "#train/3");
  assert.deepEqual(placeOf("#train/3/17"), place("train", 3));
  assert.equal(addressOf(place("label", null, 17)), "#label");
});

test("what is no address of ours is none", () => {
  for (const hash of ["", "#", "#settings", "#label/", "#label/x", "#label/3/17/4", "#Label/3", "#label/-1", "#toString"]) {
    assert.equal(placeOf(hash), null, hash);
  }
});

test("another screen or project is a step to go back to; another image is not; a bare page stays bare", () => {
  assert.equal(historyStep("#images/3", place("label", 3, 17)), "push");
  assert.equal(historyStep("#label/3/17", place("label", 4, 90)), "push");
  assert.equal(historyStep("#label/3/17", place("label", 3, 18)), "replace");
  assert.equal(historyStep("#train/3", place("train", 3, 18)), null);
  assert.equal(historyStep("", place("home", 3, 18)), null);
  assert.equal(historyStep("", place("images", 3)), "push");
});
