/** Models and their families, what an export lost, and a folder packed into a zip. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { modelArchive } from "../../../app/static/models_import.js";
import { exportingWords, familyRows, lineageRows, originWords, receiptWords } from "../../../app/static/models_words.js";
import { crc32, storedZip } from "../../../app/static/stored_zip.js";

const model = (id, created, parent_id = null) => ({ id, created, parent_id });
const tree = (models) => familyRows(models).map(({ model: { id }, depth }) => "  ".repeat(depth) + id);

test("models stand below what they went on from, families by their newest member", () => {
  const models = [model("d", "4", "b"), model("c", "3"), model("b", "2", "a"), model("a", "1")];
  assert.deepEqual(tree(models), ["a", "  b", "    d", "c"]);
});

test("a model whose parent is not here stands by itself", () => {
  assert.deepEqual(tree([model("b", "2", "gone"), model("a", "1")]), ["b", "a"]);
});

test("models that are each other's parents are listed all the same", () => {
  assert.deepEqual(tree([model("a", "1", "b"), model("b", "2", "a"), model("c", "3", "c")]).map((line) => line.trim()).sort(), ["a", "b", "c"]);
});

test("where a model comes from is said in a line", () => {
  const lineage = { parent: null, images: { train: 52, val: 8 }, imported: null };
  assert.equal(originWords({ lineage }), "learnt from 52 images");
  assert.equal(originWords({ lineage: { ...lineage, parent: { id: "m", name: "first", deleted: true } } }), "went on from “first” (in the bin), learnt from 52 images");
  assert.equal(originWords({ lineage: { ...lineage, parent: { id: "m", name: null, deleted: true } } }), "went on from a model that is gone, learnt from 52 images");
  assert.equal(originWords({ lineage: { ...lineage, imported: "2026-01-01T00:00:00+00:00" } }), "imported");
  assert.equal(originWords({ lineage: { parent: null, images: null, imported: null } }), "trained here");
});

test("what is not known of a model is left out", () => {
  const lineage = { parent: null, run: null, snapshot: null, images: null, program: null, runtime: null, reason: null, parity: {}, imported: "2026-01-01T00:00:00+00:00" };
  const names = lineageRows({ id: "m1", lineage, metrics: {}, params: {}, classes: [] }).map(([name]) => name);
  assert.deepEqual(names, ["Imported", "Id"]);
});

test("a receipt is read out", () => {
  const figures = { AP: 0.27, milliseconds: 6.39, max_box_shift: 2.9, mean_box_shift: 0.76, max_score_difference: 0.039 };
  const receipt = { images: 20, reference: { AP: 0.273, milliseconds: 22.87 }, export: figures, files: { "model.int8.tflite": "0" } };
  assert.deepEqual(receiptWords(receipt), [
    "AP 0.270 on 20 of its own images, where the trained network has 0.273.",
    "Boxes move by 0.76 pixels on average and 2.9 at most, scores by 0.039 at most.",
    "6.4 ms for an image; the trained network took 22.9 ms on the same computer.",
    "The zip holds 1 file of the model, its checksum and these figures in parity.json, and an example of use.",
  ]);
  assert.equal(receiptWords({ ...receipt, reference: { AP: 0.27 } })[0], "AP 0.270 on 20 of its own images, the same as the trained network.");
  assert.deepEqual(receiptWords({ note: "The trained network itself.", exports: {} }), ["The trained network itself."]);
  assert.deepEqual(receiptWords(null), []);
});

test("an export tells how far it is", () => {
  assert.equal(exportingWords({ state: "running", done: 0, total: 0 }), "Preparing…");
  assert.equal(exportingWords({ state: "running", waiting: true, done: 0, total: 0 }), "Waiting until other work on models is done…");
  assert.equal(exportingWords({ state: "running", done: 3, total: 20 }), "Converting and comparing: 3 of 20 images");
  assert.equal(exportingWords({ state: "done", done: 20, total: 20 }), "The file is ready.");
});

test("the checksum is that of zip", () => {
  assert.equal(crc32(new TextEncoder().encode("123456789")), 0xcbf43926);
  assert.equal(crc32(new TextEncoder().encode("6789"), crc32(new TextEncoder().encode("12345"))), 0xcbf43926);
});

test("a folder is packed into a zip that lists its files", async () => {
  const packed = new Uint8Array(await (await storedZip([{ path: "m/card.json", file: new Blob(["{}"]) }, { path: "m/ü.h5", file: new Blob(["abc"]) }])).arrayBuffer());
  const view = new DataView(packed.buffer);
  const end = packed.length - 22;
  assert.equal(view.getUint32(0, true), 0x04034b50);
  assert.equal(view.getUint32(end, true), 0x06054b50);
  assert.equal(view.getUint16(end + 10, true), 2); // files
  const directory = view.getUint32(end + 16, true);
  assert.equal(view.getUint32(directory, true), 0x02014b50);
  assert.equal(directory + view.getUint32(end + 12, true), end);
  assert.equal(view.getUint32(directory + 24, true), 2); // bytes of the first file
});

test("of a dropped folder only the files of a model are sent, a zip as it is", async () => {
  const file = (text) => new Blob([text]);
  const zip = { path: "model.zip", file: new Blob(["PK"], { type: "application/zip" }) };
  assert.equal(await modelArchive([zip]), zip.file);
  const folder = [{ path: "m/card.json", file: file("{}") }, { path: "m/run.py", file: file("print()") }, { path: "m/model.weights.h5", file: file("w") }];
  const text = await (await modelArchive(folder)).text();
  assert.ok(text.includes("m/card.json") && text.includes("m/model.weights.h5") && !text.includes("run.py"));
  await assert.rejects(modelArchive([{ path: "notes.txt", file: file("x") }]), /no model: there is no card\.json/);
});
