/** What the screens share: the open project and image, remembered over a reload, and the events between them. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Store, studio } from "../../../app/static/store.js";
import { FakeStorage } from "./fake_server.mjs";

function listened(store) {
  const events = [];
  for (const type of ["project", "image", "changed", "navigate"]) {
    store.addEventListener(type, ({ detail }) => events.push([type, detail]));
  }
  return events;
}

test("opening a project tells once and is remembered", () => {
  const memory = new FakeStorage();
  const store = new Store(memory);
  const events = listened(store);
  store.setProject(3);
  store.setProject(3);
  assert.deepEqual(events, [["project", 3]]);
  assert.equal(new Store(memory).project, 3);
});

test("each project remembers its own image", () => {
  const memory = new FakeStorage();
  const store = new Store(memory);
  store.setProject(3);
  store.openImage(30);
  store.setProject(4);
  assert.equal(store.image, null);
  store.setProject(3);
  assert.equal(store.image, 30);
  assert.equal(new Store(memory).image, 30);
});

test("closing the project forgets it", () => {
  const memory = new FakeStorage();
  const store = new Store(memory);
  store.setProject(3);
  store.setProject(null);
  assert.equal(new Store(memory).project, null);
});

test("asking for an image or a screen, and news, are told", () => {
  const store = new Store(null);
  const events = listened(store);
  store.openImage(7);
  store.navigate("live");
  store.changed("boxes", "editor");
  assert.deepEqual(events, [
    ["image", 7],
    ["navigate", "live"],
    ["changed", { what: "boxes", by: "editor", gone: null }],
  ]);
});

test("an image that is gone is not returned to", () => {
  const store = new Store(new FakeStorage());
  store.setProject(3);
  store.openImage(30);
  store.changed("images", null, 31);
  assert.equal(store.image, 30);
  store.changed("images", null, 30);
  assert.equal(store.image, null);
});

test("a browser that forbids storage does no harm", () => {
  const forbidden = new Proxy({}, { get: () => () => { throw new Error("denied"); } });
  const store = new Store(forbidden);
  store.setProject(3);
  assert.equal(store.project, 3);
});

test("what an earlier version may have left in the storage is not taken for an id", () => {
  const memory = new FakeStorage();
  memory.setItem("ssd-studio.project", "${alert(1)}");
  assert.equal(new Store(memory).project, null);
});

test("the module's store is the page's, under whatever address it was loaded", async () => {
  const again = await import("../../../app/static/store.js?again");
  assert.equal(again.studio, studio);
});

test("a model asked for on another screen is told, and taken once by that screen", () => {
  const store = new Store(null);
  const told = [];
  store.addEventListener("model", ({ detail }) => told.push(detail));
  store.openModel("m1", "live");
  assert.deepEqual(told, [{ id: "m1", screen: "live" }]);
  assert.equal(store.takeModel("train"), null);
  assert.equal(store.takeModel("live"), "m1");
  assert.equal(store.takeModel("live"), null);
});
