// @ts-check
/** The page's head: the name of the program, the open project, and the way from one screen to another. */

import { api } from "./api.js";
import { html, svg } from "./elements.js";
import { mountOnce } from "./lifecycle.js";
import { studio } from "./store.js";

/** @typedef {{id: number, name: string, images: number, labelled: number, empty: number}} ProjectRow */

const MARK = "M4 9V5.5A1.5 1.5 0 0 1 5.5 4H9M15 4h3.5A1.5 1.5 0 0 1 20 5.5V9M20 15v3.5a1.5 1.5 0 0 1-1.5 1.5H15M9 20H5.5A1.5 1.5 0 0 1 4 18.5V15";

/** @param {string} screen */
function showScreen(screen) {
  // Gradio gives the button of a tab the tab's element id with "-button" behind it.
  document.getElementById(`tab-${screen}-button`)?.click();
}

/** @param {ProjectRow} project */
function summaryOf(project) {
  const checked = project.labelled + project.empty;
  const photographs = project.images === 1 ? "1 image" : `${project.images} images`;
  return project.images === 0 ? "no images yet" : `${photographs}, ${checked} labelled`;
}

/**
 * Build the head of the page.
 * @param {HTMLElement} root
 */
export function mount(root) {
  return mountOnce(root, (element, life) => {
    const select = html("select", { id: "project-select", "aria-label": "Project", onchange: choose });
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

    /** @type {ProjectRow[]} */
    let rows = [];

    function show() {
      const options = rows.map((project) => html("option", { value: project.id }, project.name));
      if (studio.project === null) options.unshift(html("option", { value: "" }, rows.length ? "Choose a project" : "No project yet"));
      select.replaceChildren(...options);
      select.value = studio.project === null ? "" : String(studio.project);
      select.disabled = rows.length === 0;
      const open = rows.find((project) => project.id === studio.project);
      facts.textContent = open ? summaryOf(open) : "";
    }

    let reading = 0;
    async function read() {
      const mine = (reading += 1);
      try {
        const answer = await api("GET", "projects");
        if (mine !== reading) return;
        rows = answer;
        if (!rows.some((project) => project.id === studio.project)) studio.setProject(null);
        show();
      } catch {
        facts.textContent = "The server does not answer";
      }
    }

    life.listen(studio, "project", () => {
      show();
      read();
    });
    life.listen(studio, "changed", read);
    life.listen(studio, "image", () => showScreen("label"));
    life.listen(studio, "navigate", (event) => showScreen(event.detail));
    // The import form lives in Python and knows no modules.
    life.listen(window, "studio:changed", () => studio.changed("images"));
    read();
    return { read };
  });
}
