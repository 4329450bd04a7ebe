/** What the tests of saving share: a server and a storage that are fakes, a clock that is moved by hand, a queue. */

import { mock } from "node:test";

import { api } from "../../../app/static/api.js";
import { SaveQueue } from "../../../app/static/save_queue.js";
import { UnsavedEdits } from "../../../app/static/unsaved_edits.js";
import { FakeServer, FakeStorage, settled } from "./fake_server.mjs";

export const IMAGE = { id: 7, name: "a.jpg", width: 200, height: 100, revision: 0 };
export const NOTHING = { boxes: [], empty: false };
export const DEBOUNCE = 300;

/** @type {FakeServer} */
export let server;
export let storage;

globalThis.document = { baseURI: "http://localhost:7860/studio/" };

/** A new server with these images, and nothing kept. */
export function begin(images) {
  forgetTimers();
  server = new FakeServer(images);
  storage = new FakeStorage();
  globalThis.fetch = server.fetch;
}

/** The timers of a page die with it. */
export function forgetTimers() {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
}

export function newQueue(kept = new UnsavedEdits(storage)) {
  return new SaveQueue({ put: (path, body, options) => api("PUT", path, body, options), kept });
}

export async function pass(milliseconds) {
  mock.timers.tick(milliseconds);
  await settled();
}

export function labels(...boxes) {
  return { boxes, empty: false };
}
