/** What is shown, what can be picked, and what the browser remembers of it. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { EditorSettings } from "../../../app/static/editor_settings.js";
import { box } from "./fake_server.mjs";

function memory() {
  const store = new Map();
  return { getItem: (key) => store.get(key) ?? null, setItem: (key, value) => store.set(key, value), store };
}

test("tool, crosshair and names are remembered; what is hidden is not", () => {
  const kept = memory();
  const settings = new EditorSettings(kept);
  settings.take("select");
  settings.toggle("crosshair");
  settings.toggle("names");
  settings.toggle("allHidden");
  const { tool, crosshair, names, allHidden } = new EditorSettings(kept);
  assert.deepEqual({ tool, crosshair, names, allHidden }, { tool: "select", crosshair: false, names: false, allHidden: false });
});

test("in which projects a box leads on is remembered of each, and at first it is in none", () => {
  const kept = memory();
  const settings = new EditorSettings(kept);
  settings.toggleAdvance();
  assert.equal(settings.advance, false, "no project is open");
  settings.enter(3);
  assert.equal(settings.advance, false);
  settings.toggleAdvance();
  settings.enter(4);
  assert.equal(settings.advance, false);
  const again = new EditorSettings(kept);
  again.enter(3);
  assert.equal(again.advance, true);
  again.toggleAdvance();
  assert.equal(again.advance, false);
});

test("a box is picked only when it is shown and neither it nor its class is locked", () => {
  const settings = new EditorSettings();
  const one = box("a");
  assert.equal(settings.canPick(one), true);
  for (const toggle of [
    () => settings.toggle("allHidden"),
    () => settings.toggleHidden(one.class_id),
    () => settings.toggleClassLock(one.class_id),
    () => settings.toggleBoxLock("a"),
  ]) {
    toggle();
    assert.equal(settings.canPick(one), false, String(toggle));
    toggle();
    assert.equal(settings.canPick(one), true, String(toggle));
  }
});

test("storage that is full, off or holds something else does no harm", () => {
  const refuses = () => {
    throw new Error("no room");
  };
  const settings = new EditorSettings({ getItem: refuses, setItem: refuses });
  settings.take("select");
  assert.equal(settings.tool, "select");
  assert.equal(new EditorSettings({ getItem: () => "null", setItem: () => {} }).tool, "draw");
});
