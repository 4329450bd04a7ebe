// @ts-check
/** The page's head: the name of the program, the open project, and the way from one screen to another. */

import { api } from "./api.js";
import { browserStorage } from "./browser_storage.js";
import { counted, grouped } from "./count_words.js";
import { html, svg } from "./elements.js";
import { noteUse } from "./last_used.js";
import { mountOnce } from "./lifecycle.js";
import { catchDrops } from "./page_drops.js";
import { retitled } from "./page_title.js";
import { keepAddress } from "./screen_address.js";
import { studio } from "./store.js";

/** @typedef {import("./records.js").ProjectRecord} ProjectRecord */

const MARK = "M4 9V5.5A1.5 1.5 0 0 1 5.5 4H9M15 4h3.5A1.5 1.5 0 0 1 20 5.5V9M20 15v3.5a1.5 1.5 0 0 1-1.5 1.5H15M9 20H5.5A1.5 1.5 0 0 1 4 18.5V15";

/** @param {string} screen */
function showScreen(screen) {
  // Gradio gives the button of a tab the tab's element id with "-button" behind it.
  (document.getElementById(`tab-${screen}-button`) ?? tucked(screen))?.click();
}

/** The button of a tab that found no room: Gradio puts it into a menu, without its id. @param {string} screen */
function tucked(screen) {
  const all = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("#studio-tabs .overflow-dropdown button"));
  return [...all].find((button) => button.textContent?.trim().toLowerCase() === screen);
}

/**
 * What the head says of the open project.
 * @param {Pick<ProjectRecord, "images" | "labelled" | "empty">} project
 * @returns {string}
 */
export function summaryOf({ images, labelled, empty }) {
  return images === 0 ? "no images yet" : `${counted(images, "image")}, ${grouped(labelled + empty)} labelled`;
}

/**
 * The projects to choose from: those in the archive are left out, unless one of them is open.
 * @template {Pick<ProjectRecord, "id" | "archived">} T
 * @param {readonly T[]} projects
 * @param {number | null} open
 * @returns {T[]}
 */
export function offered(projects, open) {
  return projects.filter(({ id, archived }) => !archived || id === open);
}

/**
 * Build the head of the page.
 * @param {HTMLElement} root
 */
export function mount(root) {
  return mountOnce(root, (element, life) => {
    const select = html("select", { id: "project-select", "aria-label": "Project", dir: "auto", onchange: choose });
    const facts = html("span", { class: "st-header-facts" });
    element.append(
      html(
        "a",
        { class: "st-header-name", href: "#", onclick: goHome, "aria-label": "SSD Studio, home" },
        svg("svg", { viewBox: "0 0 24 24", width: 24, height: 24, "aria-hidden": "true" }, svg("path", { d: MARK }), svg("circle", { cx: 12, cy: 12, r: 2.6 })),
        html("span", {}, "SSD Studio"),
      ),
      html("div", { class: "st-header-project" }, select, facts),
    );

    /** @param {Event} event */
    function goHome(event) {
      event.preventDefault();
      showScreen("home");
    }

    function choose() {
      studio.setProject(select.value === "" ? null : Number(select.value));
    }

    /** @type {ProjectRecord[]} */
    let rows = [];

    function show() {
      const open = rows.find((project) => project.id === studio.project);
      const options = offered(rows, studio.project).map(({ id, name, archived }) =>
        html("option", { value: id, dir: "auto" }, archived ? `${name} (archived)` : name),
      );
      if (studio.project === null) options.unshift(html("option", { value: "" }, options.length > 0 ? "Choose a project" : "No project yet"));
      select.replaceChildren(...options);
      select.value = studio.project === null ? "" : String(studio.project);
      select.title = open?.name ?? "";
      select.disabled = rows.length === 0;
      facts.textContent = open ? summaryOf(open) : "";
      document.title = retitled(document.title, open ? `${open.name} – SSD Studio` : "SSD Studio");
    }

    let drawn = "";
    let reading = 0;
    let first = true;
    async function read() {
      const mine = (reading += 1);
      try {
        const answer = await api("GET", "projects");
        if (mine !== reading) return;
        const state = JSON.stringify(answer);
        rows = answer;
        const [only, ...others] = offered(rows, null);
        // Where there is nothing to choose nobody has to; but a project that was taken away is not replaced unasked.
        if (first && studio.project === null && only && others.length === 0) studio.setProject(only.id);
        first = false;
        if (!rows.some((project) => project.id === studio.project)) studio.setProject(null);
        if (state === drawn) return; // a list that is open stays open
        drawn = state;
        show();
      } catch {
        drawn = "";
        facts.textContent = "The server does not answer";
      }
    }

    const note = () => studio.project !== null && noteUse(browserStorage(), studio.project, Date.now());
    note();
    life.listen(studio, "project", () => {
      note();
      show();
      read();
    });
    life.listen(studio, "changed", read);
    // Another tab, or another program, may have changed the projects.
    life.listen(window, "focus", read);
    life.listen(studio, "image", () => showScreen("label"));
    life.listen(studio, "model", (event) => showScreen(event.detail.screen));
    life.listen(studio, "navigate", (event) => showScreen(event.detail));
    catchDrops(life);
    keepAddress(life, showScreen);
    read();
    return { read };
  });
}
