// @ts-check
/** Going to any image of the project: its number in the queue, or a part of its name. */

import { api, messageOf } from "./api.js";
import { html, setText } from "./elements.js";
import { queueOf, queuePath } from "./label_queue.js";
import { pictureUrl } from "./pictures.js";
import { Popover } from "./popover.js";
import { studio } from "./store.js";

/** @typedef {import("./records.js").ImageRecord} ImageRecord */

/** Images offered at most. */
const OFFERED = 8;
/** Milliseconds after the last letter until the server is asked. */
const PAUSE = 120;

export class JumpPopover {
  /** Counts questions: an answer to an earlier one is dropped. */
  #turn = 0;
  /** @type {any} */
  #timer;
  #active = 0;
  /** @type {ImageRecord[]} */
  #offered = [];

  /**
   * @param {HTMLButtonElement} button
   * @param {(imageId: number) => void} open
   * @param {() => void} leave give the keyboard back to the picture
   */
  constructor(button, open, leave) {
    this.open = open;
    this.field = html("input", {
      type: "text",
      class: "st-input",
      placeholder: "Number, or part of a name",
      autocomplete: "off",
      spellcheck: "false",
      dir: "auto",
      role: "combobox",
      "aria-label": "Jump to an image: its number, or part of its name",
      "aria-expanded": "true",
      "aria-controls": "st-jump-list",
    });
    this.list = html("ul", { class: "st-jump-list", id: "st-jump-list", role: "listbox", "aria-label": "Images" });
    this.words = html("p", { class: "st-note", role: "status" });
    const look = { label: "Jump to an image", look: "st-jump", onOpen: () => this.#begin(), leave };
    this.popover = new Popover(button, look, this.field, this.list, this.words);
    this.field.addEventListener("input", () => this.#askSoon());
    this.field.addEventListener("keydown", (event) => this.#key(event));
  }

  #begin() {
    this.field.value = "";
    this.#offer([]);
    this.field.focus();
  }

  #askSoon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), PAUSE);
  }

  /** @returns {Promise<void>} */
  async #ask() {
    clearTimeout(this.#timer);
    const turn = ++this.#turn;
    const typed = this.field.value.trim();
    const project = studio.project;
    if (typed === "" || project === null) return this.#offer([]);
    const path = `projects/${project}/images`;
    try {
      const number = /^\d{1,9}$/.test(typed) ? Number(typed) : 0;
      const [numbered, named] = await Promise.all([
        number > 0 ? api("GET", queuePath(path, queueOf(project), { offset: number - 1, limit: 1 })) : { images: [] },
        api("GET", queuePath(path, { text: typed }, { limit: OFFERED })),
      ]);
      if (turn !== this.#turn) return;
      const first = numbered.images[0];
      const others = named.images.filter((/** @type {ImageRecord} */ { id }) => id !== first?.id);
      this.#offer((first ? [first, ...others] : others).slice(0, OFFERED), first ? number : null);
    } catch (error) {
      if (turn === this.#turn) setText(this.words, messageOf(error));
    }
  }

  /** @param {ImageRecord[]} images @param {number | null} [number] that of the first one */
  #offer(images, number = null) {
    this.#offered = images;
    this.#active = 0;
    const nothing = this.field.value.trim() === "" ? "Enter goes to the first image found." : "No image has this number or name.";
    setText(this.words, images.length === 0 ? nothing : "");
    this.words.hidden = images.length > 0;
    this.list.hidden = images.length === 0;
    this.list.replaceChildren(
      ...images.map((image, index) =>
        html(
          "li",
          { role: "option", id: `st-jump-${index}`, class: "st-jump-row", onclick: () => this.#go(index) },
          html("img", { src: pictureUrl(image, "thumbnail"), alt: "", width: 40, height: 30, loading: "lazy" }),
          html("bdi", { class: "st-name", title: image.name }, image.name),
          index === 0 && number !== null ? html("span", { class: "st-count" }, `no. ${number}`) : null,
        ),
      ),
    );
    this.#mark();
    if (this.popover.isOpen) this.popover.place();
  }

  #mark() {
    [...this.list.children].forEach((row, index) => row.setAttribute("aria-selected", String(index === this.#active)));
    this.field.setAttribute("aria-activedescendant", this.#offered.length > 0 ? `st-jump-${this.#active}` : "");
  }

  /** @param {KeyboardEvent} event */
  async #key(event) {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      const count = this.#offered.length;
      if (count > 0) this.#active = (this.#active + step + count) % count;
      return this.#mark();
    }
    if (event.key !== "Enter") return;
    event.preventDefault();
    const chosen = this.#active;
    if (chosen === 0) await this.#ask(); // what was typed last may not have been asked for yet
    this.#go(chosen);
  }

  /** @param {number} index */
  #go(index) {
    const image = this.#offered[index];
    if (!image) return;
    this.popover.leave();
    this.open(image.id);
  }
}
