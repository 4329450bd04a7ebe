// @ts-check
/** A swatch that opens the palette of class colours, with the browser's own colour field for any other. */

import { PALETTE } from "./class_colour.js";
import { html } from "./elements.js";

/**
 * Make the swatch.
 * @param {{colour: string, name: string, onChoose: (colour: string) => void}} options `name` of what has the colour
 * @returns {HTMLElement}
 */
export function colourChoice({ colour, name, onChoose }) {
  const choose = (/** @type {string} */ chosen) => {
    panel.hidePopover();
    if (chosen.toLowerCase() !== colour.toLowerCase()) onChoose(chosen);
  };
  const swatches = PALETTE.map((option) => {
    const here = option.toLowerCase() === colour.toLowerCase();
    const button = html("button", { type: "button", class: "st-palette-colour", "aria-label": option, "aria-pressed": String(here), title: option, onclick: () => choose(option) });
    button.style.backgroundColor = option;
    return button;
  });
  const field = html("input", { type: "color", value: colour.toLowerCase(), "aria-label": `Any colour for ${name}` });
  field.addEventListener("change", () => choose(field.value));
  const panel = html(
    "div",
    { class: "st-palette", popover: "auto", role: "group", "aria-label": `Colour of ${name}` },
    html("div", { class: "st-palette-colours" }, ...swatches),
    html("label", { class: "st-palette-other" }, field, html("span", {}, "Another colour")),
  );
  const button = html("button", { type: "button", class: "st-colour", "aria-label": `Colour of ${name}`, title: "Colour", onclick: open });
  button.style.backgroundColor = colour;
  button.popoverTargetElement = panel;

  function open() {
    // The browser opens the panel after this; it is placed once it has a size.
    requestAnimationFrame(() => {
      const { left, bottom, top } = button.getBoundingClientRect();
      const below = bottom + 4 + panel.offsetHeight < innerHeight;
      panel.style.left = `${Math.max(8, Math.min(left, innerWidth - panel.offsetWidth - 8))}px`;
      panel.style.top = `${below ? bottom + 4 : Math.max(8, top - 4 - panel.offsetHeight)}px`;
      /** @type {HTMLElement | null} */ (panel.querySelector("[aria-pressed=true]") ?? panel.querySelector("button"))?.focus();
    });
  }
  return html("span", { class: "st-colour-holder" }, button, panel);
}
