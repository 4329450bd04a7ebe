/** One image's labels, selection and class in hand. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { EditorDocument } from "../../../app/static/editor_document.js";
import { box } from "./fake_server.mjs";

const CLASSES = [
  { id: 2, name: "cat", colour: "#222222", position: 1, boxes: 5 },
  { id: 1, name: "dog", colour: "#111111", position: 0, boxes: 9 },
];

function view({ id = 7, boxes = [], classes = CLASSES, status = "unlabelled", project_id = 3 } = {}) {
  return {
    image: { id, project_id, name: `${id}.jpg`, width: 100, height: 80, status, revision: 0, split: null },
    boxes,
    classes,
    place: { number: 1, total: 2, previous_id: null, next_id: 8, next_unlabelled_id: null },
  };
}

function opened(options = {}) {
  const shown = view(options);
  const doc = new EditorDocument();
  doc.open(shown, { boxes: shown.boxes, empty: shown.image.status === "empty" });
  const edits = [];
  doc.addEventListener("labels", () => edits.push(doc.labels));
  return { doc, edits };
}

test("classes stand in their order, and the first is in hand", () => {
  const { doc } = opened();
  assert.deepEqual(doc.classes.map(({ name }) => name), ["dog", "cat"]);
  assert.equal(doc.classId, 1);
});

test("a drawn box gets the class in hand, an id of its own, and is selected", () => {
  const { doc, edits } = opened();
  doc.chooseClass(2);
  doc.add([1, 2, 30, 40]);
  doc.add([5, 6, 30, 40]);
  const [first, second] = doc.boxes;
  assert.deepEqual(first, { ...first, class_id: 2, box: [1, 2, 30, 40], source: "person", difficult: false, crowd: false });
  assert.notEqual(first.id, second.id);
  assert.equal(doc.selectedId, second.id);
  assert.equal(edits.length, 2);
});

test("choosing a class changes the selected box too, and counts as its person's", () => {
  const { doc, edits } = opened({ boxes: [{ ...box("a"), source: "model:m1" }] });
  doc.select("a");
  doc.chooseClass(2);
  assert.deepEqual([doc.boxes[0].class_id, doc.boxes[0].source, doc.classId], [2, "person", 2]);
  doc.chooseClass(2);
  assert.equal(edits.length, 1, "choosing it again changes nothing");
});

test("without any class a drawn box waits, and the first class takes it", () => {
  const { doc, edits } = opened({ classes: [] });
  doc.add([1, 2, 30, 40]);
  assert.deepEqual([doc.boxes.length, doc.waiting, edits.length], [0, [1, 2, 30, 40], 0]);
  doc.addClass({ id: 5, name: "bird", colour: "#333333", position: 0, boxes: 0 });
  assert.deepEqual([doc.boxes.length, doc.boxes[0].class_id, doc.waiting], [1, 5, null]);
});

test("a waiting box can be dropped", () => {
  const { doc, edits } = opened({ classes: [] });
  doc.add([1, 2, 30, 40]);
  doc.dropWaiting();
  assert.deepEqual([doc.waiting, edits.length], [null, 0]);
});

test("what a box carries besides its corners survives a reshape", () => {
  const { doc } = opened({ boxes: [{ ...box("a"), difficult: true, crowd: true, source: "import" }] });
  doc.reshape("a", [1, 2, 3, 4]);
  assert.deepEqual(doc.boxes[0], { ...box("a"), box: [1, 2, 3, 4], difficult: true, crowd: true, source: "person" });
});

test("a nudge at the edge of the image is no edit", () => {
  const { doc, edits } = opened({ boxes: [{ ...box("a"), box: [0, 0, 10, 10] }] });
  doc.select("a");
  doc.nudge(-1, 0);
  assert.equal(edits.length, 0);
  doc.nudge(1, 0);
  assert.deepEqual(doc.boxes[0].box, [1, 0, 11, 10]);
});

test("deleting the selected box leaves nothing selected", () => {
  const { doc } = opened({ boxes: [box("a"), box("b")] });
  doc.select("a");
  doc.remove("a");
  assert.deepEqual([doc.boxes.map(({ id }) => id), doc.selectedId], [["b"], null]);
});

test("going round the boxes passes each once", () => {
  const { doc } = opened({ boxes: [box("a"), box("b"), box("c")] });
  const seen = [1, 1, 1, 1, -1, -1].map((direction) => (doc.cycle(direction), doc.selectedId));
  assert.deepEqual(seen, ["a", "b", "c", "a", "c", "b"]);
});

test("an image with boxes cannot be marked empty, and drawing takes the mark away", () => {
  const { doc, edits } = opened({ boxes: [box("a")] });
  doc.markEmpty(true);
  assert.equal(edits.length, 0);
  doc.remove("a");
  doc.markEmpty(true);
  assert.equal(doc.status, "empty");
  doc.add([1, 2, 30, 40]);
  assert.equal(doc.status, "labelled");
  doc.undo();
  assert.equal(doc.status, "empty");
});

test("undo lets go of a box that is no longer there", () => {
  const { doc } = opened();
  doc.add([1, 2, 30, 40]);
  doc.undo();
  assert.deepEqual([doc.selectedId, doc.boxes.length], [null, 0]);
  doc.redo();
  assert.equal(doc.boxes.length, 1);
});

test("undo survives going to another image and back", () => {
  const { doc } = opened();
  doc.add([1, 2, 30, 40]);
  const { labels } = doc;
  doc.open(view({ id: 8 }), { boxes: [], empty: false });
  assert.equal(doc.canUndo, false);
  doc.open(view({ id: 7, boxes: labels.boxes }), structuredClone(labels));
  assert.equal(doc.canUndo, true);
  doc.undo();
  assert.equal(doc.boxes.length, 0);
});

test("undo is forgotten when the image was changed elsewhere", () => {
  const { doc } = opened();
  doc.add([1, 2, 30, 40]);
  doc.open(view({ id: 7, boxes: [box("theirs")] }), { boxes: [box("theirs")], empty: false });
  assert.equal(doc.canUndo, false);
});

test("a class's count follows the edits of this image", () => {
  const { doc } = opened({ boxes: [box("a")] });
  assert.equal(doc.countOf(1), 9);
  doc.remove("a");
  assert.equal(doc.countOf(1), 8);
  doc.add([1, 2, 30, 40]);
  doc.add([1, 2, 30, 40]);
  assert.equal(doc.countOf(1), 10);
});

test("the class in hand stays from image to image, but not into another project", () => {
  const { doc } = opened();
  doc.chooseClass(2);
  doc.open(view({ id: 8 }), { boxes: [], empty: false });
  assert.equal(doc.classId, 2);
  doc.open(view({ id: 9, project_id: 4, classes: [{ ...CLASSES[0], id: 2 }, { ...CLASSES[1], id: 6 }] }), { boxes: [], empty: false });
  assert.equal(doc.classId, 6);
});

test("copies of another image's boxes are new boxes, cut to this image", () => {
  const { doc } = opened();
  const count = doc.addCopies([{ ...box("a"), box: [90, 70, 300, 300], source: "import" }, { ...box("b"), box: [200, 200, 300, 300] }]);
  assert.equal(count, 1);
  assert.deepEqual(doc.boxes[0].box, [90, 70, 100, 80]);
  assert.notEqual(doc.boxes[0].id, "a");
  assert.equal(doc.boxes[0].source, "person");
});
