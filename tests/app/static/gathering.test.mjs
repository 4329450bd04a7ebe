/** Drops are told apart, broken folders are read as far as they go, uploads wait their turn, imports ask for names. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { collect, dropParts, photographsOf } from "../../../app/static/dropped_files.js";
import { classMap, importSentence, projectNameFor, splitWords, withoutFolder } from "../../../app/static/import_choices.js";
import { problemCells, problemsCsv } from "../../../app/static/problem_table.js";
import { UploadQueue } from "../../../app/static/upload_queue.js";

const EMPTY = { added: 0, existing: 0, boxes: 0, classes: [], rejected: [], notes: [] };
const files = (...paths) => paths.map((path) => ({ path, file: { name: path, type: "", size: 1 } }));

test("a drop is taken apart: pictures or a data set first, then each archive and each video by itself", () => {
  const told = (...paths) => dropParts(files(...paths)).map(({ kind, files: own }) => `${kind} ${own.map(({ path }) => path).join(" ")}`);
  for (const paths of [["a.JPG"], ["letter.pdf"], ["a.heic", "b.jpg"]]) assert.deepEqual(told(...paths), [`pictures ${paths.join(" ")}`]);
  assert.deepEqual(told("shots/a.png", "shots/readme.txt"), ["pictures shots/a.png"]);
  for (const paths of [["d/images/a.jpg", "d/labels/a.txt"], ["a.jpg", "a.xml"], ["d/_annotations.coco.json"], ["d/data.yaml", "d/a.jpg"]]) {
    assert.deepEqual(told(...paths), [`dataset ${paths.join(" ")}`]);
  }
  assert.deepEqual(told("b.zip", "a.jpg", "c.ZIP", "clip.MOV", "yard.webm"), ["pictures a.jpg", "archive b.zip", "archive c.ZIP", "video clip.MOV", "video yard.webm"]);
  assert.deepEqual(told(), []);
});

test("of a folder only pictures are uploaded; what was dropped by itself is, so that it is refused with a reason", () => {
  const paths = photographsOf(files("shots/a.jpg", "shots/notes.txt", "letter.pdf")).map(({ path }) => path);
  assert.deepEqual(paths, ["shots/a.jpg", "letter.pdf"]);
});

test("an entry that cannot be read is named, and the rest of the folder comes in", async () => {
  const file = (path, error) => ({ isFile: true, fullPath: path, file: (good, bad) => (error ? bad(error) : good({ name: path, type: "", size: 1 })) });
  const folder = (path, ...parts) => ({ isFile: false, fullPath: path, createReader: () => ({ readEntries: (good) => good(parts.splice(0, 2)) }) });
  const closed = { isFile: false, fullPath: "/d/closed", createReader: () => ({ readEntries: (_, bad) => bad(new Error("denied")) }) };
  const gone = Object.assign(new Error("gone"), { name: "NotFoundError" });
  const found = { incoming: [], unreadable: [] };
  await collect(folder("/d", file("/d/1.jpg"), closed, file("/d/2.jpg", gone), file("/d/.DS_Store"), folder("/d/e", file("/d/e/3.jpg"))), found);
  assert.deepEqual(found.incoming.map(({ path }) => path), ["d/1.jpg", "d/e/3.jpg"]);
  assert.deepEqual(found.unreadable.map(({ file: name }) => name), ["d/closed", "d/2.jpg"]);
  assert.match(found.unreadable[1].problem, /moved or deleted/);
});

test("a drop during an upload waits, and one report covers both", async () => {
  const order = [];
  const queue = new UploadQueue(async (project, incoming, tell) => {
    order.push(`${project} begins`);
    await new Promise(setImmediate);
    tell(incoming.length);
    order.push(`${project} ends`);
    return { report: { ...EMPTY, added: incoming.length }, sent: incoming.length, failure: null };
  });
  const done = new Promise((resolve) => queue.addEventListener("done", ({ detail }) => resolve(detail)));
  queue.add(1, files("a.jpg", "b.jpg"), [{ file: "c.jpg", line: null, problem: "Closed.", remedy: "Open it." }]);
  queue.add(2, files("d.jpg"));
  assert.deepEqual([queue.sent, queue.total], [0, 3]);
  const { report, projects, left } = await done;
  assert.deepEqual(order, ["1 begins", "1 ends", "2 begins", "2 ends"]);
  assert.deepEqual([report.added, report.rejected.length, projects, left], [3, 1, [1, 2], []]);
  assert.deepEqual([queue.busy, queue.total], [false, 0]);
});

test("after a failure what was not sent is left to be sent again", async () => {
  const queue = new UploadQueue(async () => ({ report: EMPTY, sent: 1, failure: "No network." }));
  const done = new Promise((resolve) => queue.addEventListener("done", ({ detail }) => resolve(detail)));
  queue.add(1, files("a.jpg", "b.jpg"));
  queue.add(1, files("c.jpg"));
  const { failure, left } = await done;
  assert.equal(failure, "No network.");
  assert.deepEqual(left.map(({ incoming }) => incoming.map(({ path }) => path)), [["b.jpg"], ["c.jpg"]]);
});

test("a class map holds what differs: other names, and classes left out", () => {
  const rows = [
    { written: "cat", name: "cat", taken: true },
    { written: "kat", name: " cat ", taken: true },
    { written: "dog", name: "dog", taken: false },
    { written: "bird", name: "", taken: true },
    { written: "__proto__", name: "x", taken: true },
  ];
  assert.deepEqual(Object.entries(classMap(rows)), [["kat", "cat"], ["dog", null], ["__proto__", "x"]]);
});

test("the folder that all files lie in is no part of their names", () => {
  const { folder, files: inside } = withoutFolder(files("parts/images/a.jpg", "parts/a.xml"));
  assert.deepEqual([folder, inside.map(({ path }) => path)], ["parts", ["images/a.jpg", "a.xml"]]);
  assert.equal(withoutFolder(files("a/1.jpg", "b/1.jpg")).folder, null);
  assert.equal(withoutFolder(files("a.zip")).folder, null);
});

test("a project is proposed by the data set's name", () => {
  const names = ["/home/me/raccoon_dataset/", "C:\\data\\parts.zip", "x.ZIP", ".zip", ""].map(projectNameFor);
  assert.deepEqual(names, ["raccoon dataset", "parts", "x", "Imported", "Imported"]);
});

test("an import is told in a sentence", () => {
  assert.equal(importSentence({ ...EMPTY, added: 4, boxes: 1, classes: ["nut"] }), "4 images added; 1 box of 1 class.");
  const rejected = [{ file: "a", line: 1, problem: "", remedy: "" }];
  assert.equal(
    importSentence({ ...EMPTY, added: 1200, existing: 1, boxes: 5000, classes: ["a", "b"], rejected }),
    "1,200 images added, 1 was already there; 5,000 boxes of 2 classes. 1 problem is listed below; everything else is in.",
  );
  assert.equal(splitWords({ train: 160, val: 40, test: 0, none: 3 }), "160 training, 40 validation, 3 in no split");
});

test("problems as CSV are quoted, and compute nothing in a spreadsheet", () => {
  const csv = problemsCsv([{ file: "=cmd()", line: 3, problem: 'A "box", twice', remedy: "Draw it\nagain." }]);
  assert.equal(csv, 'File,Line,Problem,What to do\r\n\'=cmd(),3,"A ""box"", twice","Draw it\nagain."\r\n');
});

test("a table of problems has a column of lines where one has a line", () => {
  const photograph = { file: "a.jpg", line: null, problem: "Cut short.", remedy: "Copy it again." };
  assert.deepEqual(problemCells([photograph]), [["File", "Problem", "What to do"], ["a.jpg", "Cut short.", "Copy it again."]]);
  assert.deepEqual(problemCells([photograph, { ...photograph, line: 3 }]).map((row) => row[1]), ["Line", "", "3"]);
});
