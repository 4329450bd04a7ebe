/** Undo and redo. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { EditorHistory } from "../../../app/static/editor_history.js";

test("undo goes back through every state, and redo forth", () => {
  const history = new EditorHistory("a");
  for (const state of ["b", "c", "d"]) history.commit(state);
  const seen = [];
  while (history.undo()) seen.push(history.present);
  assert.deepEqual(seen, ["c", "b", "a"]);
  while (history.redo()) seen.push(history.present);
  assert.deepEqual(seen.slice(3), ["b", "c", "d"]);
});

test("there is nothing to undo at the beginning and nothing to redo at the end", () => {
  const history = new EditorHistory("a");
  assert.deepEqual([history.canUndo, history.canRedo, history.undo(), history.redo()], [false, false, false, false]);
  assert.equal(history.present, "a");
});

test("a new state forgets what was undone", () => {
  const history = new EditorHistory("a");
  history.commit("b");
  history.undo();
  history.commit("c");
  assert.equal(history.canRedo, false);
  history.undo();
  assert.equal(history.present, "a");
});

test("a thousand states are all kept", () => {
  const history = new EditorHistory(0);
  for (let state = 1; state <= 1000; state += 1) history.commit(state);
  for (let step = 0; step < 1000; step += 1) assert.ok(history.undo());
  assert.equal(history.present, 0);
});

test("arrow keys held down are undone in one step", () => {
  let now = 0;
  const history = new EditorHistory("start", () => now);
  for (const state of ["1 px", "2 px", "3 px"]) {
    now += 50;
    history.commit(state, "nudge a");
  }
  assert.equal(history.present, "3 px");
  history.undo();
  assert.equal(history.present, "start");
});

test("a pause, another box or another kind of edit begins a new step", () => {
  let now = 0;
  const history = new EditorHistory("start", () => now);
  history.commit("a1", "nudge a");
  now += 2000;
  history.commit("a2", "nudge a");
  history.commit("b1", "nudge b");
  history.commit("drawn");
  history.commit("b2", "nudge b");
  const seen = [];
  while (history.undo()) seen.push(history.present);
  assert.deepEqual(seen, ["drawn", "b1", "a2", "a1", "start"]);
});

test("after undo a nudge does not melt into the undone one", () => {
  const history = new EditorHistory("start", () => 0);
  history.commit("a1", "nudge a");
  history.undo();
  history.commit("a2", "nudge a");
  history.undo();
  assert.equal(history.present, "start");
});
