// @ts-check
/** The photographs of the open project: filtered, in pages, selected, and changed many at once. */

import { api, messageOf } from "./api.js";
import { wordButton } from "./buttons.js";
import { changeMany } from "./bulk_actions.js";
import { BulkBar } from "./bulk_bar.js";
import { browserStorage } from "./browser_storage.js";
import { html, setText } from "./elements.js";
import { emptyState, failureState } from "./empty_state.js";
import { gridKeys, makeReachable } from "./grid_keys.js";
import { imageCard, markSelected } from "./image_card.js";
import { ImageFilters } from "./image_filters.js";
import { isNarrow, pageCount, pageQuery, rangeWords, recallSettings, rememberSettings } from "./image_query.js";
import { ImageSelection } from "./image_selection.js";
import { cleaned, setQueue } from "./label_queue.js";
import { LookAheadFeed } from "./look_ahead.js";
import { LookAheadBar } from "./look_ahead_bar.js";
import { firstWays } from "./first_ways.js";
import { PageBar } from "./page_bar.js";
import { studio } from "./store.js";

/** @typedef {import("./image_card.js").GridImage} GridImage */
/** @typedef {import("./image_filters.js").Counts} Counts */
/** @typedef {{onCounts: (counts: Counts) => void, onReady: (ready: boolean) => void, ways: import("./first_ways.js").Ways}} Surroundings */

export class Photographs {
  /** @type {import("./image_query.js").GridSettings} */
  #settings = recallSettings(null, 0);
  #project = studio.project;
  #total = 0;
  #stale = true;
  /** Whether counts and classes may have changed; turning a page changes neither, and shall not wait for them. */
  #restStale = true;
  #turn = new AbortController();
  /** @type {Map<number, {state: string, card: HTMLElement}>} */
  #cards = new Map();

  /**
   * @param {HTMLElement} root
   * @param {import("./lifecycle.js").Life} life
   * @param {Surroundings} surroundings
   */
  constructor(root, life, surroundings) {
    this.life = life;
    this.surroundings = surroundings;
    this.selection = new ImageSelection();
    this.filters = new ImageFilters((filter) => this.#go({ filter, page: 0 }));
    this.pages = new PageBar({ onPage: (page) => this.#turnTo(page), onSize: (size) => this.#resize(size) });
    this.bulk = new BulkBar(this.selection, (action) => this.#change(action));
    this.wholePage = html("input", { type: "checkbox", class: "st-check", "aria-label": "Select the page", onchange: () => this.selection.togglePage(this.wholePage.checked) });
    this.range = html("span", { class: "st-page-range", role: "status" });
    this.boxes = html("button", { type: "button", class: "st-button st-small", "aria-pressed": "true", onclick: () => this.#go({ boxes: !this.#settings.boxes }) }, html("span", {}, "Boxes"));
    this.head = html("div", { class: "st-grid-head" }, html("label", { class: "st-grid-all" }, this.wholePage), this.range, this.bulk.node, this.boxes);
    this.grid = html("ul", { class: "st-grid", "aria-label": "Images" });
    this.message = html("div", { class: "st-message" });
    this.ahead = new LookAheadBar(new LookAheadFeed(life));
    root.append(this.ahead.node, this.filters.node, this.message, this.head, this.grid, this.pages.node);
    this.selection.addEventListener("change", () => this.#drawSelection());
    gridKeys(life, this.grid, {
      toggle: (id, range) => this.selection.toggle(id, range),
      togglePage: (on) => this.selection.togglePage(on),
      clear: () => this.#clearSelection(),
      turn: (step) => this.pages.step(step),
      remove: (id) => this.#remove(id),
      search: () => this.filters.search.focus(),
    });
    life.listen(studio, "project", () => this.#becomeStale());
    life.listen(studio, "changed", () => this.#becomeStale());
    life.onShow(() => this.#stale && this.#load());
    this.#showNothing();
    if (this.#project !== null) this.#settings = recallSettings(browserStorage(), this.#project);
  }

  #becomeStale() {
    this.#stale = this.#restStale = true;
    if (this.life.visible) this.#load();
  }

  /** @param {Partial<import("./image_query.js").GridSettings>} part */
  #go(part) {
    if (part.filter) this.selection.clear();
    this.#settings = { ...this.#settings, ...part };
    if (studio.project !== null) rememberSettings(browserStorage(), studio.project, this.#settings);
    this.filters.show(this.#settings.filter);
    return this.#load();
  }

  /** @param {number} page */
  async #turnTo(page) {
    await this.#go({ page });
    if (this.head.getBoundingClientRect().top < 0) this.head.scrollIntoView({ block: "start" });
  }

  /** The image that is first on the page stays on it. @param {number} size */
  #resize(size) {
    const { page, size: before } = this.#settings;
    this.#go({ size, page: Math.floor((page * before) / size) });
  }

  async #load() {
    const project = studio.project;
    this.#turn.abort();
    const { signal } = (this.#turn = new AbortController());
    this.#stale = false;
    if (project !== this.#project) {
      this.#project = project;
      this.selection.clear();
      this.#cards.clear();
      this.#showNothing();
      if (project !== null) this.#settings = recallSettings(browserStorage(), project);
    }
    if (project === null) return;
    const { filter } = this.#settings;
    this.filters.show(filter);
    this.ahead.order(filter.sort === "useful");
    const slow = setTimeout(() => this.grid.setAttribute("aria-busy", "true"), 200);
    const rest = this.#restStale ? this.#fetchRest(project, signal) : null;
    rest?.catch(() => {}); // told of below, when it is waited for
    try {
      const page = await api("GET", `projects/${project}/images?${pageQuery(this.#settings)}`, undefined, { signal });
      const pages = pageCount(page.total, this.#settings.size);
      if (signal.aborted) return;
      if (this.#settings.page >= pages) return this.#go({ page: pages - 1 });
      this.#show(page.images, page.total);
      if (rest === null) return;
      const [counts, classes] = await rest;
      if (signal.aborted) return;
      this.#restStale = false;
      this.#showRest(counts, classes);
    } catch (error) {
      if (signal.aborted) return;
      this.#showNothing();
      this.message.replaceChildren(failureState(messageOf(error), () => this.#load()));
    } finally {
      clearTimeout(slow);
      if (!signal.aborted) this.grid.removeAttribute("aria-busy");
    }
  }

  /** @param {number} project @param {AbortSignal} signal */
  #fetchRest(project, signal) {
    return Promise.all(["images/counts", "classes"].map((part) => api("GET", `projects/${project}/${part}`, undefined, { signal })));
  }

  /** @param {GridImage[]} images @param {number} total */
  #show(images, total) {
    const { filter, page, size, boxes } = this.#settings;
    const focused = document.activeElement?.closest(".st-card");
    const focusedId = focused && this.grid.contains(focused) ? Number(/** @type {HTMLElement} */ (focused).dataset.imageId) : null;
    this.#total = total;
    const before = this.#cards;
    this.#cards = new Map();
    for (const image of images) {
      const state = JSON.stringify(image);
      const known = before.get(image.id);
      this.#cards.set(image.id, known?.state === state ? known : { state, card: this.#card(image) });
    }
    const cards = [...this.#cards.values()].map(({ card }) => card);
    if (cards.length !== this.grid.childElementCount || cards.some((card, index) => card !== this.grid.children[index])) this.grid.replaceChildren(...cards);
    const reachable = (focusedId === null ? undefined : this.#cards.get(focusedId)?.card) ?? cards[0] ?? null;
    makeReachable(this.grid, reachable);
    if (focusedId !== null && !this.grid.contains(document.activeElement)) /** @type {HTMLElement | null} */ (reachable?.querySelector(".st-card-open"))?.focus();
    this.selection.show(images.map(({ id }) => id));
    this.bulk.show(total);
    setText(this.range, rangeWords(page, size, total));
    this.boxes.setAttribute("aria-pressed", String(boxes));
    this.grid.classList.toggle("st-no-boxes", !boxes);
    this.pages.show({ page, pages: pageCount(total, size), size, total });
    this.grid.hidden = this.head.hidden = total === 0;
    this.pages.node.hidden = total === 0;
    this.filters.node.hidden = total === 0 && !isNarrow(filter);
    if (total > 0) this.message.replaceChildren();
    else this.message.replaceChildren(isNarrow(filter) ? this.#nothingMatches() : firstWays(this.surroundings.ways));
    this.surroundings.onReady(true);
  }

  /** @param {Counts} counts @param {import("./records.js").ClassRecord[]} classes */
  #showRest(counts, classes) {
    for (const { id, colour } of classes) this.grid.style.setProperty(`--st-class-${id}`, colour);
    this.filters.showClasses(classes.filter((entry) => !(/** @type {any} */ (entry).archived)));
    this.filters.showCounts(counts);
    this.surroundings.onCounts(counts);
  }

  /** Nothing but what `message` holds. */
  #showNothing() {
    for (const node of [this.filters.node, this.head, this.grid, this.pages.node]) node.hidden = true;
    this.message.replaceChildren();
    this.surroundings.onReady(false);
  }

  /** @param {GridImage} image */
  #card(image) {
    return imageCard(image, {
      onOpen: () => this.#open(image.id),
      onToggle: (range) => this.selection.toggle(image.id, range),
      onDelete: () => this.#remove(image.id),
    });
  }

  /** @param {number} id */
  #open(id) {
    if (studio.project !== null) setQueue(studio.project, cleaned(this.#settings.filter));
    studio.openImage(id);
  }

  /** @param {number} id */
  #remove(id) {
    if (studio.project !== null) changeMany(studio.project, { ids: [id] }, { action: "delete", value: null });
  }

  /** @param {import("./bulk_actions.js").BulkAction} action */
  async #change(action) {
    const project = studio.project;
    if (project === null) return;
    const target = this.selection.everything ? { filter: cleaned(this.#settings.filter) } : { ids: this.selection.ids };
    if (await changeMany(project, target, action)) this.selection.clear();
  }

  #clearSelection() {
    if (this.selection.size === 0) return false;
    this.selection.clear();
    return true;
  }

  #drawSelection() {
    const { selection } = this;
    markSelected(this.grid.children, selection);
    this.grid.classList.toggle("st-selecting", selection.size > 0);
    this.range.hidden = selection.size > 0;
    this.head.classList.toggle("st-selecting", selection.size > 0);
    this.wholePage.checked = selection.wholePage;
    this.wholePage.indeterminate = selection.size > 0 && !selection.wholePage;
  }

  #nothingMatches() {
    const { text } = this.#settings.filter;
    const words = text ? `Nothing is called “${text}”, or another filter leaves it out.` : "No photograph fits all of the filters.";
    return emptyState({ symbol: "search", title: "Nothing matches", text: words }, wordButton("Clear filters", () => this.filters.reset(), { primary: true }));
  }
}
