// @ts-check
/**
 * The Images screen: the open project's photographs, adding more, and the way to each one's labels.
 *
 * The root carries `data-ready="true"` once the project's images are shown.
 */

import { api, messageOf } from "./api.js";
import { wordButton } from "./buttons.js";
import { html } from "./elements.js";
import { failureState, noProject } from "./empty_state.js";
import { imageCard } from "./image_card.js";
import { mountOnce } from "./lifecycle.js";
import { loadSample } from "./sample.js";
import { studio } from "./store.js";
import { toast } from "./toast.js";
import { UploadPanel } from "./upload_panel.js";

/** @typedef {import("./records.js").ImageRecord} ImageRecord */
/** @typedef {import("./records.js").ProjectRecord} ProjectRecord */
/** @typedef {"" | "unlabelled" | "labelled" | "empty"} Filter */

const PAGE = 60;
/** The most images the server gives at once. */
const LARGEST_PAGE = 500;

/**
 * Build the Images screen in an element.
 * @param {HTMLElement} root
 */
export function mount(root) {
  return mountOnce(root, (element, life) => new ImageGrid(element, life));
}

class ImageGrid {
  /** @type {Filter} */
  #filter = "";
  /** @type {number | null} */
  #nextAfter = null;
  #shown = 0;
  #turn = 0;
  #stale = true;

  /**
   * @param {HTMLElement} root
   * @param {import("./lifecycle.js").Life} life
   */
  constructor(root, life) {
    this.root = root;
    this.life = life;
    this.uploads = new UploadPanel(root, () => studio.project, () => this.#added());
    this.chips = html("div", { class: "st-chips", role: "group", "aria-label": "Show" });
    this.grid = html("ul", { class: "st-grid", "aria-label": "Images" });
    this.rest = html("p", { class: "st-note", role: "status" });
    this.more = wordButton("Show more", () => this.#load(false));
    this.foot = html("div", { class: "st-grid-foot" }, this.rest, this.more);
    this.message = html("div", { class: "st-message" });
    this.body = html("div", { class: "st-images-body" }, this.chips, this.uploads.node, this.message, this.grid, this.foot);
    root.append(this.body);
    root.classList.add("st-images");
    life.listen(studio, "project", () => {
      this.#filter = "";
      this.#shown = 0;
      this.#becomeStale();
    });
    life.listen(studio, "changed", ({ detail }) => detail.by !== this && this.#becomeStale());
    life.onShow(() => this.#stale && this.#load(true));
  }

  #becomeStale() {
    this.#stale = true;
    if (this.life.visible) this.#load(true);
  }

  #added() {
    studio.changed("images", this);
    this.#load(true);
  }

  /** @param {boolean} anew replace what is shown, as many images as now, instead of adding a page */
  async #load(anew) {
    const project = studio.project;
    const turn = ++this.#turn;
    this.#stale = false;
    if (project === null) return this.#say(noProject());
    const after = anew || this.#nextAfter === null ? "" : `&after=${this.#nextAfter}`;
    const limit = anew ? Math.min(LARGEST_PAGE, Math.max(PAGE, this.#shown)) : PAGE;
    const filter = this.#filter ? `&status=${this.#filter}` : "";
    this.more.disabled = true;
    try {
      const [summary, page] = await Promise.all([
        api("GET", `projects/${project}`),
        api("GET", `projects/${project}/images?limit=${limit}${after}${filter}`),
      ]);
      if (turn === this.#turn) this.#show(summary, page, anew);
    } catch (error) {
      if (turn !== this.#turn) return;
      if (anew) this.#say(failureState(messageOf(error), () => this.#load(true)));
      else toast(messageOf(error), { kind: "error" });
    } finally {
      this.more.disabled = false;
    }
  }

  /** @param {ProjectRecord} summary @param {import("./records.js").ImagePageRecord} page @param {boolean} anew */
  #show(summary, page, anew) {
    const none = summary.images === 0;
    this.#nextAfter = page.next_after;
    this.#drawChips(summary);
    const cards = page.images.map((image) => this.#card(image));
    if (anew) this.grid.replaceChildren(...cards);
    else this.grid.append(...cards);
    this.#shown = this.grid.childElementCount;
    this.chips.hidden = none;
    this.uploads.node.hidden = false;
    this.root.classList.toggle("st-no-images", none);
    this.message.replaceChildren(...(none ? [this.#sampleOffer()] : page.total === 0 ? [this.#nothingHere()] : []));
    this.grid.hidden = this.#shown === 0;
    this.foot.hidden = this.#shown === 0;
    this.more.hidden = page.next_after === null;
    this.rest.textContent = page.next_after === null ? "" : `${this.#shown} of ${page.total} shown`;
    this.root.dataset.ready = "true";
  }

  /** @param {HTMLElement} message instead of everything else */
  #say(message) {
    this.message.replaceChildren(message);
    for (const node of [this.chips, this.uploads.node, this.grid, this.foot]) node.hidden = true;
    delete this.root.dataset.ready;
  }

  /** @param {ImageRecord} image */
  #card(image) {
    return imageCard(image, {
      onOpen: () => studio.openImage(image.id),
      onDeleted: () => {
        studio.changed("images", this, image.id);
        this.#load(true);
      },
    });
  }

  /** @param {ProjectRecord} summary */
  #drawChips({ images, labelled, empty }) {
    /** @type {[Filter, string, number][]} */
    const choices = [
      ["", "All", images],
      ["unlabelled", "Unlabelled", images - labelled - empty],
      ["labelled", "Labelled", labelled],
      ["empty", "No objects", empty],
    ];
    const focused = this.chips.contains(document.activeElement);
    this.chips.replaceChildren(
      ...choices.map(([filter, words, count]) =>
        html(
          "button",
          {
            type: "button",
            class: "st-chip",
            "data-filter": filter || "all",
            "aria-pressed": String(filter === this.#filter),
            onclick: () => this.#choose(filter),
          },
          html("span", {}, words),
          html("span", { class: "st-count" }, String(count)),
        ),
      ),
    );
    if (focused) /** @type {HTMLElement | null} */ (this.chips.querySelector("[aria-pressed=true]"))?.focus();
  }

  /** @param {Filter} filter */
  #choose(filter) {
    this.#filter = filter;
    this.#shown = 0;
    this.#load(true);
  }

  #nothingHere() {
    return html("p", { class: "st-note st-nothing" }, "No image is in this state.");
  }

  #sampleOffer() {
    const button = wordButton("Load the sample: workshop parts", () => loadSample(button), { symbol: "spark" });
    return html("div", { class: "st-sample-offer" }, html("p", { class: "st-note" }, "Nothing at hand? Try it with pictures that come along:"), button);
  }
}
