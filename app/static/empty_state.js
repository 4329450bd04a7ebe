// @ts-check
/** A screen that has nothing to show yet: what is missing, and the button that helps. */

import { wordButton } from "./buttons.js";
import { html } from "./elements.js";
import { icon } from "./icons.js";
import { studio } from "./store.js";

/**
 * Make the message.
 * @param {{symbol: string, title: string, text?: string}} words
 * @param {...HTMLElement} actions
 */
export function emptyState({ symbol, title, text }, ...actions) {
  return html(
    "div",
    { class: "st-empty-state" },
    html("div", { class: "st-empty-icon" }, icon(symbol)),
    html("h2", {}, title),
    text ? html("p", {}, text) : null,
    actions.length > 0 && html("div", { class: "st-actions" }, ...actions),
  );
}

/** The message of every screen when no project is open. */
export function noProject() {
  return emptyState(
    { symbol: "project", title: "No project is open", text: "Choose one on the Home screen, or try the sample there." },
    wordButton("Go to Home", () => studio.navigate("home"), { primary: true }),
  );
}

/**
 * The message of a screen whose data did not come.
 * @param {string} message
 * @param {() => void} retry
 */
export function failureState(message, retry) {
  return emptyState({ symbol: "warning", title: "This did not load", text: message }, wordButton("Try again", retry, { primary: true }));
}
