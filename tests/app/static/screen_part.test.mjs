/** Putting a module into its place, and what is said when it does not come. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { fill, reason, reload } from "../../../app/static/screen_part.js";

globalThis.document ??= { baseURI: "http://localhost/" };

/** @param {boolean} up whether the server answers */
function server(up) {
  globalThis.fetch = async () => {
    if (!up) throw new TypeError("Failed to fetch");
    return { ok: true, status: 200, text: async () => "[]" };
  };
}

test("a module that came is mounted in its place", async () => {
  const root = {};
  const mounted = [];
  await fill(root, "home.js", async (address) => ({ mount: (place) => mounted.push(address.endsWith("/app/static/home.js"), place === root) }));
  assert.deepEqual(mounted, [true, true]);
});

test("a server that is gone is told in words, and a file that is missing by its name", async () => {
  const error = new TypeError("Failed to fetch dynamically imported module: home.js");
  server(false);
  assert.equal(await reason(error), "The studio's server cannot be reached. Check that it is still running.");
  server(true);
  assert.match(await reason(error), /^This part of the page is missing .*home\.js/);
});

test("the page begins anew once the server is back, not before", async () => {
  const done = [];
  const again = () => done.push("again");
  const page = { reload: () => done.push("reload") };
  server(false);
  await reload(again, page);
  server(true);
  await reload(again, page);
  assert.deepEqual(done, ["again", "reload"]);
});
