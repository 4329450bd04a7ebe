/** What typing a class's name offers. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { choicesFor } from "../../../app/static/class_search.js";

const CLASSES = ["red fox", "fox", "Fuchs", "ox", "foxglove"].map((name, id) => ({ id, name, colour: "#000000", position: id, boxes: 0 }));

function offered(text) {
  return choicesFor(CLASSES, text).map((choice) => ("add" in choice ? `+${choice.add}` : choice.label.name));
}

test("nothing typed offers every class in its order", () => {
  assert.deepEqual(offered(""), ["red fox", "fox", "Fuchs", "ox", "foxglove"]);
});

test("names that begin with the text come first, then words of names, then the rest", () => {
  assert.deepEqual(offered("fox"), ["fox", "foxglove", "red fox"]);
  assert.deepEqual(offered("ox"), ["ox", "red fox", "fox", "foxglove"]);
});

test("case and accents do not matter for finding", () => {
  assert.deepEqual(offered("FÜCHS"), ["Fuchs", "+FÜCHS"]);
});

test("an unknown name can be added as typed, a known one cannot", () => {
  assert.deepEqual(offered("  wolf "), ["+wolf"]);
  assert.deepEqual(offered("red f"), ["red fox", "+red f"]);
  assert.deepEqual(offered("red fox"), ["red fox"]);
});
