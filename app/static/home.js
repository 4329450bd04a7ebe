// @ts-check
/** The Home screen: try the sample, begin a project, or go on with one. */

import { api, messageOf } from "./api.js";
import { wordButton } from "./buttons.js";
import { html, setText } from "./elements.js";
import { failureState } from "./empty_state.js";
import { icon } from "./icons.js";
import { mountOnce } from "./lifecycle.js";
import { pictureUrl } from "./pictures.js";
import { loadSample } from "./sample.js";
import { studio } from "./store.js";

/** @typedef {import("./records.js").ProjectRecord} ProjectRecord */

/** Pictures on a project's card. */
const PICTURES = 4;
/** Projects whose cards show pictures; each asks the server once. */
const WITH_PICTURES = 24;

/**
 * Build the Home screen in an element.
 * @param {HTMLElement} root
 */
export function mount(root) {
  return mountOnce(root, (element, life) => new Home(element, life));
}

/**
 * What a project's card says below its name.
 * @param {ProjectRecord} project
 * @returns {string}
 */
export function projectFacts({ images, labelled, empty, classes }) {
  if (images === 0) return "No photographs yet";
  const photographs = images === 1 ? "1 image" : `${images} images`;
  const kinds = classes === 1 ? "1 class" : `${classes} classes`;
  return `${photographs}, ${labelled + empty} labelled, ${kinds}`;
}

class Home {
  #turn = 0;
  #stale = true;

  /**
   * @param {HTMLElement} root
   * @param {import("./lifecycle.js").Life} life
   */
  constructor(root, life) {
    this.root = root;
    this.life = life;
    this.projects = html("ul", { class: "st-projects" });
    this.heading = html("h3", {}, "Your projects");
    this.message = html("div", { class: "st-message" });
    root.classList.add("st-home");
    root.append(
      html(
        "div",
        { class: "st-welcome" },
        html("h2", {}, "Draw a few boxes, click Train, and watch your own detector work."),
        html("p", {}, "Everything happens on this machine."),
      ),
      html("div", { class: "st-starts" }, this.#sampleCard(), this.#newCard()),
      this.heading,
      this.message,
      this.projects,
    );
    life.listen(studio, "project", () => this.#becomeStale());
    life.listen(studio, "changed", () => this.#becomeStale());
    life.onShow(() => this.#stale && this.#load());
  }

  #becomeStale() {
    this.#stale = true;
    if (this.life.visible) this.#load();
  }

  #sampleCard() {
    const button = wordButton("Load the sample", () => loadSample(button), { primary: true });
    return html(
      "section",
      { class: "st-start" },
      html("div", { class: "st-start-icon" }, icon("spark")),
      html("h3", {}, "Try the sample"),
      html("p", { class: "st-note" }, "80 pictures of nuts, bolts and washers, 60 of them labelled: ready to train."),
      button,
    );
  }

  #newCard() {
    const field = html("input", {
      type: "text",
      class: "st-input",
      maxlength: 200,
      autocomplete: "off",
      placeholder: "Name of the project",
      "aria-label": "Name of the project",
    });
    const problem = html("p", { class: "st-problem", role: "alert" });
    const create = html("button", { type: "submit", class: "st-button" }, "Create");
    const form = html("form", { class: "st-new-project" }, html("div", { class: "st-joined" }, field, create), problem);
    field.addEventListener("input", () => setText(problem, ""));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const name = field.value.trim();
      if (name === "") return setText(problem, "Type a name for the project.");
      create.disabled = true;
      try {
        const project = await api("POST", "projects", { name });
        field.value = "";
        studio.changed("projects");
        this.#open(project.id);
      } catch (error) {
        setText(problem, messageOf(error));
      } finally {
        create.disabled = false;
      }
    });
    return html(
      "section",
      { class: "st-start" },
      html("div", { class: "st-start-icon" }, icon("add")),
      html("h3", {}, "New project"),
      html("p", { class: "st-note" }, "For your own photographs: twenty of them are enough for a first model."),
      form,
    );
  }

  /** @param {number} id */
  #open(id) {
    studio.setProject(id);
    studio.navigate("images");
  }

  async #load() {
    const turn = ++this.#turn;
    this.#stale = false;
    try {
      /** @type {ProjectRecord[]} */
      const projects = await api("GET", "projects");
      if (turn !== this.#turn) return;
      this.message.replaceChildren();
      this.heading.hidden = projects.length === 0;
      const cards = projects.map((project) => this.#card(project));
      this.projects.replaceChildren(...cards.map(({ card }) => card));
      for (const { project, strip } of cards.slice(0, WITH_PICTURES)) if (project.images > 0) this.#fill(strip, project.id, turn);
      this.root.dataset.ready = "true";
    } catch (error) {
      if (turn !== this.#turn) return;
      this.projects.replaceChildren();
      this.message.replaceChildren(failureState(messageOf(error), () => this.#load()));
    }
  }

  /** @param {ProjectRecord} project */
  #card(project) {
    const { id, name, images, labelled, empty } = project;
    const strip = html("div", { class: "st-strip" }, images === 0 ? icon("photo") : null);
    const done = html("span", { class: "st-meter-fill" });
    done.style.width = `${images === 0 ? 0 : (100 * (labelled + empty)) / images}%`;
    const current = id === studio.project;
    const card = html(
      "li",
      {},
      html(
        "button",
        { type: "button", class: "st-project", "data-project-id": id, "aria-current": current ? "true" : null, onclick: () => this.#open(id) },
        strip,
        html("span", { class: "st-project-name", title: name }, name),
        html("span", { class: "st-note" }, projectFacts(project)),
        html("span", { class: "st-meter", "aria-hidden": "true" }, done),
      ),
    );
    return { card, strip, project };
  }

  /** @param {HTMLElement} strip @param {number} projectId @param {number} turn */
  async #fill(strip, projectId, turn) {
    const page = await api("GET", `projects/${projectId}/images?limit=${PICTURES}`).catch(() => null);
    if (!page || turn !== this.#turn) return;
    const pictures = page.images.map((/** @type {import("./records.js").ImageRecord} */ image) =>
      html("img", { src: pictureUrl(image, "thumbnail"), alt: "", loading: "lazy" }),
    );
    strip.replaceChildren(...pictures);
  }
}
