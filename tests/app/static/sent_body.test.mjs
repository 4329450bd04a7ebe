/** Sending a large body: how much has gone, and what came back. */

import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.document = /** @type {any} */ ({ baseURI: "http://studio/" });
const { postBody } = await import("../../../app/static/sent_body.js");

/** A request in place of the browser's, which sends nothing. */
class Request {
  upload = {};

  open(method, url) {
    this.asked = `${method} ${url}`;
  }

  send(body) {
    this.body = body;
  }

  answer(status, text) {
    Object.assign(this, { status, responseText: text });
    this.onload();
  }
}

function send() {
  const request = new Request();
  const heard = [];
  const sent = postBody("models/import", new Blob(["abcd"]), (part) => heard.push(part), () => /** @type {any} */ (request));
  return { request, heard, sent };
}

test("the part that has gone is told until all has, then comes the answer", async () => {
  const { request, heard, sent } = send();
  assert.equal(request.asked, "POST http://studio/api/models/import");
  request.upload.onprogress({ loaded: 1, total: 4 });
  request.upload.onload();
  request.answer(201, '{"id": "m1"}');
  assert.deepEqual(await sent, { id: "m1" });
  assert.deepEqual(heard, [0.25, 1]);
});

test("a refusal is a sentence, and so is a server that is gone", async () => {
  const refused = send();
  refused.request.answer(400, '{"error": "It is damaged."}');
  await assert.rejects(refused.sent, /It is damaged\./);
  const alone = send();
  alone.request.onerror();
  await assert.rejects(alone.sent, /cannot be reached/);
  const torn = send();
  torn.request.answer(502, "<html>");
  await assert.rejects(torn.sent, /failed with error 502/);
});
