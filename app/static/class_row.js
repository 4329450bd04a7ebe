// @ts-check
/** One class in the class manager: its place, colour, name, boxes, and what can be done with it. */

import { iconButton, wordButton } from "./buttons.js";
import { namesake } from "./class_order.js";
import { colourChoice } from "./colour_choice.js";
import { counted, grouped } from "./count_words.js";
import { html } from "./elements.js";
import { menuButton } from "./menu.js";

/** @typedef {import("./records.js").ClassRecord} ClassRecord */
/**
 * @typedef {object} RowActions
 * @property {(change: {name?: string, colour?: string, archived?: boolean}) => Promise<ClassRecord | null>} change
 *   gives back the class that has the name already, or null when it is done
 * @property {(step: -1 | 1) => void} move
 * @property {(event: PointerEvent) => void} drag
 * @property {(into?: number) => void} merge
 * @property {() => void} remove
 */

/**
 * Make the row.
 * @param {ClassRecord} label
 * @param {number | null} place counted from 0 among the classes in use; null for one in the archive
 * @param {string} key that chooses it on the Label screen, in words; "" for none
 * @param {readonly ClassRecord[]} all
 * @param {RowActions} actions
 * @returns {HTMLLIElement}
 */
export function classRow(label, place, key, all, actions) {
  const { id, name, colour, boxes } = label;
  const field = html("input", {
    type: "text",
    class: "st-class-name",
    dir: "auto",
    maxlength: 200,
    autocomplete: "off",
    spellcheck: "false",
    title: name,
    "aria-label": `Name of ${name}`,
  });
  field.value = name;
  const remark = html("div", { class: "st-class-remark", role: "alert", hidden: true });
  let busy = false;

  async function rename() {
    const typed = field.value.trim();
    if (busy || remark.dataset.name === typed) return;
    if (typed === name || typed === "") return back();
    busy = true;
    const taken = namesake(all, typed, id) ?? (await actions.change({ name: typed }));
    busy = false;
    if (!taken) return;
    remark.dataset.name = typed;
    offer(taken);
  }

  /** @param {ClassRecord} taken */
  function offer(taken) {
    const merge = wordButton("Merge the two…", () => (back(), actions.merge(taken.id)), { small: true, primary: true });
    const keep = wordButton("Keep both", () => (back(), field.focus()), { small: true });
    remark.replaceChildren(
      html("span", {}, "There is a class ", html("bdi", {}, `“${taken.name}”`), " already."),
      html("span", { class: "st-actions" }, merge, keep),
    );
    remark.hidden = false;
  }

  function back() {
    field.value = name;
    forget();
  }

  function forget() {
    remark.hidden = true;
    remark.replaceChildren();
    delete remark.dataset.name;
  }

  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter") rename();
    if (event.key === "Escape") back();
  });
  field.addEventListener("input", forget);
  field.addEventListener("change", rename);

  const grip = iconButton("grip", `Move ${name}`, () => {});
  grip.title = "Drag to reorder, or use the arrow keys";
  grip.addEventListener("pointerdown", actions.drag);
  grip.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    event.preventDefault();
    actions.move(event.key === "ArrowUp" ? -1 : 1);
  });

  const menu = menuButton(`More for ${name}`, () => [
    { label: "Rename", symbol: "pencil", run: () => (field.focus(), field.select()) },
    ...(place === null
      ? []
      : [
          { label: "Move up", symbol: "up", run: () => actions.move(-1) },
          { label: "Move down", symbol: "down", run: () => actions.move(1) },
        ]),
    ...(all.length > 1 ? [{ label: "Merge into…", symbol: "merge", run: () => actions.merge() }] : []),
    place === null
      ? { label: "Take out of the archive", symbol: "archive", run: () => void actions.change({ archived: false }) }
      : { label: "Archive", symbol: "archive", run: () => void actions.change({ archived: true }) },
    ...(boxes === 0 ? [{ label: "Delete", symbol: "trash", danger: true, run: actions.remove }] : []),
  ]);

  return html(
    "li",
    { class: "st-class-row", "data-class-id": id },
    place === null ? null : grip,
    html("kbd", { class: "st-class-key", title: key ? `Key ${key} on the Label screen` : "" }, key),
    colourChoice({ colour, name, onChoose: (chosen) => void actions.change({ colour: chosen }) }),
    field,
    html("span", { class: "st-class-boxes", title: counted(boxes, "box", "boxes") }, grouped(boxes)),
    menu.node,
    remark,
  );
}
