// @ts-check
/** Many photographs on the Live screen at once: each with its boxes, sorted, and downloaded together. */

import { messageOf } from "./api.js";
import { wordButton } from "./buttons.js";
import { counted } from "./count_words.js";
import { html, setText } from "./elements.js";
import { cocoText, csvText, freeNames, save } from "./live_files.js";
import { GalleryCard } from "./live_gallery_card.js";
import { inOrder, ORDERS } from "./live_gallery_order.js";
import { annotated } from "./live_pictures.js";
import { attachMenu } from "./menu.js";
import { storedZip } from "./stored_zip.js";
import { toast } from "./toast.js";

/** @typedef {import("./detection_overlay.js").Look} Look */
/** @typedef {import("./live_gallery_order.js").Order} Order */
/** @typedef {import("./live_thresholds.js").Thresholds} Thresholds */
/** @typedef {import("./records.js").CandidatesRecord} CandidatesRecord */

const IN_FLIGHT = 2;
/** Milliseconds between two orders while answers come or a slider moves. */
const SORT_EVERY = 300;

/**
 * @typedef {object} GalleryNeeds
 * @property {(picture: Blob) => Promise<CandidatesRecord>} ask
 * @property {(answer: CandidatesRecord) => Look} lookOf
 * @property {() => Thresholds} thresholds
 * @property {(card: GalleryCard) => void} onOpen
 * @property {() => void} onCounts
 */

export class LiveGallery {
  /** @type {GalleryCard[]} */
  cards = [];
  #epoch = 0;
  #workers = 0;
  #packing = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #sorting;

  /** @param {GalleryNeeds} needs */
  constructor(needs) {
    this.needs = needs;
    this.words = html("p", { class: "st-live-gallery-words", role: "status" });
    this.order = html(
      "select",
      { class: "st-select", "aria-label": "Order", onchange: () => this.#sort() },
      ...ORDERS.map(([value, label]) => html("option", { value }, label)),
    );
    this.download = wordButton("Download", () => {}, { symbol: "download" });
    const menu = attachMenu(this.download, () => [
      { label: "COCO JSON", note: "One file; boxes with scores", run: () => this.#saveText("json", cocoText) },
      { label: "Table (CSV)", note: "A row for each box", run: () => this.#saveText("csv", csvText) },
      { label: "Pictures with boxes (ZIP)", note: "As JPEG, in their own size", run: () => this.#saveZip() },
    ]);
    this.grid = html("div", { class: "st-live-cards", role: "group", "aria-label": "Photographs" });
    this.node = html(
      "div",
      { class: "st-live-gallery", hidden: true },
      html("div", { class: "st-live-gallery-head" }, this.words, this.order, menu),
      this.grid,
    );
    this.sight = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) this.cards.find(({ node }) => node === target)?.see(isIntersecting);
    });
    new ResizeObserver(() => this.cards.forEach((card) => card.draw())).observe(this.grid);
  }

  /** @param {readonly {file: File, path: string}[]} pictures */
  add(pictures) {
    const made = pictures.map(({ file, path }, index) => new GalleryCard(file, path, this.cards.length + index, (card) => this.#open(card)));
    this.cards.push(...made);
    this.grid.append(...made.map(({ node }) => node));
    for (const { node } of made) this.sight.observe(node);
    this.#work();
  }

  clear() {
    this.#epoch += 1;
    for (const card of this.cards) card.forget();
    this.sight.disconnect();
    this.cards = [];
  }

  /** Ask about every picture again; what was found stays in sight until then. */
  askAgain() {
    this.#epoch += 1;
    for (const card of this.cards) card.asked = card.settled = false;
    this.#work();
  }

  /** @param {GalleryCard} card */
  #open(card) {
    if (card.problem === "") return this.needs.onOpen(card);
    toast(`${card.name}: ${card.problem}`, { kind: "error", action: { label: "Try again", run: () => this.#retry() } });
  }

  #retry() {
    for (const card of this.cards.filter(({ problem }) => problem !== "")) card.asked = card.settled = false;
    this.#work();
  }

  /** Apply other thresholds: what is in sight at once. */
  apply() {
    const { thresholds, lookOf } = this.needs;
    for (const card of this.cards) card.apply(thresholds(), lookOf);
    for (const card of this.cards) card.draw(); // drawing measures, and between changes of words each measure lays the page out
    this.#later();
  }

  get busy() {
    return this.#workers > 0;
  }

  get boxes() {
    return this.cards.reduce((sum, card) => sum + (card.boxes ?? 0), 0);
  }

  /**
   * Boxes of each class over all pictures; null before any answer.
   * @param {readonly string[]} names
   */
  counts(names) {
    if (!this.cards.some(({ answer }) => answer)) return null;
    const counts = new Map();
    for (const { rows, look } of this.cards) for (const row of rows) counts.set(look?.names[row[5]], (counts.get(look?.names[row[5]]) ?? 0) + 1);
    return names.map((name) => counts.get(name) ?? 0);
  }

  #work() {
    const epoch = this.#epoch;
    for (let free = IN_FLIGHT - this.#workers; free > 0; free -= 1) this.#askOneByOne(epoch);
    this.#show();
  }

  /** @param {number} epoch */
  async #askOneByOne(epoch) {
    this.#workers += 1;
    for (let card = this.#next(); card && epoch === this.#epoch; card = this.#next()) {
      card.asked = true;
      const small = card.showSmall();
      try {
        const answer = await this.needs.ask(card.file);
        if (epoch !== this.#epoch) break;
        card.take(answer);
        card.apply(this.needs.thresholds(), this.needs.lookOf);
        card.draw();
      } catch (error) {
        if (epoch !== this.#epoch) break;
        card.fail(error);
      }
      await small;
      this.#later();
    }
    this.#workers -= 1;
    // A worker of before that ends late leaves room for one of now.
    if (epoch !== this.#epoch && this.#next()) this.#work();
    this.#later();
  }

  #next() {
    return this.cards.find(({ asked }) => !asked);
  }

  #later() {
    this.#sorting ??= setTimeout(() => {
      this.#sorting = undefined;
      this.#show();
      if (this.order.value !== "added") this.#sort();
      this.needs.onCounts();
    }, SORT_EVERY);
  }

  #sort() {
    const ordered = inOrder(this.cards, /** @type {Order} */ (this.order.value));
    if (ordered.some(({ node }, index) => this.grid.children[index] !== node)) this.grid.append(...ordered.map(({ node }) => node));
  }

  #show() {
    if (this.#packing) return;
    const { length } = this.cards;
    const done = this.cards.filter(({ settled }) => settled).length;
    const failed = this.cards.filter(({ problem }) => problem !== "").length;
    const words = [counted(length, "photograph"), done < length || this.busy ? `${done} looked at` : counted(this.boxes, "box", "boxes")];
    if (failed > 0) words.push(`${failed} failed`);
    setText(this.words, words.join(" · "));
    this.download.disabled = !this.cards.some(({ answer }) => answer);
    this.node.dataset.done = String(length > 0 && done === length && !this.busy);
  }

  /** Cards with an answer, as they stand. */
  #answered() {
    return inOrder(this.cards, /** @type {Order} */ (this.order.value)).filter(({ answer }) => answer !== null);
  }

  #found() {
    return this.#answered().map(({ name, answer, look, rows }) => ({
      image: name,
      width: answer?.width ?? 0,
      height: answer?.height ?? 0,
      classes: look?.names ?? [],
      rows,
    }));
  }

  /** @param {"json" | "csv"} kind @param {(found: import("./live_files.js").Found[]) => string} write */
  #saveText(kind, write) {
    save(new Blob([write(this.#found())], { type: kind === "json" ? "application/json" : "text/csv" }), `detections.${kind}`);
  }

  async #saveZip() {
    const cards = this.#answered().map(({ file, name, answer, look, rows }) => ({ file, name, answer, look, rows })); // as they stand now
    const names = freeNames(
      cards.map(({ name }) => name),
      ".jpg",
    );
    const members = [];
    let left = 0;
    this.#packing = this.download.disabled = true;
    try {
      for (const [index, { file, answer, look, rows }] of cards.entries()) {
        setText(this.words, `Drawing ${index + 1} of ${cards.length}`);
        const source = await createImageBitmap(file).catch(() => null);
        if (!source || !answer || !look) left += 1;
        else members.push({ path: names[index], file: await annotated(source, { width: source.width, height: source.height }, rows, look, "image/jpeg", answer) });
        source?.close();
      }
      save(await storedZip(members), "detections.zip");
      if (left > 0) toast(`${counted(left, "picture")} left out: this browser cannot decode ${left === 1 ? "it" : "them"}.`);
    } catch (error) {
      toast(messageOf(error), { kind: "error" });
    } finally {
      this.#packing = false;
      this.#show();
    }
  }
}
