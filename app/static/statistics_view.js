// @ts-check
/** The open project in numbers: what there is, how its boxes are, and what is probably wrong with them. */

import { api, messageOf } from "./api.js";
import { wordButton } from "./buttons.js";
import { classBars } from "./class_bars.js";
import { columnPlot } from "./column_plot.js";
import { grouped, percent } from "./count_words.js";
import { html } from "./elements.js";
import { emptyState, failureState, noProject } from "./empty_state.js";
import { faultList } from "./fault_list.js";
import { heatMap, heatTable } from "./heat_map.js";
import { numbersTable, plotFrame } from "./plot_frame.js";
import { shareBar } from "./share_bar.js";
import { balanceSentence, partLabels, partsSentence, perImageLabels, positionsSentence, shapeLabels } from "./statistics_words.js";
import { studio } from "./store.js";

/** @typedef {import("./statistics_words.js").StatisticsRecord} StatisticsRecord */

/**
 * Build the statistics in an element; it carries `data-ready="true"` once they are shown.
 * @param {HTMLElement} root
 * @param {import("./lifecycle.js").Life} life
 */
export function statisticsView(root, life) {
  return new StatisticsView(root, life);
}

class StatisticsView {
  #turn = 0;
  #stale = true;
  #drawn = "";

  /**
   * @param {HTMLElement} root
   * @param {import("./lifecycle.js").Life} life
   */
  constructor(root, life) {
    this.root = root;
    root.classList.add("st-statistics");
    const stale = () => {
      this.#stale = true;
      this.#refresh();
    };
    life.listen(studio, "project", stale);
    life.listen(studio, "changed", stale);
    life.listen(window, "focus", stale);
    // Its own element may be hidden inside a screen that is not.
    const shown = new ResizeObserver(() => this.#refresh());
    shown.observe(root);
    life.signal.addEventListener("abort", () => shown.disconnect());
  }

  #refresh() {
    if (this.#stale && this.root.getClientRects().length > 0) this.#load();
  }

  async #load() {
    const project = studio.project;
    const turn = ++this.#turn;
    this.#stale = false;
    if (project === null) return this.#say(noProject());
    if (this.#drawn === "") this.root.replaceChildren(html("p", { class: "st-note st-nothing", role: "status" }, "Counting…"));
    try {
      /** @type {StatisticsRecord} */
      const numbers = await api("GET", `projects/${project}/statistics`);
      if (turn !== this.#turn) return;
      if (numbers.images === 0) return this.#say(nothingYet());
      const state = JSON.stringify([project, numbers]);
      if (state === this.#drawn) return; // tables and lists that are open stay open
      this.#drawn = state;
      const faults = html("div", {}, html("p", { class: "st-note" }, "Looking through the labels…"));
      this.root.replaceChildren(...this.#parts(numbers, faults));
      this.root.dataset.ready = "true";
      this.#fillFaults(faults, project);
    } catch (error) {
      if (turn === this.#turn) this.#say(failureState(messageOf(error), () => this.#load()));
    }
  }

  /** @param {HTMLElement} message instead of everything else */
  #say(message) {
    this.#drawn = "";
    this.root.replaceChildren(message);
    delete this.root.dataset.ready;
  }

  /** @param {HTMLElement} place @param {number} project */
  async #fillFaults(place, project) {
    try {
      place.replaceChildren(faultList(await api("GET", `projects/${project}/faults`)));
    } catch (error) {
      place.replaceChildren(html("p", { class: "st-problem" }, messageOf(error)), wordButton("Try again", () => this.#fillFaults(place, project), { small: true }));
    }
  }

  /** @param {StatisticsRecord} numbers @param {HTMLElement} faults @returns {HTMLElement[]} */
  #parts(numbers, faults) {
    const plots = numbers.boxes === 0 ? [noBoxes()] : boxPlots(numbers);
    return [
      tiles(numbers),
      html("section", { class: "st-plot st-fault-frame", "aria-label": "Probably wrong" }, html("h3", {}, "Probably wrong"), faults),
      html("div", { class: "st-plots" }, ...plots, splitPlot(numbers), sizesPlot(numbers)),
    ];
  }
}

function nothingYet() {
  return emptyState(
    { symbol: "chart", title: "Nothing to count yet", text: "Once photographs are here and boxes are drawn, this shows how many, how large and where." },
  );
}

function noBoxes() {
  return emptyState(
    { symbol: "box", title: "No boxes yet", text: "Draw the first ones on the Label screen; their sizes, shapes and places are shown here." },
    wordButton("Go to Label", () => studio.navigate("label"), { primary: true }),
  );
}

/** @param {StatisticsRecord} numbers */
function tiles({ images, by_status: status, boxes }) {
  const { labelled = 0, empty = 0, unlabelled = 0 } = status;
  /** @type {[string, string, string][]} */
  const all = [
    ["Images", grouped(images), ""],
    ["Labelled", grouped(labelled), percent(labelled, images)],
    ["No objects", grouped(empty), percent(empty, images)],
    ["Unlabelled", grouped(unlabelled), percent(unlabelled, images)],
    ["Boxes", grouped(boxes), labelled > 0 ? `${(boxes / labelled).toFixed(1)} per labelled image` : ""],
  ];
  return html(
    "dl",
    { class: "st-tiles" },
    ...all.map(([name, number, note]) =>
      html("div", { class: "st-tile", "data-tile": name }, html("dt", {}, name), html("dd", {}, number), note ? html("dd", { class: "st-note" }, note) : null),
    ),
  );
}

/** @param {StatisticsRecord} numbers */
function boxPlots(numbers) {
  const { classes, box_parts: parts, box_shapes: shapes, coco, positions, boxes_per_image: perImage } = numbers;
  return [
    plotFrame({ title: "Boxes per class", sentence: balanceSentence(classes), plot: classBars(classes), kind: "st-plot-classes" }),
    columns("Size of boxes", "Side, in % of the picture’s", partLabels(parts.bounds), parts.counts, "Boxes", partsSentence(parts)),
    plotFrame({
      title: "Size of boxes as COCO counts it",
      sentence: "In pixels of the photographs; small below 32 × 32, large from 96 × 96.",
      plot: shareBar([
        { name: "Small", count: coco.small, look: "st-part-1" },
        { name: "Medium", count: coco.medium, look: "st-part-2" },
        { name: "Large", count: coco.large, look: "st-part-3" },
      ]),
    }),
    columns("Shape of boxes", "Width to height: tall on the left, wide on the right", shapeLabels(shapes.bounds), shapes.counts, "Boxes"),
    columns("Boxes per image", "Images by the number of their boxes", perImageLabels(perImage.counts.length), perImage.counts, "Images"),
    plotFrame({ title: "Where the boxes lie", sentence: positionsSentence(positions), plot: heatMap(positions), table: heatTable(positions) }),
  ];
}

/**
 * @param {string} title @param {string} axis @param {{short: string, long: string}[]} labels @param {number[]} counts
 * @param {string} unit @param {string} [sentence]
 */
function columns(title, axis, labels, counts, unit, sentence) {
  return plotFrame({
    title,
    sentence: sentence ?? axis,
    plot: html("div", {}, columnPlot({ labels, counts, title }), sentence ? html("p", { class: "st-axis-words" }, axis) : null),
    table: { heads: [title, unit], rows: labels.map(({ long }, index) => [long, grouped(counts[index])]) },
  });
}

/** @param {StatisticsRecord} numbers */
function splitPlot({ by_split: split }) {
  const { train = 0, val = 0, test = 0, none = 0 } = split;
  return plotFrame({
    title: "Splits",
    sentence: none > 0 ? "Images without a split are dealt out when a training starts." : "Every image has its split.",
    plot: shareBar([
      { name: "Training", count: train, look: "st-part-1" },
      { name: "Validation", count: val, look: "st-part-2" },
      { name: "Test", count: test, look: "st-part-3" },
      { name: "No split yet", count: none, look: "st-part-0" },
    ]),
  });
}

/** @param {StatisticsRecord} numbers */
function sizesPlot({ image_sizes: sizes, images }) {
  return plotFrame({
    title: "Sizes of images",
    plot: numbersTable({ heads: ["Pixels", "Images", "Share"], rows: sizes.map(([width, height, number]) => [`${width} × ${height}`, grouped(number), percent(number, images)]) }),
  });
}
