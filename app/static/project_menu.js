// @ts-check
/** What can be done with a project as a whole: open, rename, put aside, export, delete. */

import { api, messageOf } from "./api.js";
import { confirmDialog, promptDialog } from "./dialog.js";
import { openExport } from "./export_dialog.js";
import { menuButton } from "./menu.js";
import { lossWords } from "./project_words.js";
import { studio } from "./store.js";
import { toast } from "./toast.js";

/** @typedef {import("./records.js").ProjectRecord} ProjectRecord */

/**
 * The menu on a project's card.
 * @param {ProjectRecord} project
 * @param {() => void} open
 * @returns {HTMLElement}
 */
export function projectMenu(project, open) {
  const aside = Boolean(project.archived);
  const { node } = menuButton(`More for ${project.name}`, () => [
    { label: "Open", symbol: "folder", run: open },
    { label: "Rename…", symbol: "pencil", run: () => rename(project) },
    { label: aside ? "Take out of the archive" : "Archive", symbol: "archive", run: () => archive(project, !aside) },
    { label: "Export…", symbol: "download", run: () => openExport(project.id) },
    { label: "Delete…", symbol: "trash", danger: true, run: () => remove(project) },
  ]);
  return node;
}

/** @param {ProjectRecord} project */
async function rename({ id, name }) {
  const run = async (/** @type {string} */ typed) => {
    if (typed !== name) await api("PATCH", `projects/${id}`, { name: typed });
  };
  const typed = await promptDialog({ title: "Rename the project", label: "Name", value: name, action: "Rename", run });
  if (typed !== null && typed !== name) studio.changed("projects");
}

/** @param {ProjectRecord} project @param {boolean} archived */
async function archive({ id, name }, archived) {
  try {
    await api("PATCH", `projects/${id}`, { archived });
  } catch (error) {
    return toast(messageOf(error), { kind: "error" });
  }
  studio.changed("projects");
  if (archived) toast(`“${name}” is in the archive.`, { action: { label: "Undo", run: () => archive({ id, name }, false) } });
}

/** @param {ProjectRecord} project */
async function remove(project) {
  const { id, name } = project;
  const sure = await confirmDialog({
    title: "Delete this project?",
    text: lossWords(project),
    label: "Delete for good",
    danger: true,
    typed: name,
    run: () => api("DELETE", `projects/${id}?name=${encodeURIComponent(name)}`),
  });
  if (!sure) return;
  if (studio.project === id) studio.setProject(null);
  studio.changed("projects");
  toast(`“${name}” was deleted.`);
}
