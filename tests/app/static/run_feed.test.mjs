/** Following the runs of a project: which is shown, what is asked again, and what ended meanwhile. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { endings, focusOf, pauseUntilNextLook, RunFeed } from "../../../app/static/run_feed.js";

const run = (id, status, rest = {}) => ({ id, status, created: "2026-01-01T10:00:00Z", attempts: 1, params: {}, ...rest });

/** A server with one list of runs, that remembers what it was asked. */
function server(runs, points = []) {
  const asked = [];
  const ask = async (_method, path) => {
    asked.push(path);
    if (path.startsWith("projects/")) return runs.map((each) => ({ ...each }));
    const [, id, after] = /^runs\/(\w+)\?after_step=(-?\d+)$/.exec(path);
    return { run: runs.find((each) => each.id === id), points: points.filter(({ step }) => step > Number(after)) };
  };
  return { asked, ask };
}

test("the training run is shown first, then the next to train, then the one that ended last", () => {
  const done = run("new", "done");
  const queued = run("late", "queued", { priority: 10 });
  const first = run("soon", "queued", { priority: 3 });
  assert.equal(focusOf([done, queued, first, run("old", "running")]).id, "old");
  assert.equal(focusOf([done, queued, first]).id, "soon");
  assert.equal(focusOf([done, run("older", "failed")]).id, "new");
  const takenOut = run("taken out", "cancelled", { finished: "2026-01-01T10:05:00Z" });
  assert.equal(focusOf([takenOut, run("trained", "done", { finished: "2026-01-01T10:40:00+00:00" })]).id, "trained");
  assert.equal(focusOf([done, queued], "new").id, "new");
  assert.equal(focusOf([]), null);
});

test("only new values are asked for, one step over, since a validation is told after its loss", async () => {
  const points = [1, 2, 3].map((step) => ({ step, name: "loss", value: step }));
  const { asked, ask } = server([run("a", "running")], points);
  const feed = new RunFeed(ask);
  await feed.readRuns(1);
  await feed.readShown();
  assert.equal(feed.points.length, 3);
  points.push({ step: 3, name: "val_AP", value: 0.5 }, { step: 4, name: "loss", value: 4 });
  await feed.readShown();
  assert.deepEqual(asked.slice(1), ["runs/a?after_step=-1", "runs/a?after_step=2"]);
  assert.equal(feed.points.length, 5);
});

test("a run that was taken up again is read from its beginning", async () => {
  const one = run("a", "running");
  const points = [{ step: 7, name: "loss", value: 1 }];
  const { asked, ask } = server([one], points);
  const feed = new RunFeed(ask);
  await feed.readRuns(1);
  await feed.readShown();
  one.attempts = 2;
  points[0] = { step: 5, name: "loss", value: 2 };
  await feed.readShown(); // hears of the new attempt
  await feed.readShown();
  assert.equal(asked.at(-1), "runs/a?after_step=-1");
  assert.deepEqual(feed.points, [{ step: 5, name: "loss", value: 2 }]);
});

test("an answer that comes after another project was opened is dropped", async () => {
  const feed = new RunFeed(async () => {
    feed.forget();
    return [run("a", "running")];
  });
  assert.equal(await feed.readRuns(1), null);
  assert.deepEqual(feed.runs, []);
});

test("a changed status asks for the whole list, which tells what ended", async () => {
  const one = run("a", "running");
  const { ask } = server([one]);
  const feed = new RunFeed(ask);
  assert.deepEqual(await feed.readRuns(1), []);
  assert.equal(await feed.readShown(), false);
  one.status = "done";
  assert.equal(await feed.readShown(), true);
  assert.deepEqual((await feed.readRuns(1)).map(({ id }) => id), ["a"]);
  assert.deepEqual(await feed.readRuns(1), []);
});

test("runs that were over when the page came are no news", () => {
  assert.deepEqual(endings(new Map(), [run("a", "done")]), []);
  assert.deepEqual(endings(new Map([["a", "queued"]]), [run("a", "failed")]).map(({ id }) => id), ["a"]);
});

test("a run just started is shown unless another one trains", () => {
  const feed = new RunFeed(async () => []);
  feed.take(run("a", "queued"));
  assert.equal(feed.run.id, "a");
  feed.take(run("a", "running"));
  feed.take(run("b", "queued"));
  assert.equal(feed.run.id, "a");
  assert.deepEqual(feed.runs.map(({ id }) => id), ["b", "a"]);
});

test("a page that nobody sees looks only while something can end", () => {
  assert.equal(pauseUntilNextLook({ seen: false, live: false, measuring: true }), null);
  const [hidden, seen, idle] = [
    { seen: false, live: true, measuring: false },
    { seen: true, live: true, measuring: false },
    { seen: true, live: false, measuring: false },
  ].map(pauseUntilNextLook);
  assert.ok(seen < idle && seen < hidden);
});
