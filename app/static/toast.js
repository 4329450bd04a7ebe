// @ts-check
/** Short messages at the foot of the page that announce themselves and leave by themselves. */

import { html } from "./elements.js";
import { icon } from "./icons.js";

const SECONDS = 6;

/** @returns {HTMLElement} the page's one list of messages */
function shelf() {
  const found = document.querySelector(".st-toasts");
  if (found instanceof HTMLElement) return found;
  const made = html("div", { class: "st-toasts studio", role: "status", "aria-live": "polite" });
  document.body.append(made);
  return made;
}

/**
 * Show a message; give back a function that takes it away. One that says the same as another takes its place.
 * @param {string} message
 * @param {{kind?: "note" | "error", action?: {label: string, run: () => void}, seconds?: number}} [options]
 * @returns {() => void}
 */
export function toast(message, { kind = "note", action, seconds = kind === "error" ? 2 * SECONDS : SECONDS } = {}) {
  const dismiss = () => node.remove();
  const act = () => {
    dismiss();
    action?.run();
  };
  const node = html(
    "div",
    { class: `st-toast st-toast-${kind}` },
    kind === "error" && icon("warning"),
    html("span", {}, message),
    action && html("button", { type: "button", class: "st-button st-small", onclick: act }, action.label),
    html("button", { type: "button", class: "st-icon-button", "aria-label": "Dismiss", onclick: dismiss }, icon("close")),
  );
  const same = [...shelf().children].find((one) => one.className === node.className && one.querySelector("span")?.textContent === message);
  same?.remove();
  shelf().append(node);
  if (Number.isFinite(seconds)) setTimeout(dismiss, seconds * 1000);
  return dismiss;
}
