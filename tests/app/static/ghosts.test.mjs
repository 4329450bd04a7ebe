/** A model's suggestions on the image shown: in sight, accepted, rejected, taken back, and replaced by newer ones. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { placeOfTag } from "../../../app/static/canvas_marks.js";
import { EditorDocument } from "../../../app/static/editor_document.js";
import { EditorSettings } from "../../../app/static/editor_settings.js";
import { placeOfBar, placeOfCross } from "../../../app/static/ghost_actions.js";
import { words } from "../../../app/static/ghost_bar.js";
import { box, FakeStorage } from "./fake_server.mjs";

const MODEL = { id: "m1", name: "parts 2", score: 0.4 };
const CLASSES = [
  { id: 1, name: "nut", colour: "#111111", position: 0, boxes: 0 },
  { id: 2, name: "bolt", colour: "#222222", position: 1, boxes: 0 },
];

function suggestion(id, score, x0 = 10 * id, classId = 1) {
  return { id, class_id: classId, box: [x0, 0, x0 + 8, 20], score, model_id: "m1" };
}

const THREE = [suggestion(5, 0.9), suggestion(6, 0.5), suggestion(7, 0.3)];

function view({ suggestions = THREE, boxes = [], status = "unlabelled", id = 3 } = {}) {
  const image = { id, project_id: 1, name: "a.jpg", width: 200, height: 100, status, revision: 0, split: null };
  const place = { number: 1, total: 2, previous_id: null, next_id: 8, next_unlabelled_id: null };
  return { image, boxes, classes: CLASSES, place, suggestions, suggesting: [MODEL] };
}

function opened(options = {}, settings = new EditorSettings()) {
  const shown = view(options);
  const doc = new EditorDocument(settings);
  doc.open(shown, { boxes: shown.boxes, empty: shown.image.status === "empty" });
  return doc;
}

const ids = (ghosts) => ghosts.map(({ suggestion }) => suggestion);

test("ghosts are shown from the model's score on, until a person chooses one for the project, which is remembered", () => {
  const memory = new FakeStorage();
  const doc = opened({}, new EditorSettings(memory));
  assert.deepEqual(ids(doc.ghosts.shown), [5, 6]);
  doc.settings.showFrom(0.3);
  assert.deepEqual(ids(doc.ghosts.shown), [5, 6, 7]);
  doc.settings.enter(2);
  assert.equal(doc.ghosts.from, 0.4);
  assert.deepEqual(ids(opened({}, new EditorSettings(memory)).ghosts.shown), [5, 6, 7]);
});

test("what hides boxes hides ghosts, and what is hidden or locked is not decided on with the others", () => {
  const doc = opened({ suggestions: [suggestion(5, 0.9), suggestion(6, 0.8, 60, 2), suggestion(7, 0.7, 90)] });
  doc.settings.toggle("allHidden");
  assert.deepEqual([ids(doc.ghosts.shown), doc.ghosts.acceptInHand()], [[], null]);
  doc.settings.toggle("allHidden");
  doc.settings.toggleClassLock(2);
  assert.deepEqual([ids(doc.ghosts.shown), ids(doc.ghosts.reachable)], [[5, 6, 7], [5, 7]]);
  assert.equal(doc.ghosts.reject("suggestion-6"), false);
  doc.settings.toggleHidden(1);
  doc.ghosts.rejectShown();
  assert.deepEqual(ids(doc.ghosts.open), [5, 6, 7]);
});

test("accepting all makes boxes of the model of those shown, and is undone in one step", () => {
  const doc = opened({ boxes: [box("mine", 100)] });
  assert.equal(doc.ghosts.acceptInHand(), "all");
  assert.deepEqual(doc.boxes.map(({ id, source }) => [id, source]), [
    ["mine", "person"],
    ["suggestion-5", "model:m1"],
    ["suggestion-6", "model:m1"],
  ]);
  assert.deepEqual(doc.boxes[1], { id: "suggestion-5", class_id: 1, box: THREE[0].box, source: "model:m1", difficult: false, crowd: false });
  assert.deepEqual([ids(doc.ghosts.open), doc.ghosts.counts], [[7], { accepted: 2, rejected: 0, open: 1 }]);
  assert.equal(doc.ghosts.acceptInHand(), null);
  doc.undo();
  assert.deepEqual([doc.boxes.length, ids(doc.ghosts.shown)], [1, [5, 6]]);
});

test("Tab comes to ghosts behind the boxes; a selected one is accepted alone, and stays selected", () => {
  const doc = opened({ boxes: [box("mine", 100)] });
  const selected = [];
  for (let press = 0; press < 4; press += 1) {
    doc.cycle(1);
    selected.push(doc.selectedId);
  }
  assert.deepEqual(selected, ["mine", "suggestion-5", "suggestion-6", "mine"]);
  doc.cycle(-1);
  assert.deepEqual([doc.selected, doc.inHand.id], [null, "suggestion-6"]);
  assert.equal(doc.ghosts.acceptInHand(), "one");
  assert.deepEqual([doc.selected.id, ids(doc.ghosts.shown)], ["suggestion-6", [5]]);
  doc.undo();
  assert.equal(doc.ghosts.selected.suggestion, 6);
});

test("a class accepts the selected ghost; another one than the model's makes the box a person's", () => {
  const doc = opened();
  doc.select("suggestion-5");
  doc.chooseClass(1);
  doc.select("suggestion-6");
  doc.chooseClass(2);
  assert.deepEqual(doc.boxes.map(({ id, class_id, source }) => [id, class_id, source]), [
    ["suggestion-5", 1, "model:m1"],
    ["suggestion-6", 2, "person"],
  ]);
});

test("moving a ghost accepts it as a person's box, in one step", () => {
  const doc = opened();
  doc.select("suggestion-5");
  doc.nudge(3, 0);
  assert.deepEqual([doc.boxes[0].box, doc.boxes[0].source, doc.selected.id], [[53, 0, 61, 20], "person", "suggestion-5"]);
  doc.undo();
  assert.deepEqual([doc.boxes, ids(doc.ghosts.shown)], [[], [5, 6]]);
});

test("rejecting is noted in the labels and undone; a deleted box that was a ghost is rejected by it", () => {
  const doc = opened();
  doc.remove("suggestion-6");
  assert.deepEqual([doc.labels.rejected, ids(doc.ghosts.shown)], [[6], [5]]);
  doc.ghosts.acceptInHand();
  doc.remove("suggestion-5");
  assert.deepEqual([doc.labels, doc.ghosts.counts], [{ boxes: [], empty: false, rejected: [5, 6] }, { accepted: 0, rejected: 2, open: 1 }]);
  doc.undo();
  doc.undo();
  doc.undo();
  assert.deepEqual([doc.labels, ids(doc.ghosts.shown)], [{ boxes: [], empty: false }, [5, 6]]);
});

test("an image whose suggestions were all rejected is marked empty as any other, and rejecting keeps the mark", () => {
  const doc = opened();
  doc.ghosts.rejectShown();
  doc.markEmpty(true);
  assert.deepEqual([doc.status, doc.labels.rejected], ["empty", [5, 6]]);
  doc.settings.showFrom(0.2);
  doc.ghosts.rejectShown();
  assert.deepEqual([doc.status, doc.labels.rejected], ["empty", [5, 6, 7]]);
});

test("an image on which nothing is has no ghosts in reach either, until that is undone; those locked or unsure stay", () => {
  const doc = opened({ suggestions: [suggestion(5, 0.9), suggestion(6, 0.8, 60, 2), suggestion(7, 0.3)] });
  doc.settings.toggleClassLock(2);
  doc.select("suggestion-5");
  doc.markEmpty(true);
  assert.deepEqual([doc.labels, doc.selectedId, ids(doc.ghosts.open)], [{ boxes: [], empty: true, rejected: [5] }, null, [6, 7]]);
  assert.equal(doc.ghosts.acceptInHand(), null);
  doc.markEmpty(false);
  assert.deepEqual(doc.labels, { boxes: [], empty: false, rejected: [5] });
  doc.undo();
  doc.undo();
  assert.deepEqual([doc.status, ids(doc.ghosts.reachable)], ["unlabelled", [5]]);
});

test("a box drawn over a ghost of its class takes its place, and undo brings the ghost back", () => {
  const doc = opened({ suggestions: [suggestion(5, 0.9), suggestion(6, 0.8, 50, 2)] });
  doc.draw([50, 0, 58, 24]);
  assert.deepEqual([doc.labels.rejected, ids(doc.ghosts.shown)], [[5], [6]]);
  doc.undo();
  assert.deepEqual(ids(doc.ghosts.shown), [5, 6]);
});

test("news of the server's replace ghosts that nobody decided on, and undo still finds those decided here", () => {
  const doc = opened();
  doc.ghosts.reject("suggestion-5");
  doc.refresh(view({ suggestions: [suggestion(6, 0.5), suggestion(8, 0.8)] }));
  assert.deepEqual(ids(doc.ghosts.open), [8, 6]);
  doc.undo();
  assert.deepEqual(ids(doc.ghosts.open), [5, 8, 6]);
  doc.ghosts.drop(3, [5]);
  assert.deepEqual(ids(doc.ghosts.open), [8, 6]);
});

test("a ghost that the slider leaves out is selected no more", () => {
  const doc = opened();
  doc.select("suggestion-6");
  doc.settings.showFrom(0.6);
  assert.deepEqual([doc.selectedId, doc.inHand], [null, null]);
});

test("what the pointer rests on is no ghost any more once it is decided or hidden, and is one again after undo", () => {
  const doc = opened();
  const pointed = () => doc.ghosts.pointed?.suggestion ?? null;
  doc.ghosts.pointedId = "suggestion-5";
  assert.equal(pointed(), 5);
  doc.settings.toggle("allHidden");
  assert.equal(pointed(), null);
  doc.settings.toggle("allHidden");
  doc.ghosts.acceptInHand();
  assert.equal(pointed(), null);
  doc.undo();
  assert.equal(pointed(), 5);
});

test("the bar says what is not plain to see", () => {
  const state = { open: 3, accepted: 0, rejected: 0, shown: 2, inReach: 2, sure: 2, from: 0.4, boxes: 0, empty: false };
  assert.equal(words(state), "");
  assert.equal(words({ ...state, sure: 0, shown: 0, inReach: 0 }), "None at score 0.40 or more; 3 below it.");
  assert.equal(words({ ...state, shown: 0, inReach: 0 }), "Hidden, as boxes are.");
  assert.equal(words({ ...state, shown: 1, inReach: 1 }), "1 hidden with their class.");
  assert.equal(words({ ...state, inReach: 1 }), "1 locked with their class.");
  assert.equal(words({ ...state, open: 0, accepted: 2, rejected: 1, boxes: 2 }), "All are decided: 2 accepted, 1 rejected.");
  assert.equal(words({ ...state, open: 0, rejected: 3 }), "All were rejected. Draw what is there, or choose “No objects here”.");
});

test("the bar of a ghost stands below it, else above its name, else over its lower edge, and never outside the view", () => {
  const [bar, view] = [{ width: 200, height: 52 }, { width: 360, height: 300 }];
  const at = (x, y, width, height) => Object.values(placeOfBar({ x, y, width, height }, bar, view));
  assert.deepEqual(at(150, 40, 60, 50), [80, 102]);
  assert.deepEqual(at(150, 200, 60, 80), [80, 118]);
  assert.deepEqual(at(100, 20, 160, 270), [80, 242]);
  assert.deepEqual([at(0, 40, 20, 20), at(340, 40, 20, 20)], [[6, 72], [154, 72]]);
});

test("the cross of a ghost stands outside its right edge, else its left one, else inside, so that the box stays free", () => {
  const view = { width: 360, height: 300 };
  const at = (x, y, width) => Object.values(placeOfCross({ x, y, width, height: 100 }, 26, view));
  assert.deepEqual([at(100, 50, 60), at(300, 50, 60), at(0, 50, 360)], [[160, 50], [274, 50], [334, 50]]);
  assert.deepEqual([at(100, -40, 60), at(100, 290, 60)], [[160, 0], [160, 274]]);
});

test("the name of a ghost stands above it, else at the first corner that no other name has taken", () => {
  const room = { width: 360, height: 300 };
  const ghost = { x: 100, y: 60, width: 160, height: 80 };
  const taken = [];
  const at = (box) => {
    const place = placeOfTag(box, 70, room, taken);
    taken.push(place);
    return [place.x, place.y];
  };
  const nested = { ...ghost, y: 64 };
  assert.deepEqual([at(ghost), at(nested), at(nested), at(nested), at(nested)], [[99, 42], [191, 46], [99, 144], [191, 144], [99, 46]]);
  taken.length = 0;
  const low = { ...ghost, y: 64, height: 230 };
  assert.deepEqual([at(low), at(low), at(low)], [[99, 46], [191, 46], [99, 46]]);
  assert.deepEqual(at({ x: 330, y: 10, width: 20, height: 20 }), [290, 10]);
});
