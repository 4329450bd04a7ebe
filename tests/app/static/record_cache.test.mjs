/** Images kept ready: no second request for what is on its way, no more kept than agreed, nothing stale after news. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { RecordCache } from "../../../app/static/record_cache.js";
import { settled } from "./fake_server.mjs";

let reads;
let loads;
let fails;

beforeEach(() => {
  [reads, loads, fails] = [[], [], false];
});

function newCache(limit = 3) {
  const read = async (id) => {
    reads.push(id);
    if (fails) throw new Error("no answer");
    return { image: { id, version: "v1", revision: reads.length } };
  };
  const load = async ({ id }) => {
    loads.push(id);
    return `picture ${id}`;
  };
  return new RecordCache({ read, load, limit });
}

test("an image on its way is asked for once, and can be taken when it is there", async () => {
  const cache = newCache();
  assert.equal(cache.take(1), null);
  await Promise.all([cache.get(1), cache.get(1)]);
  assert.deepEqual(reads, [1]);
  assert.equal(cache.take(1).picture, "picture 1");
});

test("the images used least recently go", async () => {
  const cache = newCache();
  for (const id of [1, 2, 3]) await cache.get(id);
  await cache.get(1);
  await cache.get(4);
  assert.deepEqual([1, 2, 3, 4].map((id) => cache.take(id) !== null), [true, false, true, true]);
});

test("a newer record takes the old one's place", async () => {
  const cache = newCache();
  await cache.get(1);
  cache.renew({ image: { id: 1, version: "v1", revision: 99 } });
  assert.equal(cache.take(1).view.image.revision, 99);
});

test("after news the record is read again, and the picture is not", async () => {
  const cache = newCache();
  await cache.get(1);
  cache.forgetRecords();
  assert.equal(cache.take(1), null);
  await cache.get(1);
  assert.deepEqual([reads, loads], [[1, 1], [1]]);
});

test("an answer that was on its way when news came is not kept", async () => {
  const cache = newCache();
  const coming = cache.get(1);
  cache.forgetRecords();
  await coming;
  await settled();
  assert.equal(cache.take(1), null);
});

test("what failed is tried again", async () => {
  const cache = newCache();
  fails = true;
  await assert.rejects(cache.get(1));
  fails = false;
  assert.equal((await cache.get(1)).picture, "picture 1");
});
