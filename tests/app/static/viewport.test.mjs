/** The window on an image: fitted, zoomed about a point, panned, and never drifting. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Viewport } from "../../../app/static/viewport.js";

function viewport(image = { width: 400, height: 300 }, view = { width: 832, height: 632 }) {
  const made = new Viewport();
  made.setView(view);
  made.setImage(image);
  return made;
}

function near(actual, expected) {
  assert.ok(Math.abs(actual.x - expected.x) < 1e-9 && Math.abs(actual.y - expected.y) < 1e-9, JSON.stringify([actual, expected]));
}

test("a new image is fitted into the view with a margin, in its middle", () => {
  const { zoom, left, top, fitted } = viewport();
  assert.deepEqual({ zoom, left, top, fitted }, { zoom: 2, left: 16, top: 16, fitted: true });
});

test("a portrait image is fitted by its height", () => {
  const { zoom, left, top } = viewport({ width: 300, height: 1200 });
  assert.deepEqual({ zoom, left, top }, { zoom: 0.5, left: 341, top: 16 });
});

test("places of the image and of the view are each other's inverse", () => {
  const made = viewport();
  made.zoomBy(2.46, { x: 300, y: 200 });
  near(made.toImage(made.toView({ x: 123.4, y: 56.7 })), { x: 123.4, y: 56.7 });
});

test("zooming keeps what is under the pointer under it", () => {
  const made = viewport();
  const pointer = { x: 500, y: 400 };
  const before = made.toImage(pointer);
  made.zoomBy(3, pointer);
  near(made.toImage(pointer), before);
  assert.equal(made.fitted, false);
});

test("zooming out ends at the fitted image", () => {
  const made = viewport();
  made.zoomBy(5);
  made.zoomBy(0.001);
  assert.deepEqual([made.zoom, made.fitted, made.left, made.top], [2, true, 16, 16]);
});

test("a fitted image stays fitted when the view changes size", () => {
  const made = viewport();
  made.setView({ width: 432, height: 332 });
  assert.equal(made.zoom, 1);
});

test("a zoomed image keeps its zoom and its middle when the view changes size", () => {
  const made = viewport();
  made.zoomBy(4);
  const before = made.toImage({ x: 416, y: 316 });
  made.setView({ width: 600, height: 500 });
  assert.equal(made.zoom, 8);
  near(made.toImage({ x: 300, y: 250 }), before);
});

test("an image cannot be dragged out of the view", () => {
  const made = viewport();
  made.zoomBy(4);
  made.panBy(1e6, 1e6);
  assert.deepEqual([made.left, made.top], [16, 16]);
  made.panBy(-1e6, -1e6);
  assert.deepEqual([made.left, made.top], [832 - 400 * 8 - 16, 632 - 300 * 8 - 16]);
});

test("a view without size, in a hidden tab, does no harm", () => {
  const made = viewport();
  made.setView({ width: 0, height: 0 });
  assert.ok(Number.isFinite(made.zoom) && made.zoom > 0);
  made.setView({ width: 832, height: 632 });
  assert.equal(made.zoom, 2);
});

test("at its actual size an image may be smaller than fitted, and does not shrink further", () => {
  const made = viewport();
  made.actualSize();
  assert.deepEqual([made.zoom, made.fitted, made.left, made.top], [1, false, 216, 166]);
  made.zoomBy(0.5);
  assert.equal(made.zoom, 1);
});

test("two fingers hold their place of the image, however the zoom is limited", () => {
  const made = viewport();
  made.hold({ x: 100, y: 80 }, { x: 300, y: 250 }, 6);
  assert.equal(made.zoom, 6);
  near(made.toView({ x: 100, y: 80 }), { x: 300, y: 250 });
  made.hold({ x: 100, y: 80 }, { x: 310, y: 255 }, 1000);
  assert.equal(made.zoom, 32);
  near(made.toView({ x: 100, y: 80 }), { x: 310, y: 255 });
  made.hold({ x: 100, y: 80 }, { x: 300, y: 250 }, 0.1);
  assert.deepEqual([made.zoom, made.fitted], [2, true]);
});

test("a box zoomed to takes six tenths of the view and stands in its middle; once more fits the image", () => {
  const made = viewport();
  made.showBox([100, 100, 180, 140]);
  assert.equal(made.zoom, (0.6 * 832) / 80);
  near(made.toView({ x: 140, y: 120 }), { x: 416, y: 316 });
  made.showBox([100, 100, 180, 140]);
  assert.deepEqual([made.zoom, made.fitted], [2, true]);
});

test("a box out of view is brought just inside it, one in view moves nothing", () => {
  const made = viewport();
  made.zoomBy(4, { x: 0, y: 0 });
  assert.equal(made.reveal([10, 10, 20, 20]), false);
  assert.equal(made.reveal([200, 10, 220, 20]), true);
  assert.equal(made.toView({ x: 220, y: 20 }).x, 832 - 16);
});

test("what is seen ends at the image's edges", () => {
  const made = viewport();
  assert.deepEqual(made.seen, [0, 0, 400, 300]);
});
