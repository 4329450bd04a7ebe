// @ts-check
/**
 * The Models screen: every model of the project with its family, and what can be done with it.
 *
 * The root carries `data-ready="true"` once the list, or a message instead of it, is shown.
 */

import { api, messageOf } from "./api.js";
import { wordButton } from "./buttons.js";
import { counted } from "./count_words.js";
import { carriesFiles, droppedFiles } from "./dropped_files.js";
import { html, setText } from "./elements.js";
import { emptyState, failureState, noProject } from "./empty_state.js";
import { icon } from "./icons.js";
import { mountOnce } from "./lifecycle.js";
import { putBack } from "./models_actions.js";
import { modelCard } from "./models_card.js";
import { openModelImport } from "./models_import.js";
import { dateWords, familyRows } from "./models_words.js";
import { studio } from "./store.js";

/** @typedef {import("./models_words.js").ModelEntry} ModelEntry */

/**
 * Build the Models screen in an element.
 * @param {HTMLElement} root
 */
export function mount(root) {
  return mountOnce(root, (element, life) => new ModelsView(element, life));
}

class ModelsView {
  #turn = 0;
  #drawn = "";
  /** @type {Set<string>} models whose details are open */
  #open = new Set();

  /**
   * @param {HTMLElement} root
   * @param {import("./lifecycle.js").Life} life
   */
  constructor(root, life) {
    this.root = root;
    this.life = life;
    root.classList.add("st-models");
    this.count = html("p", { class: "st-note", role: "status" });
    this.head = html("div", { class: "st-models-head" }, this.count, wordButton("Import a model", () => openModelImport(), { symbol: "upload" }));
    this.list = html("ul", { class: "st-model-list", "aria-label": "Models" });
    this.binCount = html("summary", {});
    this.binned = html("ul", { class: "st-model-bin-list", "aria-label": "Models in the bin" });
    this.bin = html("details", { class: "st-archive st-model-bin", hidden: true }, this.binCount, html("p", { class: "st-note" }, "What is here is removed for good 30 days after it was deleted."), this.binned);
    this.message = html("div", { class: "st-message" });
    this.over = html("div", { class: "st-models-over", hidden: true }, icon("upload"), html("span", {}, "Drop a model’s folder or zip to import it"));
    root.append(this.head, this.message, this.list, this.bin, this.over);
    this.#listen();
  }

  #listen() {
    const { life, root } = this;
    const becomeStale = life.keepFresh(() => this.#load());
    life.listen(studio, "project", becomeStale);
    life.listen(studio, "changed", ({ detail }) => ["models", "projects", "classes"].includes(detail.what) && becomeStale());
    life.listen(studio, "model", ({ detail }) => detail.screen === "models" && becomeStale());
    // A training that ended, or another tab, may have changed what is shown.
    life.listen(window, "focus", becomeStale);
    life.onHide(becomeStale);
    root.addEventListener("dragover", (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault(); // the page would take it for photographs
      this.over.hidden = false;
    });
    root.addEventListener("dragleave", ({ relatedTarget }) => {
      if (!(relatedTarget instanceof Node && root.contains(relatedTarget))) this.over.hidden = true;
    });
    root.addEventListener("drop", async (event) => {
      if (!event.dataTransfer || !carriesFiles(event)) return;
      event.preventDefault();
      this.over.hidden = true;
      openModelImport((await droppedFiles(event.dataTransfer)).incoming);
    });
  }

  async #load() {
    const project = studio.project;
    const turn = ++this.#turn;
    if (project === null) return this.#say(noProject());
    try {
      const [models, binned] = await Promise.all([api("GET", `models?project_id=${project}`), api("GET", `models?project_id=${project}&deleted=true`)]);
      if (turn === this.#turn) this.#show(models, binned);
    } catch (error) {
      if (turn === this.#turn) this.#say(failureState(messageOf(error), () => this.#load()));
    }
  }

  /** @param {ModelEntry[]} models @param {ModelEntry[]} binned */
  #show(models, binned) {
    const asked = studio.takeModel("models");
    if (asked !== null) this.#open = new Set([asked]);
    const state = JSON.stringify([models, binned, asked]);
    this.root.dataset.ready = "true";
    if (state === this.#drawn) return; // menus and details that are open stay open
    this.#drawn = state;
    const none = models.length === 0;
    const order = models.length > 1 ? ", the newest first; below each stand those that went on from it." : "";
    setText(this.count, none ? "" : `${counted(models.length, "model")}${order}`);
    this.head.hidden = this.list.hidden = none;
    this.message.replaceChildren(...(none ? [noModel()] : []));
    const held = this.#held();
    const newest = models.some(({ is_default: yes }) => yes) ? null : models[0];
    this.list.replaceChildren(
      ...familyRows(models).map(({ model, depth }) =>
        modelCard(model, {
          depth,
          used: model === newest,
          open: this.#open.has(model.id),
          onToggle: (open) => (open ? this.#open.add(model.id) : this.#open.delete(model.id)),
        }),
      ),
    );
    this.bin.hidden = binned.length === 0;
    setText(this.binCount, `Bin (${binned.length})`);
    this.binned.replaceChildren(...binned.map(binnedRow));
    if (held) this.#holdAgain(held);
    if (asked !== null) this.list.querySelector(`[data-model-id="${CSS.escape(asked)}"]`)?.scrollIntoView({ block: "nearest" });
  }

  /** Where the keyboard is, if it is at a model: a list that is drawn anew loses it. */
  #held() {
    const at = document.activeElement;
    const entry = at?.closest("[data-model-id]");
    if (!(at instanceof HTMLElement) || !(entry instanceof HTMLElement) || !entry.parentElement || !this.root.contains(entry)) return null;
    return { id: entry.dataset.modelId ?? "", list: entry.parentElement, row: [...entry.parentElement.children].indexOf(entry), button: buttonsOf(entry).indexOf(at) };
  }

  /** Back to the same button of the same model, else of the one that has taken its place. @param {{id: string, list: HTMLElement, row: number, button: number}} held */
  #holdAgain({ id, list, row, button }) {
    const same = `[data-model-id="${CSS.escape(id)}"]`;
    const lists = list.childElementCount > 0 ? list : this.list;
    const entry = this.root.querySelector(`${same}.st-model`) ?? list.querySelector(same) ?? lists.children[Math.min(row, lists.childElementCount - 1)];
    const all = buttonsOf(entry ?? this.message);
    (all[button] ?? all[0])?.focus({ preventScroll: true });
  }

  /** @param {HTMLElement} message instead of everything else */
  #say(message) {
    this.#drawn = "";
    this.head.hidden = this.list.hidden = this.bin.hidden = true;
    this.message.replaceChildren(message);
    this.root.dataset.ready = "true";
  }
}

/** @param {Element} entry @returns {HTMLElement[]} what of it can have the focus, the items of its menu left out */
function buttonsOf(entry) {
  return [...entry.querySelectorAll("button:not([role=menuitem]), summary")].filter((node) => node instanceof HTMLElement);
}

function noModel() {
  return emptyState(
    { symbol: "spark", title: "No model yet", text: "Each training that finishes leaves one here. You can also drop a model from another workspace: its folder, or its zip." },
    wordButton("Go to Train", () => studio.navigate("train"), { primary: true }),
    wordButton("Import a model", () => openModelImport(), { symbol: "upload" }),
  );
}

/** @param {ModelEntry} model */
function binnedRow(model) {
  return html(
    "li",
    { "data-model-id": model.id },
    html("span", { class: "st-name", title: model.name, dir: "auto" }, model.name),
    html("span", { class: "st-note" }, model.deleted ? `deleted ${dateWords(model.deleted)}` : ""),
    html("button", { type: "button", class: "st-button st-small", "aria-label": `Put ${model.name} back`, onclick: () => putBack(model) }, "Put back"),
  );
}
