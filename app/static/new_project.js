// @ts-check
/** A one-line form that creates a project. */

import { api, messageOf } from "./api.js";
import { html, setText } from "./elements.js";

/**
 * Make the form.
 * @param {(id: number) => void} onCreated
 * @returns {HTMLFormElement}
 */
export function newProjectForm(onCreated) {
  const field = html("input", {
    type: "text",
    class: "st-input",
    dir: "auto",
    maxlength: 200,
    autocomplete: "off",
    placeholder: "Name of the project",
    "aria-label": "Name of the project",
  });
  const problem = html("p", { class: "st-problem", role: "alert" });
  const create = html("button", { type: "submit", class: "st-button" }, "Create");
  const form = html("form", { class: "st-new-project" }, html("div", { class: "st-joined" }, field, create), problem);
  field.addEventListener("input", () => setText(problem, ""));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const name = field.value.trim();
    if (name === "") return setText(problem, "Type a name for the project.");
    create.disabled = true;
    try {
      const project = await api("POST", "projects", { name });
      field.value = "";
      onCreated(project.id);
    } catch (error) {
      setText(problem, messageOf(error));
    } finally {
      create.disabled = false;
    }
  });
  return form;
}
