/** Which key asks for what. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { commandOf } from "../../../app/static/editor_keys.js";

function press(key, { code = "", selected = false, ...modifiers } = {}) {
  const event = { key, code, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...modifiers };
  return commandOf(event, selected);
}

test("D and A go to the next and the previous image, Shift D to the next unlabelled one", () => {
  assert.deepEqual(press("d"), { name: "next" });
  assert.deepEqual(press("a"), { name: "previous" });
  assert.deepEqual(press("D", { shiftKey: true }), { name: "nextUnlabelled" });
});

test("with caps lock D is still D", () => {
  assert.deepEqual(press("D"), { name: "next" });
});

test("arrows turn pages while nothing is selected, and move the selected box", () => {
  assert.deepEqual(press("ArrowRight"), { name: "next" });
  assert.deepEqual(press("ArrowLeft"), { name: "previous" });
  assert.equal(press("ArrowUp"), null);
  assert.deepEqual(press("ArrowRight", { selected: true }), { name: "nudge", dx: 1, dy: 0 });
  assert.deepEqual(press("ArrowUp", { selected: true, shiftKey: true }), { name: "nudge", dx: 0, dy: -10 });
});

test("digits choose classes, also where they need Shift", () => {
  assert.deepEqual(press("1", { code: "Digit1" }), { name: "chooseClass", index: 0 });
  assert.deepEqual(press("é", { code: "Digit2" }), { name: "chooseClass", index: 1 });
  assert.equal(press("0", { code: "Digit0" }), null);
});

test("undo and redo have their usual keys, on a Mac too", () => {
  assert.deepEqual(press("z", { ctrlKey: true }), { name: "undo" });
  assert.deepEqual(press("Z", { ctrlKey: true, shiftKey: true }), { name: "redo" });
  assert.deepEqual(press("y", { ctrlKey: true }), { name: "redo" });
  assert.deepEqual(press("z", { metaKey: true }), { name: "undo" });
});

test("the browser's own shortcuts are left to it", () => {
  for (const key of ["a", "d", "r", "f", "c", "1", "ArrowLeft"]) {
    assert.equal(press(key, { ctrlKey: true }), null);
    assert.equal(press(key, { altKey: true }), null);
  }
});

test("Delete and Backspace delete only a selected box", () => {
  assert.deepEqual(press("Delete", { selected: true }), { name: "remove" });
  assert.deepEqual(press("Backspace", { selected: true }), { name: "remove" });
  assert.equal(press("Backspace"), null);
});

test("Tab goes round the boxes, with Shift backwards", () => {
  assert.deepEqual(press("Tab"), { name: "cycle", direction: 1 });
  assert.deepEqual(press("Tab", { shiftKey: true }), { name: "cycle", direction: -1 });
});

test("letters work by their place on a keyboard of another script", () => {
  assert.deepEqual(press("в", { code: "KeyD" }), { name: "next" });
  assert.deepEqual(press("я", { code: "KeyZ", ctrlKey: true }), { name: "undo" });
});

test("names that every object has are no commands", () => {
  for (const key of ["constructor", "toString", "x"]) assert.equal(press(key), null);
});
