// @ts-check
/** One model: its name, how good it is, where it comes from, and what can be done with it. */

import { wordButton } from "./buttons.js";
import { html } from "./elements.js";
import { icon } from "./icons.js";
import { menuButton } from "./menu.js";
import { makeDefault, noDefault, removeModel, renameModel, writeNote } from "./models_actions.js";
import { openModelExport } from "./models_export.js";
import { dateWords, figuresOf, lineageRows, originWords } from "./models_words.js";
import { studio } from "./store.js";

/** @typedef {import("./models_words.js").ModelEntry} ModelEntry */

/**
 * Make the card.
 * @param {ModelEntry} model
 * @param {object} options
 * @param {number} options.depth generations below its first ancestor here
 * @param {boolean} options.used taken by default as the newest one, since none was chosen
 * @param {boolean} options.open whether its details are
 * @param {(open: boolean) => void} options.onToggle
 * @returns {HTMLElement}
 */
export function modelCard(model, { depth, used, open, onToggle }) {
  const { id, name, note, is_default: isDefault, lineage } = model;
  const details = html("details", { class: "st-model-details", open }, html("summary", {}, "Where it comes from"), lineageList(model));
  details.addEventListener("toggle", () => onToggle(details.open));
  const card = html(
    "li",
    { class: "st-model", "data-model-id": id, "data-default": isDefault ? "true" : null },
    depth > 0 ? html("span", { class: "st-model-branch", "aria-hidden": "true" }) : null,
    html(
      "article",
      { class: "st-model-card", "aria-label": name },
      html(
        "header",
        { class: "st-model-head" },
        html(
          "div",
          { class: "st-model-title" },
          html("h3", {}, html("bdi", { class: "st-name", title: name }, name), isDefault || used ? html("span", { class: "st-badge", "data-status": "labelled" }, isDefault ? "Default" : "Default: the newest") : null, lineage.imported ? html("span", { class: "st-badge" }, "Imported") : null),
          html("p", { class: "st-note", dir: "auto" }, `${dateWords(model.created)} · ${originWords(model)}`),
        ),
        html("dl", { class: "st-model-figures" }, ...figuresOf(model).map(([what, figure]) => html("div", {}, html("dt", {}, what), html("dd", {}, figure)))),
        menu(model),
      ),
      note ? html("p", { class: "st-model-note", dir: "auto" }, icon("note"), html("span", {}, note)) : null,
      html(
        "div",
        { class: "st-actions" },
        wordButton("Evaluate", () => studio.openModel(id, "evaluate"), { small: true, symbol: "chart" }),
        wordButton("Open in Live", () => studio.openModel(id, "live"), { small: true, symbol: "camera" }),
        wordButton("Train on from this", () => studio.openModel(id, "train"), { small: true, symbol: "play" }),
        wordButton("Export…", () => openModelExport(model), { small: true, symbol: "download" }),
      ),
      details,
    ),
  );
  card.style.setProperty("--st-depth", String(depth));
  return card;
}

/** @param {ModelEntry} model */
function menu(model) {
  return menuButton(`More for ${model.name}`, () => [
    { label: "Rename…", symbol: "pencil", run: () => renameModel(model) },
    { label: model.note ? "Change the note…" : "Write a note…", symbol: "note", run: () => writeNote(model) },
    model.is_default
      ? { label: "No longer the default", symbol: "close", run: () => noDefault(model) }
      : { label: "Make it the default", symbol: "check", run: () => makeDefault(model) },
    { label: "Delete", symbol: "trash", danger: true, run: () => removeModel(model) },
  ]).node;
}

/** @param {ModelEntry} model */
function lineageList(model) {
  return html(
    "dl",
    { class: "st-lineage" },
    ...lineageRows(model).map(([what, value]) => html("div", {}, html("dt", {}, what), html("dd", {}, html("bdi", {}, value)))),
    html("div", { class: "st-lineage-wide" }, html("dt", {}, "Classes"), html("dd", {}, ...model.classes.flatMap((name, index) => [index > 0 ? ", " : null, html("bdi", {}, name)]))),
  );
}
