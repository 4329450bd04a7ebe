// @ts-check
/** The Home screen: try the sample, begin a project, bring a data set along, or go on with one. */

import { api, messageOf } from "./api.js";
import { browserStorage } from "./browser_storage.js";
import { wordButton } from "./buttons.js";
import { html, setText } from "./elements.js";
import { emptyState, failureState } from "./empty_state.js";
import { icon } from "./icons.js";
import { openImport } from "./import_dialog.js";
import { lastUsed } from "./last_used.js";
import { mountOnce } from "./lifecycle.js";
import { newProjectForm } from "./new_project.js";
import { projectCard } from "./project_card.js";
import { found, latestFirst, MANY_PROJECTS } from "./project_words.js";
import { RetrainOffer } from "./retrain_offer.js";
import { loadSample } from "./sample.js";
import { studio } from "./store.js";

/** @typedef {import("./records.js").ProjectRecord} ProjectRecord */

/** Projects whose cards show pictures; each asks the server once. */
const WITH_PICTURES = 24;

/**
 * Build the Home screen in an element.
 * @param {HTMLElement} root
 */
export function mount(root) {
  return mountOnce(root, (element, life) => new Home(element, life));
}

class Home {
  #turn = 0;
  #drawn = "";
  /** @type {ProjectRecord[]} */
  #projects = [];

  /**
   * @param {HTMLElement} root
   * @param {import("./lifecycle.js").Life} life
   */
  constructor(root, life) {
    this.root = root;
    this.message = html("div", { class: "st-message" });
    this.search = html("input", {
      type: "search",
      class: "st-input st-project-search",
      placeholder: "Find a project",
      "aria-label": "Find a project",
      autocomplete: "off",
      hidden: true,
      oninput: () => this.#draw(),
    });
    this.heading = html("div", { class: "st-projects-head", hidden: true }, html("h3", {}, "Your projects"), this.search);
    this.projects = html("ul", { class: "st-projects", "aria-label": "Projects" });
    this.archivedCount = html("summary", {});
    this.archived = html("ul", { class: "st-projects", "aria-label": "Archived projects" });
    this.archive = html("details", { class: "st-archive", hidden: true }, this.archivedCount, this.archived);
    root.classList.add("st-home");
    root.append(
      html(
        "div",
        { class: "st-welcome" },
        html("h2", {}, "Draw a few boxes, click Train, and watch your own detector work."),
        html("p", {}, "Everything happens on this machine."),
      ),
      new RetrainOffer(life).node,
      html("div", { class: "st-starts" }, this.#sampleCard(), this.#newCard(), this.#importCard()),
      this.heading,
      this.message,
      this.projects,
      this.archive,
    );
    const becomeStale = life.keepFresh(() => this.#load());
    life.listen(studio, "project", becomeStale);
    life.listen(studio, "changed", becomeStale);
    // Another tab, or another program, may have changed what is shown.
    life.listen(window, "focus", becomeStale);
  }

  #sampleCard() {
    const button = wordButton("Load the sample", () => loadSample(button), { primary: true });
    const words = "80 pictures of nuts, bolts and washers, 60 of them labelled: ready to train.";
    return startCard("spark", "Try the sample", words, button);
  }

  #newCard() {
    const form = newProjectForm((id) => {
      studio.changed("projects");
      this.#open(id);
    });
    return startCard("add", "New project", "For your own photographs: twenty of them are enough for a first model.", form);
  }

  #importCard() {
    const button = wordButton("Import a data set", () => openImport(), { symbol: "upload" });
    const words = "Labelled already? Pascal VOC, COCO, YOLO and five more formats, from a folder or a zip.";
    return startCard("folder", "Import a data set", words, button);
  }

  /** @param {number} id */
  #open(id) {
    studio.setProject(id);
    studio.navigate("images");
  }

  async #load() {
    const turn = ++this.#turn;
    try {
      const projects = await api("GET", "projects");
      if (turn !== this.#turn) return;
      this.#projects = projects;
      this.#draw();
      this.root.dataset.ready = "true";
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#drawn = "";
      for (const node of [this.heading, this.archive, this.projects]) node.hidden = true;
      this.message.replaceChildren(failureState(messageOf(error), () => this.#load()));
    }
  }

  #draw() {
    const used = lastUsed(browserStorage());
    const all = latestFirst(this.#projects, used);
    const search = all.length > MANY_PROJECTS ? this.search.value : "";
    const state = JSON.stringify([all, search, studio.project]);
    if (state === this.#drawn) return;
    const menu = this.root.querySelector(".st-menu:popover-open");
    // It would go with its card, from under the hand of whoever opened it.
    if (menu) return menu.addEventListener("toggle", () => this.#draw(), { once: true });
    this.#drawn = state;
    const shown = found(all, search);
    const current = shown.filter(({ archived }) => !archived);
    const aside = shown.filter(({ archived }) => archived);
    this.heading.hidden = all.length === 0;
    this.search.hidden = all.length <= MANY_PROJECTS;
    this.projects.hidden = current.length === 0;
    this.projects.replaceChildren(...current.map((project, index) => this.#card(project, index)));
    this.archive.hidden = aside.length === 0;
    if (search.trim() !== "" && aside.length > 0) this.archive.open = true;
    setText(this.archivedCount, `Archived (${aside.length})`);
    this.archived.replaceChildren(...aside.map((project, index) => this.#card(project, index)));
    this.message.replaceChildren(...this.#remark(all, shown, current));
  }

  /** @param {ProjectRecord[]} all @param {ProjectRecord[]} shown @param {ProjectRecord[]} current */
  #remark(all, shown, current) {
    if (all.length === 0) {
      return [emptyState({ symbol: "project", title: "Your projects will stand here", text: "Each keeps its photographs, classes, boxes and models together. Begin with one of the three above." })];
    }
    if (shown.length === 0) return [html("p", { class: "st-note st-nothing" }, "No project is called that.")];
    if (current.length === 0) return [html("p", { class: "st-note st-nothing" }, "All of them are in the archive.")];
    return [];
  }

  /** @param {ProjectRecord} project @param {number} index */
  #card(project, index) {
    return projectCard(project, {
      current: project.id === studio.project,
      pictured: index < WITH_PICTURES,
      onOpen: () => this.#open(project.id),
    });
  }
}

/** @param {string} symbol @param {string} title @param {string} words @param {HTMLElement} action */
function startCard(symbol, title, words, action) {
  return html(
    "section",
    { class: "st-start" },
    html("div", { class: "st-start-icon" }, icon(symbol)),
    html("h3", {}, title),
    html("p", { class: "st-note" }, words),
    action,
  );
}
