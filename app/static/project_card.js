// @ts-check
/** A project on the Home screen: its first pictures, what it holds, what comes next, and its menu. */

import { api } from "./api.js";
import { html } from "./elements.js";
import { icon } from "./icons.js";
import { pictureUrl } from "./pictures.js";
import { projectMenu } from "./project_menu.js";
import { nextStep, projectFacts } from "./project_words.js";

/** @typedef {import("./records.js").ProjectRecord} ProjectRecord */

/** Pictures on a card. */
const PICTURES = 4;

/** @type {Map<number, {state: string, urls: string[]}>} the pictures of cards drawn before, by project */
const known = new Map();

/**
 * Make the card.
 * @param {ProjectRecord} project
 * @param {{current: boolean, pictured: boolean, onOpen: () => void}} options `pictured` asks the server for pictures
 * @returns {HTMLLIElement}
 */
export function projectCard(project, { current, pictured, onOpen }) {
  const { id, name, images, labelled, empty } = project;
  const strip = html("div", { class: "st-project-strip" }, icon(images === 0 ? "photo" : "project"));
  const done = html("span", { class: "st-meter-fill" });
  done.style.width = `${images === 0 ? 0 : (100 * (labelled + empty)) / images}%`;
  if (pictured && images > 0) fill(strip, project);
  return html(
    "li",
    { class: "st-project-card", "data-project-id": id },
    html(
      "button",
      { type: "button", class: "st-project", "data-project-id": id, "aria-current": current ? "true" : null, onclick: onOpen },
      strip,
      html("bdi", { class: "st-project-name", title: name }, name),
      html("span", { class: "st-note" }, projectFacts(project)),
      html("span", { class: "st-next-step" }, nextStep(project)),
      html("span", { class: "st-meter", "aria-hidden": "true" }, done),
    ),
    projectMenu(project, onOpen),
  );
}

/** @param {HTMLElement} strip @param {ProjectRecord} project */
async function fill(strip, { id, images, updated }) {
  const state = `${images} ${updated}`;
  let pictures = known.get(id);
  if (pictures?.state !== state) {
    const page = await api("GET", `projects/${id}/images?limit=${PICTURES}`).catch(() => null);
    if (!page) return; // the strip keeps its symbol
    pictures = { state, urls: page.images.map((/** @type {import("./records.js").ImageRecord} */ image) => pictureUrl(image, "thumbnail")) };
    known.set(id, pictures);
  }
  strip.replaceChildren(...pictures.urls.map((src) => html("img", { src, alt: "", loading: "lazy", draggable: "false" })));
}
