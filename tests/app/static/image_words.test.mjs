/** What the Images screen says: of changes to many, of the bin, of drops and of webcam shots. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { daysLeft } from "../../../app/static/bin_view.js";
import { doneWords, skippedWords } from "../../../app/static/bulk_actions.js";
import { dropWords } from "../../../app/static/page_drops.js";
import { shotName } from "../../../app/static/webcam_dialog.js";

test("a change to many is told with its number", () => {
  const expected = [
    [{ action: "delete" }, 1, "1 image moved to the bin."],
    [{ action: "put_back" }, 12_345, "12,345 images put back."],
    [{ action: "split", value: "val" }, 1, "1 image is for validation now."],
    [{ action: "split", value: null }, 3, "3 images are in no split."],
    [{ action: "flag", value: true }, 2, "2 images flagged."],
    [{ action: "flag", value: false }, 2, "2 images no longer flagged."],
    [{ action: "status", value: "empty" }, 2, "2 images are marked as without objects."],
    [{ action: "status", value: "unlabelled" }, 1, "1 image is unlabelled again."],
  ];
  for (const [action, changed, words] of expected) assert.equal(doneWords(action, changed), words);
});

test("what was left as it is is told, and one of many is named", () => {
  const one = { id: 1, name: "a.jpg", problem: "It has boxes." };
  assert.equal(skippedWords([]), "");
  assert.equal(skippedWords([one]), "a.jpg was left as it is: It has boxes.");
  assert.equal(skippedWords([one, one]), "2 images were left as they are, a.jpg for one: It has boxes.");
});

test("the bin counts the days that are left", () => {
  const day = 86_400_000;
  const deleted = "2026-03-01T12:00:00+00:00";
  const now = Date.parse(deleted);
  assert.deepEqual(
    [0, 1.5, 29.2, 30, 31].map((days) => daysLeft(deleted, 30, now + days * day)),
    ["30 days left", "29 days left", "1 day left", "Goes today", "Goes today"],
  );
});

test("before a drop it is told what will happen, as far as a browser knows", () => {
  assert.equal(dropWords(["image/jpeg"]).title, "Drop to add this photograph");
  assert.equal(dropWords(["image/jpeg", "image/png"]).title, "Drop to add 2 photographs");
  assert.equal(dropWords(["application/zip"]).title, "Drop to import this archive");
  assert.equal(dropWords(["video/mp4"]).title, "Drop to take pictures from this video");
  for (const types of [[""], ["image/jpeg", ""], []]) assert.equal(dropWords(types).title, "Drop to add photographs");
});

test("a webcam photograph is called by the moment it was taken", () => {
  assert.equal(shotName(new Date(2026, 0, 5, 9, 8, 7, 65)), "webcam-2026-01-05-090807-06.jpg");
});
