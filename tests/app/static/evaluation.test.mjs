/** What an evaluation says, from tiny reports with exact answers. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { askedAgain, workingWords } from "../../../app/static/asked_again.js";
import { verdictWords } from "../../../app/static/evaluate_compare.js";
import { markOf, pathOf, readOut } from "../../../app/static/evaluate_curves.js";
import { everyFifth } from "../../../app/static/evaluate_no_images.js";
import { sizesSentence } from "../../../app/static/evaluate_report.js";
import { basisWords, cellShare, cellWords, confusionSentence, cropOf, difference, headline, intervalWords, mistakeWords, objectsOf, share } from "../../../app/static/evaluate_words.js";

const of = (right, missed, wrong) => ({ right, missed, wrong });
const CONFUSION = { labels: ["nut", "bolt", "background"], matrix: [[6, 3, 1], [0, 4, 0], [2, 0, 0]], score_threshold: 0.3 };

test("a model of one class is told by the name of its things", () => {
  assert.equal(headline({ per_class: { nut: of(8, 2, 1) } }), "Finds 8 of 10 nuts, 1 false alarm");
  assert.equal(headline({ per_class: { nut: of(1, 0, 0) } }), "Finds 1 of 1 nut, no false alarm");
});

test("several classes are summed", () => {
  assert.equal(headline({ per_class: { nut: of(8, 2, 1), bolt: of(1, 1, 4) } }), "Finds 9 of 12 objects, 5 false alarms");
});

test("images without objects say so", () => {
  assert.equal(headline({ per_class: { nut: of(0, 0, 0) } }), "There is nothing to find, and it finds nothing");
  assert.equal(headline({ per_class: { nut: of(0, 0, 3) } }), "There is nothing to find: 3 false alarms");
});

test("plain English names get their plural, any other name stays as it is", () => {
  assert.deepEqual(["nut", "box", "fly", "key", "scissors", "fox"].map((name) => objectsOf(name, 2)), ["nuts", "boxes", "flies", "keys", "scissors", "foxes"]);
  assert.equal(objectsOf("nut", 1), "nut");
  assert.equal(objectsOf("<b>Nut</b>", 2), "“<b>Nut</b>”");
  assert.equal(objectsOf("ناب", 2), "“ناب”");
});

test("what a report rests on is said, and when it says little", () => {
  assert.equal(basisWords({ split: "val", images: 12 }), "On 12 validation images, with the threshold that suits each class.");
  assert.match(basisWords({ split: "test", images: 1 }), /^On 1 test image.+So few images say little/);
  assert.match(basisWords({ split: "train", images: 3 }), /It has seen these while it learnt/);
});

test("figures are written with two digits, differences with their sign", () => {
  assert.deepEqual([0.456, 1, null, undefined, NaN].map(share), ["0.46", "1.00", "–", "–", "–"]);
  assert.deepEqual([0.12, -0.12, 0.001, -0.001, null].map(difference), ["+0.12", "−0.12", "0.00", "0.00", "–"]);
  assert.equal(intervalWords([0.1, 0.25]), "0.10 to 0.25");
  assert.equal(intervalWords(null), "");
});

test("each cell of the confusion matrix has a sentence", () => {
  assert.equal(cellWords(CONFUSION, 0, 0), "6 × “nut” found");
  assert.equal(cellWords(CONFUSION, 0, 1), "3 × “nut” taken for “bolt”");
  assert.equal(cellWords(CONFUSION, 0, 2), "1 × “nut” missed");
  assert.equal(cellWords(CONFUSION, 2, 0), "2 × “nut” too many: no labelled box is left for it");
});

test("a cell is as strong as its part of its row", () => {
  assert.equal(cellShare(CONFUSION.matrix, 0, 1), 0.3);
  assert.equal(cellShare(CONFUSION.matrix, 2, 0), 1);
  assert.equal(cellShare([[0, 0], [0, 0]], 0, 0), 0);
});

test("the most frequent mistake is named", () => {
  assert.equal(confusionSentence(CONFUSION), "“nut” is taken for “bolt” most: 3 times, 30 % of them.");
  assert.equal(confusionSentence({ labels: ["nut", "background"], matrix: [[3, 9], [9, 0]] }), "No class is taken for another.");
});

test("each mistake says what happened", () => {
  const mistake = { predicted: "bolt", true: "nut", score: 0.8, iou: 0.6 };
  assert.equal(mistakeWords({ ...mistake, type: "cls" }), "nut taken for bolt (0.80)");
  assert.equal(mistakeWords({ ...mistake, true: null, type: "bkg" }), "bolt (0.80), nothing there");
  assert.equal(mistakeWords({ ...mistake, true: "bolt", type: "dupe" }), "bolt (0.80), a second time");
  assert.equal(mistakeWords({ ...mistake, true: "bolt", type: "loc", iou: 0.32 }), "bolt (0.80), overlaps by 32 %");
  assert.equal(mistakeWords({ ...mistake, predicted: null, score: null, type: "miss" }), "nut missed");
  assert.equal(mistakeWords({ ...mistake, true: null }), "bolt (0.80), too many");
});

test("the crop shows both boxes with room around them, in the middle", () => {
  const crop = cropOf({ box: [300, 200, 340, 230], truth_box: [320, 210, 380, 260], width: 640, height: 480 });
  assert.deepEqual(crop, { x: 260, y: 170, width: 160, height: 120 });
});

test("the crop stays inside the image, and holds all of one that is narrow", () => {
  assert.deepEqual(cropOf({ box: [0, 0, 60, 30], truth_box: null, width: 640, height: 480 }), { x: 0, y: 0, width: 120, height: 90 });
  const narrow = cropOf({ box: [0, 0, 30, 300], truth_box: null, width: 30, height: 300 });
  assert.deepEqual(narrow, { x: -185, y: 0, width: 400, height: 300 });
});

test("a curve ends where the recall that is reached ends", () => {
  const curve = { recall: [0, 0.5, 1], precision: [1, 0.75, 0], score: [0.9, 0.4, null] };
  assert.equal(pathOf(curve), "0,0 0.5,0.25 0.5,1");
  assert.equal(pathOf({ recall: [0, 1], precision: [null, null], score: [null, null] }), "");
  assert.equal(readOut({ name: "nut", curve }, 0.4), "nut: to find 50 % of them, take boxes from score 0.40; 75 % of those are right");
  assert.equal(readOut({ name: "nut", curve }, 0.9), "nut: never finds 100 % of them");
  assert.equal(markOf({ precision: null, recall: 0.5 }), null);
});

test("small objects that are hardly found bring a hint", () => {
  const size = (boxes, AP) => ({ boxes, AP, AR: AP });
  assert.match(sizesSentence({ small: size(3, 0.1), medium: size(9, 0.5), large: size(0, null) }), /larger input/);
  assert.doesNotMatch(sizesSentence({ small: size(0, null), medium: size(9, 0.5), large: size(0, null) }), /larger input/);
});

test("a verdict names the better model, whatever its name", () => {
  const models = { a: { name: "$& old" }, b: { name: "new $1" } };
  assert.equal(verdictWords({ models, verdict: { better: "b", sentence: "Model B is better, and not by chance: x." } }), "“new $1” is better, and not by chance: x.");
  assert.equal(verdictWords({ models, verdict: { better: null, sentence: "The difference is noise: y." } }), "The difference is noise: y.");
});

test("every fifth image is kept for measuring, and one of few", () => {
  assert.deepEqual(everyFifth([1, 2, 3, 4, 5, 6, 7]), [1, 6]);
  assert.deepEqual(everyFifth([1]), [1]);
});

test("an answer that takes a while is asked for until it is there, ever more patiently", async () => {
  const answers = [{ state: "running", done: 0, total: 0 }, { state: "running", done: 1, total: 3 }, { AP: 1 }];
  const [waits, heard] = [[], []];
  const answer = await askedAgain(async () => answers.shift(), { wanted: () => true, onWorking: (working) => heard.push(workingWords(working, "Measuring")), wait: async (ms) => void waits.push(ms) });
  assert.deepEqual(answer, { AP: 1 });
  assert.deepEqual(waits, [250, 500]);
  assert.deepEqual(heard, ["Measuring: the model is being loaded", "Measuring: 1 of 3 images"]);
});

test("nobody is asked any more once the answer is not wanted", async () => {
  let [asked, wanted] = [0, true];
  const ask = async () => ((asked += 1), { state: "running", done: 0, total: 0 });
  const answer = await askedAgain(ask, { wanted: () => wanted, onWorking: () => {}, wait: async () => void (wanted = false) });
  assert.deepEqual([answer, asked], [null, 1]);
});
