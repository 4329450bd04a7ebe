// @ts-check
/** A slider with its value beside it and, where one is known, a mark at the suggested value. */

import { html, setText } from "./elements.js";

/** Half a thumb: a range's ends lie this far inside its box. */
const THUMB = 8;
let made = 0;

/**
 * Make a slider.
 * @param {object} options
 * @param {string} options.name
 * @param {number} options.min
 * @param {number} options.max
 * @param {number} options.value
 * @param {() => void} options.onInput
 * @param {string} [options.hint]
 * @param {string} [options.spoken] its whole name, where the one shown is short
 * @param {Node} [options.before] stands before the name
 * @param {Node} [options.after] stands behind the value
 */
export function slider({ name, min, max, value, onInput, hint, spoken, before, after }) {
  const id = `st-live-slider-${(made += 1)}`;
  const described = hint ? `${id}-hint` : null;
  const input = html("input", { type: "range", class: "st-range", id, min, max, step: 0.01, value, "aria-describedby": described, "aria-label": spoken });
  const read = html("output", { for: id, class: "st-read-out" });
  const mark = html("span", { class: "st-slider-mark", hidden: true });
  const share = (/** @type {number} */ at) => (at - min) / (max - min);
  const show = () => {
    setText(read, input.valueAsNumber.toFixed(2));
    input.style.setProperty("--st-share", `${100 * share(input.valueAsNumber)}%`);
  };
  input.addEventListener("input", () => {
    show();
    onInput();
  });
  show();
  const label = html("label", { for: id, class: "st-name", title: name }, name);
  const node = html(
    "div",
    { class: "st-slider" },
    html("div", { class: "st-slider-head" }, before, label, read, after),
    hint && html("p", { class: "st-slider-hint", id: described }, hint),
    html("div", { class: "st-slider-track" }, input, mark),
  );
  return {
    node,
    input,
    get value() {
      return input.valueAsNumber;
    },
    /** @param {number} value */
    set(value) {
      input.valueAsNumber = value;
      show();
    },
    /** @param {number | null} suggested */
    suggest(suggested) {
      mark.hidden = suggested === null;
      if (suggested === null) return;
      const at = Math.min(1, Math.max(0, share(suggested)));
      mark.style.left = `calc(${THUMB}px + ${at} * (100% - ${2 * THUMB}px))`;
      mark.title = `Suggested: ${suggested.toFixed(2)}`;
    },
  };
}
