/** Keys that a person has changed. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { BINDINGS } from "../../../app/static/editor_keys.js";
import { KeyMap } from "../../../app/static/key_map.js";

function memory(kept = {}) {
  const store = new Map(Object.entries(kept));
  return {
    getItem: (key) => store.get(key) ?? null,
    setItem: (key, value) => store.set(key, value),
    removeItem: (key) => store.delete(key),
    store,
  };
}

const binding = (id) => BINDINGS.find((one) => one.id === id);

test("a changed key is remembered, and only what was changed is kept", () => {
  const kept = memory();
  new KeyMap(kept).assign(binding("drawTool"), "B");
  assert.deepEqual(JSON.parse(kept.getItem("ssd-studio.keys")), { drawTool: ["B"] });
  const again = new KeyMap(kept);
  assert.deepEqual([again.keysOf(binding("drawTool")), again.firstKey("selectTool")], [["B"], "V"]);
});

test("who answers to a key already is told, but not who answers at another moment", () => {
  const keys = new KeyMap();
  assert.equal(keys.conflict(binding("drawTool"), "V"), binding("selectTool"));
  assert.equal(keys.conflict(binding("nudge right"), "ArrowRight"), null);
  assert.equal(keys.conflict(binding("drawTool"), "ArrowRight")?.command.name, "next");
  assert.equal(keys.conflict(binding("drawTool"), "B"), null);
});

test("a key taken from another leaves that one with what else it has", () => {
  const keys = new KeyMap();
  keys.assign(binding("drawTool"), "Ctrl+Y");
  assert.deepEqual([keys.keysOf(binding("redo")), keys.keysOf(binding("drawTool"))], [["Ctrl+Shift+Z"], ["Ctrl+Y"]]);
});

test("the first nine classes have the digits 1 to 9, the tenth 0, others none, and a changed one what it was changed to", () => {
  const keys = new KeyMap();
  keys.assign(binding("class 2"), "Shift+B");
  assert.deepEqual([0, 1, 8, 9, 10].map((place) => keys.ofClass(place)), ["1", "Shift B", "9", "0", ""]);
});

test("Escape cannot be taken", () => {
  const keys = new KeyMap();
  keys.assign(binding("drawTool"), "Escape");
  assert.deepEqual(keys.keysOf(binding("drawTool")), ["W"]);
});

test("reset gives every key back and forgets what was kept", () => {
  const kept = memory();
  const keys = new KeyMap(kept);
  keys.assign(binding("drawTool"), "V");
  assert.equal(keys.anyChanged, true);
  keys.reset();
  assert.deepEqual([keys.anyChanged, kept.store.size, keys.firstKey("selectTool")], [false, 0, "V"]);
});

test("a key put back by hand counts as unchanged", () => {
  const keys = new KeyMap();
  keys.assign(binding("drawTool"), "B");
  keys.assign(binding("drawTool"), "W");
  assert.equal(keys.anyChanged, false);
});

test("rubbish in the browser's storage does no harm", () => {
  for (const text of ["{", "[]", "null", '{"drawTool":7}', '{"drawTool":[3]}', '{"cancel":["Q"]}']) {
    const keys = new KeyMap(memory({ "ssd-studio.keys": text }));
    assert.deepEqual([keys.firstKey("drawTool"), keys.firstKey("cancel")], ["W", "Escape"], text);
  }
});
