// @ts-check
/** What is probably wrong with a project's labels, each with the images to open. */

import { grouped } from "./count_words.js";
import { html } from "./elements.js";
import { icon } from "./icons.js";
import { studio } from "./store.js";

/** @typedef {{kind: string, problem: string, remedy: string, count: number, images: {id: number, name: string, detail: string}[]}} FaultRecord */

/**
 * Make the list, or the good news that there is none.
 * @param {FaultRecord[]} faults the worst first
 * @returns {HTMLElement}
 */
export function faultList(faults) {
  if (faults.length === 0) return html("p", { class: "st-no-faults" }, icon("check"), html("span", {}, "Nothing found: no doubles, no leaks, no boxes out of place."));
  return html("ul", { class: "st-faults" }, ...faults.map(faultRow));
}

/** @param {FaultRecord} fault */
function faultRow({ kind, problem, remedy, count, images }) {
  const head = [icon("warning"), html("span", { class: "st-fault-words", dir: "auto" }, html("strong", {}, problem), html("span", { class: "st-note" }, remedy))];
  if (images.length === 0) return html("li", { class: "st-fault", "data-kind": kind }, html("div", { class: "st-fault-head" }, ...head));
  const rest = count - images.length;
  return html(
    "li",
    { class: "st-fault", "data-kind": kind },
    html(
      "details",
      {},
      html("summary", { class: "st-fault-head" }, ...head, html("span", { class: "st-badge" }, grouped(count))),
      html(
        "ul",
        { class: "st-fault-images" },
        ...images.map(({ id, name, detail }) =>
          html(
            "li",
            {},
            html("button", { type: "button", class: "st-link", onclick: () => studio.openImage(id) }, html("bdi", {}, name)),
            detail ? html("span", { class: "st-note", dir: "auto" }, detail) : null,
          ),
        ),
        rest > 0 ? html("li", { class: "st-note" }, `and ${grouped(rest)} more`) : null,
      ),
    ),
  );
}
