// @ts-check
/** What can be done with a model as a whole; each tells what was done, with a way back where there is one. */

import { api, messageOf } from "./api.js";
import { openDialog, promptDialog } from "./dialog.js";
import { html } from "./elements.js";
import { studio } from "./store.js";
import { toast } from "./toast.js";

/** @typedef {import("./models_words.js").ModelEntry} ModelEntry */

const UNDO_SECONDS = 12;
const LONGEST_NOTE = 10_000;

/** @param {Pick<ModelEntry, "id">} model */
const path = ({ id }) => `models/${encodeURIComponent(id)}`;

/**
 * Do something to a model, and tell every screen; a failure is told at the foot of the page.
 * @param {() => Promise<unknown>} act
 * @returns {Promise<boolean>}
 */
async function done(act) {
  try {
    await act();
  } catch (error) {
    toast(messageOf(error), { kind: "error" });
    return false;
  } finally {
    studio.changed("models"); // also where it failed: another tab may have been quicker
  }
  return true;
}

/** @param {ModelEntry} model */
export async function renameModel(model) {
  const run = async (/** @type {string} */ typed) => {
    if (typed !== model.name) await api("PATCH", path(model), { name: typed });
  };
  const typed = await promptDialog({ title: "Rename the model", label: "Name", value: model.name, action: "Rename", run });
  if (typed !== null && typed !== model.name) studio.changed("models");
}

/** @param {ModelEntry} model */
export function writeNote(model) {
  const field = html("textarea", { class: "st-input st-note-field", rows: 6, maxlength: LONGEST_NOTE, dir: "auto", "aria-label": "Note" });
  field.value = model.note;
  openDialog({
    title: `Note on “${model.name}”`,
    body: [field],
    actions: [
      {
        label: "Save",
        primary: true,
        run: async () => {
          await api("PATCH", path(model), { note: field.value.trim() });
          studio.changed("models");
        },
      },
    ],
  });
}

/** @param {ModelEntry} model */
export async function makeDefault(model) {
  if (await done(() => api("PATCH", path(model), { is_default: true }))) toast(`“${model.name}” is the default model now.`);
}

/** @param {ModelEntry} model */
export async function noDefault(model) {
  if (await done(() => api("PATCH", path(model), { is_default: false }))) toast("No model is the default; the newest one is used.");
}

/** @param {ModelEntry} model */
export async function removeModel(model) {
  if (!(await done(() => api("DELETE", path(model))))) return;
  toast(`“${model.name}” is in the bin.`, { action: { label: "Undo", run: () => putBack(model) }, seconds: UNDO_SECONDS });
}

/** @param {number} project */
async function hasDefault(project) {
  /** @type {ModelEntry[]} */
  const models = await api("GET", `models?project_id=${project}`);
  return models.some(({ is_default: yes }) => yes);
}

/** @param {Pick<ModelEntry, "id" | "name" | "project_id" | "is_default">} model as it was before it was deleted */
export async function putBack(model) {
  const back = async () => {
    await api("POST", `${path(model)}/put_back`);
    if (model.is_default && !(await hasDefault(model.project_id))) await api("PATCH", path(model), { is_default: true }); // the bin forgets it
  };
  if (await done(back)) toast(`“${model.name}” is back.`);
}
