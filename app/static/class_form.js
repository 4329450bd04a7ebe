// @ts-check
/** A one-line form that adds a class to the open project. */

import { api, messageOf } from "./api.js";
import { html, setText } from "./elements.js";
import { icon } from "./icons.js";

/** @typedef {import("./records.js").ClassRecord} ClassRecord */

/**
 * Make the form.
 * @param {object} options
 * @param {string} options.label what the field is called
 * @param {() => number | null} options.project the project that gets the class
 * @param {(made: ClassRecord) => void} options.onAdded
 * @param {(adding: Promise<void>) => void} [options.onSent] the name is on its way; fulfilled after `onAdded`
 * @param {() => void} [options.onCancel] Escape was pressed
 * @returns {{form: HTMLFormElement, field: HTMLInputElement, setLabel: (label: string) => void}}
 */
export function classForm({ label, project, onAdded, onSent, onCancel }) {
  const field = html("input", {
    type: "text",
    class: "st-input",
    maxlength: 200,
    autocomplete: "off",
    spellcheck: "false",
    placeholder: label,
    "aria-label": label,
  });
  const problem = html("p", { class: "st-problem", role: "alert", hidden: true });
  const add = html("button", { type: "submit", class: "st-button st-icon-only", "aria-label": "Add the class", title: "Add the class" }, icon("add"));
  const form = html("form", { class: "st-class-form" }, html("div", { class: "st-joined" }, field, add), problem);

  /** @param {string} text */
  const complain = (text) => {
    setText(problem, text);
    problem.hidden = text === "";
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const name = field.value.trim();
    const projectId = project();
    if (projectId === null || add.disabled) return;
    if (name === "") return complain("Type a name for the class.");
    add.disabled = true;
    const adding = api("POST", `projects/${projectId}/classes`, { name }).then((made) => {
      field.value = "";
      complain("");
      if (project() === projectId) onAdded(made);
    });
    onSent?.(adding);
    try {
      await adding;
    } catch (error) {
      complain(messageOf(error));
      field.focus();
    } finally {
      add.disabled = false;
    }
  });
  field.addEventListener("input", () => complain(""));
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    field.value = "";
    complain("");
    field.blur();
    onCancel?.();
  });
  return {
    form,
    field,
    setLabel(text) {
      field.placeholder = text;
      field.setAttribute("aria-label", text);
    },
  };
}
