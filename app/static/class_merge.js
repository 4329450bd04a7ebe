// @ts-check
/** The dialog that makes one class of two. */

import { api } from "./api.js";
import { counted } from "./count_words.js";
import { openDialog } from "./dialog.js";
import { html, setText } from "./elements.js";
import { toast } from "./toast.js";

/** @typedef {import("./records.js").ClassRecord} ClassRecord */

/**
 * What a merge will do.
 * @param {Pick<ClassRecord, "name" | "boxes">} from
 * @param {string} into
 * @param {number | null} images that have a box of it; null while that is not known
 * @returns {string}
 */
export function mergeWords({ name, boxes }, into, images) {
  if (boxes === 0) return `“${name}” has no boxes: it just goes, and “${into}” stays.`;
  const where = images === null ? "" : ` on ${counted(images, "image")}`;
  const become = boxes === 1 ? "becomes a box" : "become boxes";
  return `${counted(boxes, "box", "boxes")}${where} ${become} of “${into}”, and “${name}” goes. Models that were trained before keep both.`;
}

/**
 * Open the dialog.
 * @param {number} projectId
 * @param {ClassRecord} from
 * @param {ClassRecord[]} others
 * @param {{into?: number, onMerged: () => void}} options
 */
export function openMerge(projectId, from, others, { into, onMerged }) {
  /** @type {number | null} */
  let images = null;
  const select = html("select", { class: "st-select", dir: "auto" }, ...others.map(({ id, name }) => html("option", { value: id, dir: "auto" }, name)));
  if (into !== undefined) select.value = String(into);
  const words = html("p", { class: "st-merge-words", dir: "auto", role: "status" });
  const target = () => /** @type {ClassRecord} */ (others.find(({ id }) => id === Number(select.value)));
  const say = () => setText(words, mergeWords(from, target().name, images));
  select.addEventListener("change", say);
  say();
  openDialog({
    title: `Merge “${from.name}” into another class`,
    body: [html("label", { class: "st-dialog-field" }, html("span", {}, "Into"), select), words],
    actions: [
      {
        label: "Merge",
        primary: true,
        run: async () => {
          const done = await api("POST", `classes/${from.id}/merge`, { into: target().id });
          toast(`Merged into “${done.into.name}”: ${counted(done.boxes, "box", "boxes")} on ${counted(done.images, "image")}.`);
          onMerged();
        },
      },
    ],
  });
  api("GET", `projects/${projectId}/statistics`)
    .then((/** @type {{classes: {id: number, images: number}[]}} */ { classes }) => {
      images = classes.find(({ id }) => id === from.id)?.images ?? null;
      say();
    })
    .catch(() => {}); // the sentence then does without the number of images
}
