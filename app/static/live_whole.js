// @ts-check
/** Whole videos on the Live screen: sent to the server, in work there, and done, for whoever comes back within a day. */

import { api, apiUrl, messageOf } from "./api.js";
import { iconButton, wordButton } from "./buttons.js";
import { openDialog } from "./dialog.js";
import { html, setText } from "./elements.js";
import { EVERY, everyWords, lostOf, wholeQuery, wholeWords } from "./live_whole_words.js";
import { attachMenu } from "./menu.js";
import { postBody } from "./sent_body.js";
import { studio } from "./store.js";
import { toast } from "./toast.js";

/** @typedef {import("./live_whole_words.js").VideoRecord} VideoRecord */
/** @typedef {import("./records.js").ModelRecord} ModelRecord */
/** @typedef {import("./live_thresholds.js").Thresholds} Thresholds */
/** @typedef {{id: string, name: string, part: number, stopped: boolean, request: XMLHttpRequest}} Sending */

const LOOK_EVERY = 1000;

export class LiveWhole {
  /** @type {VideoRecord[]} */
  #videos = [];
  /** @type {Sending[]} */
  #sending = [];
  /** @type {Set<string>} ids of those that were stopped here */
  #stopped = new Set();
  /** @type {Map<string, Card>} */
  #cards = new Map();
  /** @type {string | null} */
  #missing = null;
  /** The last look found no server. */
  #silent = false;
  #timer = 0;
  #turn = 0;

  /** @param {import("./lifecycle.js").Life} life */
  constructor(life) {
    this.life = life;
    this.list = html("ul", { class: "st-whole-list" });
    this.node = html("section", { class: "st-section st-whole", "aria-label": "Whole videos", hidden: true }, html("h3", {}, "Whole videos"), this.list);
    life.onShow(() => this.load());
    life.onHide(() => clearTimeout(this.#timer));
    life.listen(document, "visibilitychange", () => life.seen && this.load());
    life.listen(window, "beforeunload", (event) => this.#sending.length > 0 && event.preventDefault());
    life.listen(studio, "project", () => {
      this.#videos = [];
      this.#show();
      if (life.seen) this.load();
    });
  }

  /** Read what the server has, and go on asking while something is in work. */
  async load() {
    clearTimeout(this.#timer);
    const { project } = studio;
    if (project === null) return;
    const turn = ++this.#turn;
    try {
      const { missing, videos } = await api("GET", `videos?project_id=${project}`);
      if (turn !== this.#turn || project !== studio.project) return;
      this.#missing = missing;
      this.#silent = false;
      for (const { name } of lostOf(this.#videos, videos, this.#stopped)) {
        toast(`${name} is not in work any more: it was stopped elsewhere, or the server could not go on with it.`, { kind: "error" });
      }
      this.#take(videos);
    } catch {
      // The next look may find the server again; what is done stays in sight.
      if (turn === this.#turn) this.#silent = true;
      this.#show();
    }
    if (turn !== this.#turn) return;
    const working = this.#videos.some(({ state }) => state === "running" || state === "uploading");
    if (working && this.life.seen) this.#timer = window.setTimeout(() => this.load(), LOOK_EVERY);
  }

  /**
   * Ask how a video is to be processed, and send it.
   * @param {File} file
   * @param {ModelRecord} model
   * @param {Thresholds} thresholds as the sliders stand now
   */
  offer(file, model, thresholds) {
    if (this.#missing !== null) return void toast(this.#missing, { kind: "error" });
    const every = html("select", { class: "st-select" }, ...EVERY.map((count) => html("option", { value: count }, everyWords(count))));
    openDialog({
      title: "Process whole video",
      body: [
        html(
          "p",
          {},
          html("strong", { dir: "auto" }, model.name),
          " looks at the whole of ",
          html("strong", { dir: "auto" }, file.name),
          " on the server, with the thresholds as they stand. It gives the video with its boxes, without sound, and what was found as CSV, COCO and JSON.",
        ),
        html("label", { class: "st-field" }, html("span", {}, "Look at"), every),
        html("p", { class: "st-note" }, "Keep this page open until the video has been sent; then you may leave it. What comes of it waits here for a day."),
      ],
      actions: [
        {
          label: "Process",
          primary: true,
          run: () => {
            if (model.classes.every((name) => thresholds.hidden.has(name))) throw new Error("No class is shown. Show one of them first.");
            this.#send(file, model, wholeQuery(file.name, Number(every.value), thresholds, model.classes));
          },
        },
      ],
    });
  }

  /** @param {File} file @param {ModelRecord} model @param {URLSearchParams} query */
  async #send(file, model, query) {
    const request = new XMLHttpRequest();
    const sending = { id: `sending ${performance.now()}`, name: file.name, part: 0, stopped: false, request };
    this.#sending.unshift(sending);
    this.#show();
    this.node.scrollIntoView({ block: "nearest" });
    const told = (/** @type {number} */ part) => {
      sending.part = part;
      this.#show();
    };
    try {
      await postBody(`models/${encodeURIComponent(model.id)}/videos?${query}`, file, told, () => request);
    } catch (error) {
      if (!sending.stopped) toast(`${file.name}: ${messageOf(error)}`, { kind: "error" });
    } finally {
      this.#sending = this.#sending.filter((each) => each !== sending);
      await this.load();
      this.#show();
    }
  }

  /** @param {VideoRecord[]} videos */
  #take(videos) {
    // What another page is sending is its own affair, and so is what this one is.
    this.#videos = videos.filter(({ state }) => state !== "uploading" && state !== "cancelled");
    this.#show();
  }

  #show() {
    const sending = this.#sending.map((each) => ({
      id: each.id,
      name: each.name,
      part: each.part,
      words: each.part < 1 ? `Being sent: ${Math.floor(100 * each.part)} %` : "Sent",
      stop: () => {
        each.stopped = true;
        each.request.abort();
      },
      video: null,
    }));
    const videos = this.#videos.map((video) => ({
      id: video.id,
      name: video.name,
      part: video.state !== "running" ? null : video.total > 0 && video.done > 0 && !this.#silent ? video.done / video.total : NaN,
      words: wholeWords(video, this.#silent),
      stop: () => this.#discard(video),
      video,
    }));
    const rows = [...sending, ...videos];
    const cards = rows.map((row) => {
      const card = this.#cards.get(row.id) ?? new Card(row.name);
      card.show(row);
      return /** @type {[string, Card]} */ ([row.id, card]);
    });
    this.#cards = new Map(cards);
    const nodes = cards.map(([, card]) => card.node);
    if (nodes.length !== this.list.childElementCount || nodes.some((node, index) => node !== this.list.children[index])) this.list.replaceChildren(...nodes);
    this.node.hidden = nodes.length === 0;
  }

  /** @param {VideoRecord} video */
  async #discard(video) {
    this.#stopped.add(video.id);
    try {
      await api("DELETE", `videos/${video.id}`);
    } catch (error) {
      toast(messageOf(error), { kind: "error" });
    }
    await this.load();
  }
}

/** One video in the list. */
class Card {
  /** @type {VideoRecord | null} */
  #video = null;
  #stop = () => {};

  /** @param {string} name */
  constructor(name) {
    this.words = html("p", { class: "st-note st-whole-words" });
    this.bar = html("progress", { class: "st-progress", max: 1, "aria-label": `Progress of ${name}` });
    this.stop = wordButton("Stop", () => this.#stop(), { small: true, symbol: "stop" });
    this.watch = wordButton("Watch", () => this.#video && watch(this.#video), { small: true });
    const load = wordButton("Download", () => {}, { small: true });
    this.load = attachMenu(load, () => (this.#video ? downloads(this.#video) : []));
    this.remove = iconButton("trash", `Remove what was found in ${name}`, () => this.#stop());
    this.notes = html("div", { class: "st-whole-notes" });
    this.actions = html("div", { class: "st-whole-actions" }, this.watch, this.load, this.stop, this.remove);
    this.model = html("span", { class: "st-whole-model", dir: "auto" });
    this.node = html(
      "li",
      { class: "st-whole-card" },
      html("p", { class: "st-whole-name" }, html("strong", { dir: "auto", title: name }, name), this.model),
      this.words,
      this.bar,
      this.notes,
      this.actions,
    );
  }

  /** @param {{part: number | null, words: string, stop: () => void, video: VideoRecord | null}} row */
  show({ part, words, stop, video }) {
    this.#video = video;
    this.#stop = stop;
    const state = video?.state ?? "uploading";
    this.node.dataset.state = state;
    setText(this.words, words);
    setText(this.model, video?.model_name ?? "");
    this.bar.hidden = part === null;
    if (part !== null && Number.isNaN(part)) this.bar.removeAttribute("value");
    else if (part !== null) this.bar.value = part;
    const done = state === "done";
    this.watch.hidden = this.load.hidden = !done;
    this.stop.hidden = part === null;
    this.remove.hidden = part !== null;
    const notes = (done && video?.report?.notes) || [];
    if (notes.length !== this.notes.childElementCount) this.notes.replaceChildren(...notes.map((note) => html("p", { class: "st-note" }, note)));
  }
}

/** @param {VideoRecord} video */
function downloads({ id }) {
  const item = (/** @type {string} */ label, /** @type {string} */ note, /** @type {string} */ file) => ({
    label,
    note,
    run: () => html("a", { href: apiUrl(`videos/${id}/${file}?download=true`), download: "" }).click(),
  });
  return [
    item("Video with boxes (MP4)", "VP9, without sound", "video.mp4"),
    item("Table (CSV)", "A row for each box", "detections.csv"),
    item("COCO (JSON)", "Each frame as an image", "coco.json"),
    item("Detections (JSON)", "Frame by frame, with times", "detections.json"),
  ];
}

/** @param {VideoRecord} video */
function watch({ id, name, report }) {
  const player = html("video", { class: "st-whole-player", src: apiUrl(`videos/${id}/video.mp4`), controls: true, playsinline: true, loop: true, "aria-label": `${name} with boxes` });
  if (report) player.style.aspectRatio = `${report.width} / ${report.height}`;
  openDialog({ title: name, body: [player], wide: true, onClose: () => player.pause() });
  player.play().catch(() => {}); // Where the browser wants a press first, its own button is there.
}
