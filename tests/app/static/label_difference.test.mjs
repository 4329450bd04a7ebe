/** Keeping the boxes of two people: nothing of either is lost, and nothing appears twice. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { bothOf, onlyReshaped, sameBoxes } from "../../../app/static/label_difference.js";
import { box } from "./fake_server.mjs";

test("boxes of both stay, mine first", () => {
  assert.deepEqual(bothOf([box("a")], [box("b")], []), [box("a"), box("b")]);
});

test("a box that both have alike stays once", () => {
  assert.deepEqual(bothOf([box("a"), box("b")], [box("a")], []), [box("a"), box("b")]);
});

test("a box that both have changed stays twice, theirs under another id", () => {
  const both = bothOf([box("a", 20)], [box("a", 30)], [box("a", 10)], () => "new");
  assert.deepEqual(both, [box("a", 20), box("new", 30)]);
});

test("one id for two different new boxes keeps both", () => {
  assert.deepEqual(bothOf([box("a", 20)], [box("a", 30)], [], () => "new"), [box("a", 20), box("new", 30)]);
});

test("a box that only one side changed is taken as that side has it", () => {
  assert.deepEqual(bothOf([box("a", 20)], [box("a", 10)], [box("a", 10)]), [box("a", 20)]);
  assert.deepEqual(bothOf([box("a", 10)], [box("a", 30)], [box("a", 10)]), [box("a", 30)]);
});

test("a box that one side removed is kept: both means every box of either", () => {
  assert.deepEqual(bothOf([], [box("a")], [box("a")]), [box("a")]);
  assert.deepEqual(bothOf([box("a")], [], [box("a")]), [box("a")]);
});

test("boxes are the same whatever the order of their keys, and not in another order", () => {
  const { id, ...rest } = box("a");
  assert.ok(sameBoxes([box("a")], [{ ...rest, id }]));
  assert.ok(!sameBoxes([box("a"), box("b")], [box("b"), box("a")]));
  assert.ok(!sameBoxes([box("a")], [{ ...box("a"), class_id: 2 }]));
});

test("a nudge is told from a drawn, a removed and a reclassified box", () => {
  assert.ok(onlyReshaped([box("a", 10)], [box("a", 11)]));
  assert.ok(!onlyReshaped([box("a")], [box("a"), box("b")]));
  assert.ok(!onlyReshaped([box("a")], []));
  assert.ok(!onlyReshaped([box("a", 10, 1)], [box("a", 10, 2)]));
});
