/** A picture of the Live screen goes into the project, and what was found on it to that picture and to no other. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { sendToLabel } from "../../../app/static/live_to_label.js";

const REPORT = { added: 0, existing: 0, boxes: 0, classes: [], rejected: [], notes: [] };
const SEEN = { model: "m0", width: 10, height: 10, detections: [{ class: "nut", score: 0.9, box: [0, 0, 5, 10] }] };
const version = (text) => createHash("sha256").update(text).digest("hex").slice(0, 12);

async function sent(text, report, images) {
  const offers = [];
  globalThis.document = { baseURI: "http://localhost:7860/" };
  globalThis.fetch = async (url, { method, body }) => {
    if (method === "GET") return Response.json({ images });
    if (!url.endsWith("/suggestions")) return Response.json({ ...REPORT, ...report });
    offers.push({ url: new URL(url).pathname, box: JSON.parse(body).found[0].box });
    return Response.json([{}]);
  };
  const answer = await sendToLabel(1, new Blob([text], { type: "image/png" }), "image.png", SEEN);
  return { ...answer, offers };
}

const image = (id, text, name = "image.png") => ({ id, name, width: 20, height: 30, version: version(text) });

test("of pictures of one name the one just added is the newest, and boxes have its size", async () => {
  const { imageId, suggested, offers } = await sent("new", { added: 1 }, [image(9, "x", "my image.png"), image(8, "new"), image(7, "old")]);
  assert.deepEqual([imageId, suggested], [8, 1]);
  assert.deepEqual(offers, [{ url: "/api/images/8/suggestions", box: [0, 0, 10, 30] }]);
});

test("of pictures of one name the one that was there already is the one with the same bytes", async () => {
  assert.equal((await sent("old", { existing: 1 }, [image(8, "new"), image(7, "old")])).imageId, 7);
});
