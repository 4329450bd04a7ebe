// @ts-check
/** The dialog that shows every key of the Label screen and lets a person change them. */

import { wordButton } from "./buttons.js";
import { openDialog } from "./dialog.js";
import { BINDINGS, chordsOf, chordWords } from "./editor_keys.js";
import { html, setAttributes, setText } from "./elements.js";

/** @typedef {import("./editor_keys.js").Binding} Binding */

/** What the pointer does; it cannot be changed. */
const POINTER = /** @type {const} */ ([
  ["Drag", "Draw a box"],
  ["Click, click", "Draw a box from corner to corner"],
  ["Shift drag", "Draw inside the selected box"],
  ["Click a box", "Select it; again for the one below"],
  ["Click a suggestion", "Accept it; then it can be put right"],
  ["Tap a suggestion", "Choose: accept or reject it"],
  ["Wheel", "Zoom about the pointer; Shift and wheel moves sideways"],
  ["Space drag, middle drag", "Move the photograph"],
  ["One finger, two fingers", "Draw; zoom and move"],
]);

/**
 * Open the dialog.
 * @param {import("./key_map.js").KeyMap} keys
 */
export function openKeyHelp(keys) {
  const content = html("div", { class: "st-key-groups" });
  const said = html("p", { class: "st-key-said", role: "status", "aria-live": "polite" });
  const reset = wordButton("Reset all keys", () => {
    keys.reset();
    draw(BINDINGS[0]); // the button goes dead under the focus
    setText(said, "All keys are as they came.");
  }, { small: true });
  const intro = html("p", { class: "st-note" }, "Click a key to change it; this browser remembers it.");
  openDialog({ title: "Keys", body: [html("div", { class: "st-key-head" }, intro, reset), said, content], wide: true });
  draw();

  /** @param {Binding} [focused] whose key gets the focus */
  function draw(focused) {
    const groups = [...new Set(BINDINGS.map(({ group }) => group))];
    content.replaceChildren(...groups.map(groupNode), pointerNode());
    reset.disabled = !keys.anyChanged;
    if (focused) /** @type {HTMLElement | null} */ (content.querySelector(`[data-binding="${CSS.escape(focused.id)}"]`))?.focus();
  }

  /** @param {string} group */
  function groupNode(group) {
    const own = BINDINGS.filter((binding) => binding.group === group);
    const rows = [...new Set(own.map(({ row, id }) => row ?? id))];
    return html(
      "section",
      { class: "st-key-group" },
      html("h3", {}, group),
      html("dl", { class: "st-key-list" }, ...rows.flatMap((row) => rowNodes(own.filter((one) => (one.row ?? one.id) === row)))),
    );
  }

  /** @param {Binding[]} bindings */
  function rowNodes(bindings) {
    const [{ row, title }] = bindings;
    return [html("dt", {}, row ?? title), html("dd", { class: "st-key-slots" }, ...bindings.map(chip))];
  }

  /** @param {Binding} binding */
  function chip(binding) {
    const chords = keys.keysOf(binding);
    const words = chords.length > 0 ? chords.map(chordWords).join(" or ") : "none";
    const name = `${binding.title}: ${words}`;
    if (binding.fixed) return html("kbd", { class: "st-key-chip st-fixed", title: "This key cannot be changed" }, words);
    const button = html(
      "button",
      {
        type: "button",
        class: keys.isChanged(binding) ? "st-key-chip changed" : "st-key-chip",
        "data-binding": binding.id,
        "aria-label": name,
        title: binding.title,
        onclick: () => listen(binding, button),
      },
      chords.length > 0 ? chords.map(chordWords).join("  or  ") : "none",
    );
    return button;
  }

  /** Wait for the key that a binding shall have. @param {Binding} binding @param {HTMLButtonElement} button */
  function listen(binding, button) {
    setText(button, "Press a key…");
    setAttributes(button, { class: "st-key-chip listening" });
    setText(said, `${binding.title}: press the new key. Esc keeps the old one.`);
    const stop = () => {
      button.removeEventListener("keydown", take);
      button.removeEventListener("blur", leave);
    };
    const leave = () => {
      stop();
      setText(said, "");
      draw();
    };
    /** @param {KeyboardEvent} event */
    const take = (event) => {
      if (event.key === "Tab" && !event.ctrlKey && !event.altKey) return; // leaves the field, and so gives up
      event.preventDefault();
      event.stopPropagation();
      const [chord] = event.key === " " ? [] : chordsOf(event);
      if (event.key === "Escape") {
        stop();
        setText(said, "");
        return draw(binding);
      }
      if (event.key === " ") return setText(said, "Space moves the photograph and cannot be taken.");
      if (chord === undefined || event.repeat) return;
      stop();
      propose(binding, chord);
    };
    button.addEventListener("keydown", take);
    button.addEventListener("blur", leave);
  }

  /** @param {Binding} binding @param {string} chord */
  function propose(binding, chord) {
    const other = keys.conflict(binding, chord);
    const words = chordWords(chord);
    if (!other) {
      keys.assign(binding, chord);
      draw(binding);
      return setText(said, `${binding.title}: ${words}.`);
    }
    draw(binding);
    if (other.fixed) return setText(said, `${words} belongs to “${other.title}” and cannot be taken.`);
    const take = wordButton("Take it", () => {
      keys.assign(binding, chord);
      draw(binding);
      setText(said, `${binding.title}: ${words}. “${other.title}” has ${keys.keysOf(other).length > 0 ? "its other key left" : "no key now"}.`);
    }, { small: true, primary: true });
    const keep = wordButton("Leave it", () => {
      setText(said, "");
      draw(binding);
    }, { small: true });
    said.replaceChildren(html("span", {}, `${words} is the key of “${other.title}”.`), take, keep);
    take.focus();
  }
}

function pointerNode() {
  return html(
    "section",
    { class: "st-key-group" },
    html("h3", {}, "Mouse and fingers"),
    html(
      "dl",
      { class: "st-key-list" },
      ...POINTER.flatMap(([gesture, what]) => [html("dt", {}, what), html("dd", { class: "st-key-slots" }, html("span", { class: "st-gesture" }, gesture))]),
    ),
  );
}
