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

test("a waiting box stays with its image while others are looked at", () => {
  const { doc } = opened({ classes: [] });
  doc.add([1, 2, 30, 40]);
  const nothing = { boxes: [], empty: false };
  doc.open(view({ id: 8, classes: [] }), nothing);
  assert.equal(doc.waiting, null);
  doc.open(view({ id: 7 }), nothing);
  assert.deepEqual(doc.waiting, [1, 2, 30, 40]);
  doc.chooseClass(2);
  assert.deepEqual([doc.boxes[0].class_id, doc.waiting], [2, null]);
});

test("a box drawn by a gesture is told of once it has a class, one added otherwise is not", () => {
  const { doc } = opened();
  let drawn = 0;
  doc.addEventListener("drawn", () => (drawn += 1));
  doc.add([1, 2, 30, 40]);
  assert.equal(drawn, 0);
  doc.draw([1, 2, 30, 40]);
  assert.equal(drawn, 1);
  const first = opened({ classes: [] });
  first.doc.addEventListener("drawn", () => (drawn += 1));
  first.doc.draw([1, 2, 30, 40]);
  assert.equal(drawn, 1);
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

test("going round passes over hidden and locked boxes", () => {
  const { doc } = opened({ boxes: [box("a"), { ...box("b"), class_id: 2 }, box("c"), box("d")] });
  doc.settings.toggleHidden(2);
  doc.settings.toggleBoxLock("c");
  const seen = [1, 1, 1, -1].map((direction) => (doc.cycle(direction), doc.selectedId));
  assert.deepEqual(seen, ["a", "d", "a", "d"]);
});

test("a locked box is not moved, resized, deleted or given a class, and the person is told", () => {
  const { doc, edits } = opened({ boxes: [box("a")] });
  const told = [];
  doc.addEventListener("notice", ({ detail }) => told.push(detail));
  doc.select("a");
  doc.settings.toggleBoxLock("a");
  doc.nudge(1, 0);
  doc.stretch([0, 0, 1, 0]);
  doc.remove("a");
  doc.chooseClass(2);
  assert.deepEqual([edits.length, told.length, doc.selectedId, doc.classId], [0, 4, "a", 2]);
  doc.settings.toggleBoxLock("a");
  doc.nudge(1, 0);
  assert.equal(edits.length, 1);
});

test("hiding a class lets go of its selected box, and drawing one of it shows the class again", () => {
  const { doc } = opened({ boxes: [box("a")] });
  doc.select("a");
  doc.settings.toggleHidden(1);
  assert.deepEqual([doc.selectedId, doc.pickable.length], [null, 0]);
  doc.add([1, 2, 30, 40]);
  assert.deepEqual([doc.settings.hiddenClasses.size, doc.pickable.length], [0, 2]);
});

test("a duplicate lies beside its original, has its class and flags, and is selected", () => {
  const { doc } = opened({ boxes: [{ ...box("a"), box: [10, 10, 30, 30], class_id: 2, crowd: true }] });
  doc.select("a");
  doc.duplicate();
  const copy = doc.boxes[1];
  assert.deepEqual([copy.box, copy.class_id, copy.crowd, copy.source], [[20, 20, 40, 40], 2, true, "person"]);
  assert.deepEqual([doc.selectedId, copy.id === "a"], [copy.id, false]);
});

test("a copied box is pasted onto another image at its place, cut to it", () => {
  const { doc } = opened({ boxes: [{ ...box("a"), box: [60, 50, 100, 80] }] });
  doc.select("a");
  assert.equal(doc.copy(), 1);
  const small = view({ id: 8 });
  small.image.width = 80;
  doc.open(small, { boxes: [], empty: false });
  assert.equal(doc.paste(), 1);
  assert.deepEqual(doc.boxes[0].box, [60, 50, 80, 80]);
});

test("with nothing selected all boxes are copied, and pasting them is one step of undo", () => {
  const { doc } = opened({ boxes: [{ ...box("a"), box: [1, 1, 20, 20] }, { ...box("b"), box: [30, 30, 60, 60] }] });
  assert.equal(doc.copy(), 2);
  assert.equal(doc.paste(), 2);
  assert.deepEqual(doc.boxes.slice(2).map(({ box: corners }) => corners), [[11, 11, 30, 30], [40, 40, 70, 70]]);
  doc.undo();
  assert.equal(doc.boxes.length, 2);
});

test("in another project copies go by the class's name", () => {
  const { doc } = opened({ boxes: [{ ...box("a"), class_id: 2 }, box("b")] });
  doc.copy();
  const classes = [{ ...CLASSES[0], id: 71 }];
  doc.open(view({ id: 9, project_id: 4, classes }), { boxes: [], empty: false });
  assert.equal(doc.paste(), 1);
  assert.equal(doc.boxes[0].class_id, 71);
});

test("archived classes are not offered, and their boxes stay", () => {
  const { doc } = opened({ boxes: [box("a")], classes: [{ ...CLASSES[1], archived: true }, CLASSES[0]] });
  assert.deepEqual([doc.offered.map(({ id }) => id), doc.classId, doc.classOf(1).name, doc.boxes.length], [[2], 2, "dog", 1]);
});

test("a box made by the keyboard stands in the middle of the view, the next one beside it", () => {
  const { doc } = opened();
  doc.addInMiddle([0, 0, 100, 80]);
  doc.addInMiddle([0, 0, 100, 80]);
  assert.deepEqual(doc.boxes.map(({ box: corners }) => corners), [[38, 30, 63, 50], [48, 40, 73, 60]]);
  doc.stretch([0, 0, 10, 0]);
  assert.deepEqual(doc.selected.box, [48, 40, 83, 60]);
});

test("giving a box the corners it has is no edit", () => {
  const { doc, edits } = opened({ boxes: [box("a")] });
  doc.reshape("a", [...doc.boxes[0].box]);
  assert.deepEqual([edits.length, doc.canUndo], [0, false]);
});
