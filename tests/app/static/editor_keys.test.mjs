/** Which key asks for what. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { BINDINGS, chordForAria, chordWords, commandOf } from "../../../app/static/editor_keys.js";

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
  assert.deepEqual(press("0", { code: "Digit0" }), { name: "chooseClass", index: 9 });
  assert.deepEqual(press("1", { code: "Digit1", shiftKey: true }), { name: "chooseClass", index: 0 });
  assert.equal(press("!", { code: "Digit1", shiftKey: true }), null);
});

test("undo and redo have their usual keys, on a Mac too", () => {
  assert.deepEqual(press("z", { ctrlKey: true }), { name: "undo" });
  assert.deepEqual(press("Z", { ctrlKey: true, shiftKey: true }), { name: "redo" });
  assert.deepEqual(press("y", { ctrlKey: true }), { name: "redo" });
  assert.deepEqual(press("z", { metaKey: true }), { name: "undo" });
});

test("the browser's own shortcuts are left to it", () => {
  for (const key of ["a", "r", "f", "l", "p", "s", "t", "w", "1", "+", "-", "ArrowLeft"]) {
    assert.equal(press(key, { ctrlKey: true }), null);
    assert.equal(press(key, { altKey: true }), null);
  }
});

test("Delete and Backspace delete a selected box, or reject the suggestion under the pointer", () => {
  assert.deepEqual(press("Delete", { selected: true }), { name: "remove" });
  assert.deepEqual(press("Backspace", { selected: true }), { name: "remove" });
  assert.deepEqual(press("Backspace"), { name: "rejectPointed" });
  assert.deepEqual(press("Delete", { selected: true, shiftKey: true }), { name: "rejectGhosts" });
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
  for (const key of ["constructor", "toString", "q"]) assert.equal(press(key), null);
});

test("each letter of the list does what the list says", () => {
  const names = {
    e: "toggleEmpty", f: "fit", g: "toggleFlag", h: "hideAll", j: "jump", l: "toggleNames", m: "editNote",
    n: "newBox", o: "toggleAdvance", r: "copyPrevious", v: "selectTool", w: "drawTool", x: "toggleCrosshair", "/": "searchClass", c: "searchClass",
    "?": "help", "+": "zoomIn", "-": "zoomOut",
  };
  for (const [key, name] of Object.entries(names)) assert.deepEqual(press(key), { name }, key);
  assert.deepEqual(press("?", { shiftKey: true, code: "Slash" }), { name: "help" });
  assert.deepEqual(press("F", { shiftKey: true }), { name: "actualSize" });
});

test("some keys need a selected box", () => {
  for (const [key, name] of [["k", "toggleLock"], ["z", "zoomToBox"]]) {
    assert.deepEqual(press(key, { selected: true }), { name });
    assert.equal(press(key), null);
  }
  assert.deepEqual(press("d", { selected: true, ctrlKey: true }), { name: "duplicate" });
  assert.equal(press("d", { ctrlKey: true }), null);
});

test("copy and paste have their usual keys", () => {
  assert.deepEqual(press("c", { ctrlKey: true }), { name: "copy" });
  assert.deepEqual(press("v", { metaKey: true }), { name: "paste" });
});

test("Alt and arrows move the right or lower side, with Shift the left or upper one, with Ctrl by ten", () => {
  const by = (key, modifiers) => press(key, { selected: true, ...modifiers }).by;
  assert.deepEqual(by("ArrowRight", { altKey: true }), [0, 0, 1, 0]);
  assert.deepEqual(by("ArrowUp", { altKey: true }), [0, 0, 0, -1]);
  assert.deepEqual(by("ArrowLeft", { altKey: true, shiftKey: true }), [-1, 0, 0, 0]);
  assert.deepEqual(by("ArrowDown", { ctrlKey: true }), [0, 0, 0, 10]);
  assert.deepEqual(by("ArrowUp", { ctrlKey: true, shiftKey: true }), [0, -10, 0, 0]);
});

test("no two bindings want the same key at the same moment, and every id is its own", () => {
  const taken = BINDINGS.flatMap(({ keys, when }) => keys.flatMap((key) => (when ? [`${key} ${when}`] : [`${key} box`, `${key} no box`])));
  assert.equal(new Set(taken).size, taken.length);
  assert.equal(new Set(BINDINGS.map(({ id }) => id)).size, BINDINGS.length);
});

test("a chord is written for people and for screen readers", () => {
  assert.deepEqual(["Shift+ArrowLeft", "Ctrl+Shift+Z", "+", "-"].map(chordWords), ["Shift ←", "Ctrl Shift Z", "+", "−"]);
  assert.deepEqual(["Ctrl+Shift+Z", "+"].map(chordForAria), ["Control+Shift+Z", "Plus"]);
});

test("a held Enter accepts once, or it would run through the images", () => {
  assert.deepEqual(press("Enter"), { name: "acceptGhosts" });
  assert.equal(press("Enter", { repeat: true }), null);
  assert.equal(press("Delete", { shiftKey: true, repeat: true }), null);
  assert.deepEqual(press("d", { repeat: true }), { name: "next" });
});
