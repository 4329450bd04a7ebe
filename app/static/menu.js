// @ts-check
/** A button that opens a short list of actions; arrow keys walk through it, Escape and a press elsewhere close it. */

import { iconButton } from "./buttons.js";
import { html } from "./elements.js";
import { icon } from "./icons.js";

/** @typedef {{label: string, note?: string, symbol?: string, danger?: boolean, run: () => void}} MenuItem */

/** Pixels between the button and its menu, and between the menu and the window's edge. */
const GAP = 4;
const EDGE = 8;

/**
 * A small button of three dots with a menu.
 * @param {string} label the button's name
 * @param {() => MenuItem[]} items asked for each time it opens
 */
export function menuButton(label, items) {
  const button = iconButton("more", label, () => {});
  return { node: attachMenu(button, items), button };
}

/**
 * Give a button a menu.
 * @param {HTMLButtonElement} button
 * @param {() => MenuItem[]} items asked for each time it opens
 * @returns {HTMLElement} holds the button and its menu
 */
export function attachMenu(button, items) {
  // A popover lies above everything, so that no frame that scrolls cuts it off.
  const list = html("div", { class: "st-menu", role: "menu", popover: "auto", onkeydown: walk });
  const node = html("div", { class: "st-menu-holder" }, button, list);
  let pressedOpen = false;
  button.setAttribute("aria-haspopup", "menu");
  button.setAttribute("aria-expanded", "false");
  // The press that closes an open menu must not open it again.
  button.addEventListener("pointerdown", () => (pressedOpen = list.matches(":popover-open")));
  button.addEventListener("click", () => {
    if (!pressedOpen) open();
    pressedOpen = false;
  });
  list.addEventListener("toggle", (event) => {
    const opened = /** @type {ToggleEvent} */ (event).newState === "open";
    button.setAttribute("aria-expanded", String(opened));
  });

  function open() {
    if (list.matches(":popover-open")) return;
    list.replaceChildren(...items().map(entry));
    list.showPopover();
    place();
    /** @type {HTMLElement | null} */ (list.firstElementChild)?.focus();
  }

  function place() {
    const from = button.getBoundingClientRect();
    const { width, height } = list.getBoundingClientRect();
    const { clientWidth, clientHeight } = document.documentElement;
    const below = from.bottom + GAP;
    const top = below + height > clientHeight - EDGE && from.top - GAP - height > EDGE ? from.top - GAP - height : below;
    const left = from.left + width > clientWidth - EDGE ? from.right - width : from.left;
    list.style.top = `${top}px`;
    list.style.left = `${Math.max(EDGE, left)}px`;
  }

  /** @param {MenuItem} item */
  function entry({ label, note, symbol, danger, run }) {
    const act = () => {
      list.hidePopover();
      button.focus();
      run();
    };
    return html(
      "button",
      { type: "button", role: "menuitem", tabindex: -1, class: danger ? "st-menu-item st-danger" : "st-menu-item", onclick: act },
      symbol ? icon(symbol) : null,
      html("span", {}, html("span", {}, label), note ? html("span", { class: "st-menu-note" }, note) : null),
    );
  }

  /** @param {KeyboardEvent} event */
  function walk(event) {
    const all = /** @type {HTMLElement[]} */ ([...list.children]);
    const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const goal = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    event.stopPropagation();
    if (event.key === "Tab") list.hidePopover();
    if (event.key === "Escape") {
      list.hidePopover();
      button.focus();
    }
    if (goal === undefined && event.key !== "Escape") return;
    event.preventDefault();
    if (goal !== undefined) all[(goal + all.length) % all.length].focus();
  }
  return node;
}
