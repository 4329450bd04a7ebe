// @ts-check
/** The way from one page of the grid to another: back, forward, and by number. */

import { iconButton } from "./buttons.js";
import { grouped } from "./count_words.js";
import { html, setText } from "./elements.js";
import { SIZES, typedPage } from "./image_query.js";

export class PageBar {
  #page = 0;
  #pages = 1;

  /** @param {{onPage: (page: number) => void, onSize: (size: number) => void}} actions pages count from 0 */
  constructor({ onPage, onSize }) {
    this.onPage = onPage;
    this.first = iconButton("back", "First page", () => this.go(0));
    this.first.classList.add("st-page-end");
    this.back = iconButton("back", "Previous page", () => this.go(this.#page - 1));
    this.forward = iconButton("forward", "Next page", () => this.go(this.#page + 1));
    this.last = iconButton("forward", "Last page", () => this.go(this.#pages - 1));
    this.last.classList.add("st-page-end");
    this.number = html("input", { type: "text", inputmode: "numeric", class: "st-input st-page-number", "aria-label": "Page", autocomplete: "off" });
    this.number.addEventListener("focus", () => this.number.select());
    this.number.addEventListener("change", () => {
      const page = typedPage(this.number.value, this.#pages);
      if (page === null || page === this.#page) this.number.value = String(this.#page + 1);
      else this.go(page);
    });
    this.of = html("span", { class: "st-note" });
    this.size = html("select", { class: "st-select st-page-size", "aria-label": "Images on a page", onchange: () => onSize(Number(this.size.value)) });
    this.size.append(...SIZES.map((size) => html("option", { value: size }, `${size} a page`)));
    this.walk = html("div", { class: "st-page-walk" }, this.first, this.back, this.number, this.of, this.forward, this.last);
    this.node = html("nav", { class: "st-page-bar", "aria-label": "Pages" }, this.walk, this.size);
  }

  /** @param {{page: number, pages: number, size: number, total: number}} state */
  show({ page, pages, size, total }) {
    this.#page = page;
    this.#pages = pages;
    this.number.value = String(page + 1);
    setText(this.of, `of ${grouped(pages)}`);
    this.size.value = String(size);
    for (const button of [this.first, this.back]) button.disabled = page === 0;
    for (const button of [this.forward, this.last]) button.disabled = page >= pages - 1;
    this.walk.hidden = pages === 1;
    this.size.hidden = total <= SIZES[0];
  }

  /** @param {number} page */
  go(page) {
    const wanted = Math.min(this.#pages - 1, Math.max(0, page));
    if (wanted !== this.#page) this.onPage(wanted);
  }

  /** @param {number} step */
  step(step) {
    this.go(this.#page + step);
  }

  /** @param {"first" | "last"} end */
  goEnd(end) {
    this.go(end === "first" ? 0 : this.#pages - 1);
  }
}
