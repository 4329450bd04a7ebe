/** The address of what is shown: read, written, and when a change of it is a step to go back to. */

import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { addressOf, historyStep, keepAddress, placeOf } from "../../../app/static/screen_address.js";
import { studio } from "../../../app/static/store.js";

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

test("an address that did not hold is put right, since Back would lead to it and from it here for ever", () => {
  assert.equal(historyStep("#train/999", place("train")), "replace", "the project is gone");
  assert.equal(historyStep("#label/3/17", place("label", 5, 17)), "replace", "the image is another project's");
  assert.equal(historyStep("#images", place("images", 3)), "replace", "no project was named");
});

test("a browser that takes no more steps for now is told the last place as soon as it does", (context) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  context.after(() => mock.timers.reset());
  let allowed = false;
  globalThis.window = new EventTarget();
  globalThis.location = { hash: "#label/3/1" };
  globalThis.MutationObserver = class {};
  globalThis.document = { getElementById: (id) => (id === "tab-label" ? { style: { display: "flex" } } : null) };
  globalThis.history = {
    replaceState(_state, _title, address) {
      if (!allowed) throw new DOMException("More than 100 times per 10 seconds", "SecurityError");
      location.hash = address;
    },
  };
  const life = { alive: true, signal: new EventTarget(), listen: (target, type, act) => target.addEventListener(type, act) };
  studio.setProject(3);
  studio.rememberImage(1);
  keepAddress(life, () => {});
  for (const image of [2, 3]) {
    studio.rememberImage(image);
    mock.timers.tick(1);
  }
  allowed = true;
  assert.equal(location.hash, "#label/3/1");
  mock.timers.tick(1500);
  assert.equal(location.hash, "#label/3/3");
});

test("a screen that was chosen before the page was all there gets its address, and a bare page stays bare", (context) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  context.after(() => mock.timers.reset());
  const life = { alive: true, signal: new EventTarget(), listen: () => {} };
  globalThis.MutationObserver = class {};
  globalThis.window = new EventTarget();
  globalThis.history = { pushState: (_state, _title, address) => (location.hash = address) };
  studio.setProject(3);
  for (const [screen, address] of [["home", ""], ["train", "#train/3"]]) {
    globalThis.location = { hash: "" };
    globalThis.document = { getElementById: (id) => (id === `tab-${screen}` ? { style: { display: "flex" } } : null) };
    keepAddress(life, () => {});
    mock.timers.tick(1);
    assert.equal(location.hash, address);
  }
});
