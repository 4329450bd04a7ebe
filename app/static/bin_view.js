// @ts-check
/** The bin: what was deleted, put back by a click, and gone for good after some days. */

import { api, messageOf } from "./api.js";
import { wordButton } from "./buttons.js";
import { changeMany } from "./bulk_actions.js";
import { counted, grouped } from "./count_words.js";
import { confirmDialog } from "./dialog.js";
import { html, setText } from "./elements.js";
import { emptyState, failureState } from "./empty_state.js";
import { nameParts, statusWords } from "./image_card.js";
import { pageCount } from "./image_query.js";
import { PageBar } from "./page_bar.js";
import { pictureUrl } from "./pictures.js";
import { studio } from "./store.js";
import { toast } from "./toast.js";

/** @typedef {import("./records.js").ImageRecord & {deleted: string}} BinnedImage */

const DAY = 86_400_000;
const SIZE = 60;

/**
 * When an image goes for good.
 * @param {string} deleted ISO time
 * @param {number} keepDays
 * @param {number} now milliseconds since 1970
 * @returns {string}
 */
export function daysLeft(deleted, keepDays, now) {
  const days = Math.ceil((Date.parse(deleted) + keepDays * DAY - now) / DAY);
  if (days <= 0) return "Goes today";
  return days === 1 ? "1 day left" : `${days} days left`;
}

export class BinView {
  #page = 0;
  #size = SIZE;
  #turn = 0;

  /**
   * @param {HTMLElement} root
   * @param {import("./lifecycle.js").Life} life
   */
  constructor(root, life) {
    this.words = html("p", { class: "st-note" });
    this.all = wordButton("Put all back", () => this.#putBack(null), { small: true, symbol: "undo" });
    this.empty = wordButton("Empty the bin…", () => this.#empty(), { small: true, danger: true, symbol: "trash" });
    this.head = html("div", { class: "st-bin-head", hidden: true }, this.words, html("div", { class: "st-actions" }, this.all, this.empty));
    this.grid = html("ul", { class: "st-grid", "aria-label": "Images in the bin" });
    this.message = html("div", { class: "st-message" });
    this.pages = new PageBar({
      onPage: (page) => {
        this.#page = page;
        this.#load();
      },
      onSize: (size) => {
        this.#page = Math.floor((this.#page * this.#size) / size);
        this.#size = size;
        this.#load();
      },
    });
    root.append(this.head, this.message, this.grid, this.pages.node);
    this.pages.node.hidden = true;
    const becomeStale = life.keepFresh(() => this.#load());
    life.listen(studio, "project", () => {
      this.#page = 0;
      becomeStale();
    });
    life.listen(studio, "changed", becomeStale);
  }

  async #load() {
    const project = studio.project;
    const turn = ++this.#turn;
    if (project === null) return;
    try {
      const bin = await api("GET", `projects/${project}/bin?offset=${this.#page * this.#size}&limit=${this.#size}`);
      if (turn !== this.#turn) return;
      const pages = pageCount(bin.total, this.#size);
      if (this.#page >= pages) {
        this.#page = pages - 1;
        return this.#load();
      }
      this.#show(bin, pages);
    } catch (error) {
      if (turn !== this.#turn) return;
      for (const node of [this.head, this.grid, this.pages.node]) node.hidden = true;
      this.message.replaceChildren(failureState(messageOf(error), () => this.#load()));
    }
  }

  /** @param {{images: BinnedImage[], total: number, keep_days: number}} bin @param {number} pages */
  #show({ images, total, keep_days: keepDays }, pages) {
    const none = total === 0;
    setText(this.words, `${counted(total, "image")}. What is here is removed for good ${keepDays} days after it was deleted.`);
    this.grid.replaceChildren(...images.map((image) => this.#card(image, keepDays)));
    this.head.hidden = this.grid.hidden = this.pages.node.hidden = none;
    this.pages.show({ page: this.#page, pages, size: this.#size, total });
    this.total = total;
    const words = `A photograph that you delete comes here and can be put back for ${keepDays} days.`;
    this.message.replaceChildren(...(none ? [emptyState({ symbol: "trash", title: "The bin is empty", text: words })] : []));
  }

  /** @param {BinnedImage} image @param {number} keepDays */
  #card(image, keepDays) {
    return html(
      "li",
      { class: "st-card st-binned", "data-image-id": image.id },
      html("div", { class: "st-card-picture" }, html("img", { src: pictureUrl(image, "thumbnail"), alt: "", loading: "lazy", decoding: "async", draggable: "false" })),
      html(
        "div",
        { class: "st-card-foot" },
        html("span", { class: "st-name", title: image.name, dir: "auto" }, ...nameParts(image.name)),
        html("span", { class: "st-note" }, `${statusWords(image)} · ${daysLeft(image.deleted, keepDays, Date.now())}`),
        html("button", { type: "button", class: "st-button st-small", "aria-label": `Put ${image.name} back`, onclick: () => this.#putBack([image.id]) }, "Put back"),
      ),
    );
  }

  /** @param {number[] | null} ids null for all */
  async #putBack(ids) {
    const project = studio.project;
    if (project === null) return;
    this.all.disabled = true;
    await changeMany(project, ids === null ? { filter: {} } : { ids }, { action: "put_back", value: null });
    this.all.disabled = false;
  }

  async #empty() {
    const project = studio.project;
    if (project === null) return;
    let removed = 0;
    const sure = await confirmDialog({
      title: "Empty the bin?",
      text: `${counted(this.total ?? 0, "image")} with their boxes are removed for good. Nothing brings them back but a backup.`,
      label: "Remove for good",
      danger: true,
      typed: "empty the bin",
      run: async () => {
        ({ removed } = await api("DELETE", `projects/${project}/bin`));
      },
    });
    if (!sure) return;
    studio.changed("images");
    toast(`${grouped(removed)} ${removed === 1 ? "image was" : "images were"} removed for good.`);
  }
}
