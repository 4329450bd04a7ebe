import assert from "node:assert/strict";
import { test } from "node:test";

import { longestFor } from "../../../app/static/camera.js";

test("a frame is sent with as many pixels on its shorter side as the network looks at", () => {
  assert.equal(longestFor({ videoWidth: 1280, videoHeight: 720 }, 300), 534);
  assert.equal(longestFor({ videoWidth: 640, videoHeight: 480 }, 300), 400);
  assert.equal(longestFor({ videoWidth: 720, videoHeight: 1280 }, 512), 911);
});

test("a video that shows nothing yet has no sides to compare", () => {
  assert.equal(longestFor({ videoWidth: 0, videoHeight: 0 }, 300), 300);
});
