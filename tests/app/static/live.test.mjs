/** The Live screen's logic: what thresholds leave, how pictures are sorted, what files say, and how models change. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { LiveAsking } from "../../../app/static/live_asking.js";
import { qualityWords } from "../../../app/static/live_controls.js";
import { cocoText, csvText, detectionsShape, freeNames } from "../../../app/static/live_files.js";
import { inOrder } from "../../../app/static/live_gallery_order.js";
import { CountHistory } from "../../../app/static/live_history.js";
import { Pace } from "../../../app/static/live_pace.js";
import { countsOf, doubtOf, shownOf, USUAL } from "../../../app/static/live_thresholds.js";
import { clock } from "../../../app/static/live_video.js";

const CLASSES = ["nut", "bolt"];
/** A nut and a bolt in one place, and a faint nut elsewhere. */
const CANDIDATES = [
  [0, 0, 10, 10, 0.9, 0],
  [0, 0, 10, 10, 0.8, 1],
  [50, 0, 60, 10, 0.3, 0],
];
const shown = (thresholds) => shownOf(CANDIDATES, CLASSES, { ...USUAL, ...thresholds }).map((row) => CANDIDATES.indexOf(row));

test("a class with a score of its own does not follow the score of all", () => {
  assert.deepEqual(shown({ classScores: { nut: 0.2 } }), [0, 1, 2]);
  assert.deepEqual(shown({ score: 0.05, classScores: { nut: 0.95 } }), [1]);
});

test("a class that is hidden suppresses nobody", () => {
  assert.deepEqual(shown({ agnostic: true }), [0]);
  assert.deepEqual(shown({ agnostic: true, hidden: new Set(["nut"]) }), [1]);
});

test("a class named like a property of every object has no score of its own", () => {
  assert.equal(shownOf([[0, 0, 9, 9, 0.9, 0]], ["constructor"], USUAL).length, 1);
});

test("boxes are counted class by class into the array that is at hand", () => {
  const counts = new Uint16Array([9, 9]);
  assert.equal(countsOf(CANDIDATES, 2, counts), counts);
  assert.deepEqual([...counts], [2, 1]);
});

test("a picture is as doubtful as the box that lies nearest to the score of its class", () => {
  const doubt = (score) => doubtOf([[0, 0, 9, 9, score, 0]], ["nut"], USUAL);
  assert.deepEqual([0.5, 0.75, 0.25, 1].map(doubt), [1, 0.5, 0.5, 0]);
  assert.equal(doubtOf([], ["nut"], USUAL), 0);
});

test("the gallery is sorted by doubt or by number, what has no answer stands last, and equals stay as added", () => {
  const pictures = [
    { name: "p10", place: 0, boxes: 1, doubt: 0.2 },
    { name: "p9", place: 1, boxes: null, doubt: 0 },
    { name: "p1", place: 2, boxes: 3, doubt: 0.9 },
    { name: "p2", place: 3, boxes: 1, doubt: 0.2 },
  ];
  const names = (order) => inOrder(pictures, order).map(({ name }) => name).join(" ");
  assert.equal(names("doubt"), "p1 p10 p2 p9");
  assert.equal(names("most"), "p1 p10 p2 p9");
  assert.equal(names("fewest"), "p10 p2 p1 p9");
  assert.equal(names("name"), "p1 p2 p9 p10");
  assert.equal(names("added"), "p10 p9 p1 p2");
});

const FOUND = [
  { image: 'a "b", c.jpg', width: 60, height: 10, classes: CLASSES, rows: [[0, 1, 10.5, 9, 0.8999999761581421, 1]] },
  { image: "none.jpg", width: 5, height: 6, classes: CLASSES, rows: [] },
];

test("COCO counts pictures, categories and boxes from 1, and boxes have a width and a height", () => {
  const { images, categories, annotations } = JSON.parse(cocoText(FOUND));
  assert.deepEqual(images[1], { id: 2, file_name: "none.jpg", width: 5, height: 6 });
  assert.deepEqual(categories, [{ id: 1, name: "nut" }, { id: 2, name: "bolt" }]);
  assert.deepEqual(annotations, [{ id: 1, image_id: 1, category_id: 2, bbox: [0, 1, 10.5, 8], area: 84, iscrowd: 0, score: 0.8999999761581421 }]);
});

test("a COCO category is a name, whatever its index in either of two models", () => {
  const picture = (classes) => ({ image: "p.jpg", width: 9, height: 9, classes, rows: [[0, 0, 9, 9, 0.9, 0]] });
  const { categories, annotations } = JSON.parse(cocoText([picture(["nut", "bolt"]), picture(["bolt", "pin"])]));
  assert.deepEqual(categories.map(({ name }) => name), ["nut", "bolt", "pin"]);
  assert.deepEqual(annotations.map(({ category_id }) => category_id), [1, 2]);
});

test("the table quotes what needs it, and a picture without boxes has a row too", () => {
  assert.equal(
    csvText(FOUND),
    'image,width,height,class,score,x0,y0,x1,y1\r\n"a ""b"", c.jpg",60,10,bolt,0.899999976,0,1,10.5,9\r\nnone.jpg,5,6,,,,,,\r\n',
  );
});

test("a picture whose name a spreadsheet would compute is a text in the table", () => {
  const picture = { image: "=cmd().jpg", width: 9, height: 9, classes: ["-nut"], rows: [[-1, 0, 9, 9, 0.5, 0]] };
  assert.equal(csvText([picture]).split("\r\n")[1], "'=cmd().jpg,9,9,'-nut,0.5,-1,0,9,9");
});

test("one picture's JSON is what the command line prints", () => {
  assert.deepEqual(detectionsShape(FOUND[0]).detections, [{ class: "bolt", score: 0.8999999761581421, box: [0, 1, 10.5, 9] }]);
});

test("files of one folder get names that differ whatever the case", () => {
  assert.deepEqual(freeNames(["a/P.png", "b/p.jpg", ".jpg"], ".jpg"), ["P.jpg", "p-2.jpg", "picture.jpg"]);
});

test("the pace forgets what is older than two seconds, and tells the median latency", () => {
  const pace = new Pace();
  for (let at = 0; at <= 3000; at += 50) pace.add(at, at < 2000 ? 500 : 40);
  const { framesPerSecond, milliseconds } = pace.of(3000);
  assert.deepEqual([framesPerSecond, milliseconds], [20, 40]);
  assert.deepEqual(pace.of(9000), { framesPerSecond: 0, milliseconds: 0 });
  pace.add(9000, 40);
  assert.deepEqual(pace.of(9000), { framesPerSecond: 0, milliseconds: 40 });
});

test("a class's line ends at the right with the newest count", () => {
  const history = new CountHistory();
  history.add(["nut"], [2]);
  assert.equal(history.points("nut", 59, 10), "");
  history.add(["nut"], [0]);
  assert.equal(history.points("nut", 59, 10), "58.0,1.0 59.0,9.0");
  for (let index = 0; index < 100; index += 1) history.add(["nut"], [1]);
  assert.equal(history.points("nut", 59, 10).split(" ").length, 60);
});

test("a moment of a video reads as minutes, seconds and tenths", () => {
  assert.deepEqual([0, 0.3, 61.25].map(clock), ["0:00.0", "0:00.3", "1:01.2"]);
});

test("the model before answers until the wanted one is loaded", async () => {
  const calls = [];
  let loaded;
  const asking = new LiveAsking(undefined, (_, path) => {
    calls.push(path.replace(/client=[\w-]+/, "client"));
    return path.endsWith("/warm") ? new Promise((resolve) => (loaded = resolve)) : Promise.resolve({ candidates: [] });
  });
  asking.set("old");
  const changed = asking.change("new");
  assert.equal((await asking.frame("picture")).model, "old");
  loaded();
  assert.equal(await changed, true);
  assert.equal((await asking.frame("picture")).model, "new");
  assert.deepEqual(calls, ["models/new/warm", "models/old/candidates?client&frame=1", "models/new/candidates?client&frame=2"]);
});

test("of two models wanted shortly after each other the last one counts", async () => {
  const loaded = [];
  const asking = new LiveAsking(undefined, () => new Promise((resolve) => loaded.push(resolve)));
  asking.set("old");
  const [first, second] = [asking.change("first"), asking.change("second")];
  loaded[1]();
  loaded[0]();
  assert.deepEqual([await first, await second, asking.model], [false, true, "second"]);
});

test("a frame that a newer one overtook on the server has no answer", async () => {
  const asking = new LiveAsking(undefined, async () => ({ superseded: true, frame: 1 }));
  asking.set("model");
  assert.equal(await asking.frame("picture"), null);
});

test("what answered is told with each answer, and said in the place of what the model's card prefers", async () => {
  const told = [];
  const answers = [{ runtime: "LiteRT int8" }, { runtime: "TensorFlow" }, { superseded: true, frame: 1 }];
  const asking = new LiveAsking((model, runtime) => told.push([model, runtime]), async () => answers.shift());
  asking.set("m0");
  await asking.photograph("picture");
  await asking.frame("picture");
  await asking.frame("picture");
  assert.deepEqual(told, [["m0", "LiteRT int8"], ["m0", "TensorFlow"]]);
  const model = { metrics: { AP50: 0.531 }, lineage: { runtime: "int8", reason: null } };
  assert.equal(qualityWords(model, ""), "LiteRT int8, AP50 0.53 on its validation images");
  assert.equal(qualityWords(model, "TensorFlow"), "TensorFlow, AP50 0.53 on its validation images");
  assert.deepEqual([qualityWords({ metrics: {} }, ""), qualityWords(null, "")], ["", ""]);
});
