// @ts-check
/** What an import would find, and what a person decides about it: project, format, split, names of classes. */

import { grouped } from "./count_words.js";
import { html, setText } from "./elements.js";
import { classMap, splitWords } from "./import_choices.js";
import { problemTable } from "./problem_table.js";

/** @typedef {import("./import_choices.js").ImportPreview} ImportPreview */
/** @typedef {import("./import_choices.js").ClassPreview} ClassPreview */
/** @typedef {{written: string, name: string, taken: boolean, show: (entry: ClassPreview) => void}} ClassRow */

let count = 0;

export class ImportPlan {
  /** @type {Map<string, ClassRow>} */
  #rows = new Map();
  #drawn = "";

  /**
   * @param {object} options
   * @param {string} options.project the name that is proposed
   * @param {{name: string, images: number}[]} options.projects
   * @param {{id: string, title: string}[]} options.formats
   * @param {() => void} options.onChange the preview no longer holds
   */
  constructor({ project, projects, formats, onChange }) {
    this.projects = projects;
    this.formats = formats;
    this.onChange = onChange;
    this.listId = `st-import-${(count += 1)}`;
    this.project = html("input", { type: "text", class: "st-input", list: `${this.listId}-projects`, maxlength: 200, autocomplete: "off", oninput: () => this.#projectTyped() });
    this.project.value = project;
    this.projectNote = html("span", { class: "st-note" });
    this.format = select([["auto", "Found by itself"], ...formats.map(({ id, title }) => pair(id, title)).filter(([id]) => id !== "auto")], onChange);
    this.split = select([["", "As the data set says"], ["train", "All for training"], ["val", "All for validation"], ["test", "All for testing"]], onChange);
    this.base = select([["auto", "Found by itself"], ["0", "Counted from 0"], ["1", "Counted from 1 (as in VOC's own files)"]], onChange);
    this.existing = select([["keep", "Keep the boxes that are here"], ["replace", "Take the boxes of the files"]], () => {});
    this.baseField = field("Pascal VOC's corners", this.base);
    this.existingField = field("Images that are already here", this.existing);
    this.facts = html("dl", { class: "st-import-facts", "aria-label": "What is in it" });
    this.classes = html("tbody", {});
    this.classCount = html("span", { class: "st-count" });
    this.classList = html("datalist", { id: `${this.listId}-classes` });
    this.classSection = html(
      "section",
      { class: "st-import-classes" },
      html("h3", {}, "Classes", this.classCount),
      html(
        "div",
        { class: "st-table-frame", tabindex: 0, role: "region", "aria-label": "Classes" },
        html("table", { class: "st-table" }, html("thead", {}, html("tr", {}, ...["Take", "In the files", "Boxes", "Becomes"].map((words) => html("th", { scope: "col" }, words)))), this.classes),
      ),
      this.classList,
    );
    this.rest = html("div", { class: "st-import" });
    this.node = html(
      "div",
      { class: "st-import st-import-plan" },
      html(
        "div",
        { class: "st-import-fields" },
        html("label", { class: "st-import-field" }, html("span", {}, "Into project"), this.project, this.projectNote),
        field("Format", this.format),
        field("Split", this.split),
        this.baseField,
        this.existingField,
      ),
      html("datalist", { id: `${this.listId}-projects` }, ...projects.map(({ name }) => html("option", { value: name }))),
      this.facts,
      this.classSection,
      this.rest,
    );
    this.#drawProjectNote();
  }

  /** @returns {import("./import_choices.js").ImportChoice} */
  get choice() {
    return {
      project: this.project.value.trim(),
      format: this.format.value,
      voc_base: /** @type {"auto" | "0" | "1"} */ (this.base.value),
      split: /** @type {"train" | "val" | "test"} */ (this.split.value) || null,
      class_map: classMap(this.#rows.values()),
    };
  }

  /** What happens to images that are here already. @returns {"keep" | "replace"} */
  get onExisting() {
    return this.existing.value === "replace" ? "replace" : "keep";
  }

  get complete() {
    return this.project.value.trim() !== "";
  }

  /** @param {ImportPreview} preview */
  show(preview) {
    const found = this.formats.find(({ id }) => id === preview.format)?.title ?? preview.format;
    setText(this.format.options[0], `${found} (found by itself)`);
    // Counting from 0 or 1 moves a side by a pixel; it is asked only where some corner makes it doubtful.
    this.baseField.hidden = !preview.base_in_doubt && this.base.value === "auto";
    this.existingField.hidden = preview.existing === 0;
    this.#drawFacts(preview);
    this.#drawClasses(preview.classes);
    this.rest.replaceChildren(
      ...preview.notes.map((note) => html("p", { class: "st-note", dir: "auto" }, note)),
      ...(preview.problems.length > 0 ? [problemTable(preview.problems, { title: "Problems", name: "import-problems.csv" })] : []),
    );
  }

  /** What was found no longer holds, and nothing takes its place. */
  showFailure() {
    this.facts.replaceChildren();
    this.rest.replaceChildren();
    this.classSection.hidden = this.#rows.size === 0;
    this.baseField.hidden = this.base.value === "auto";
    this.existingField.hidden = true;
  }

  /** @param {ImportPreview} preview */
  #drawFacts(preview) {
    const left = preview.unlabelled > 0 ? `${grouped(preview.unlabelled)} unlabelled` : "";
    const empty = preview.empty > 0 ? `${grouped(preview.empty)} without objects` : "";
    /** @type {[string, string, string][]} */
    const facts = [
      ["Images", grouped(preview.images), preview.existing > 0 ? `${grouped(preview.existing)} already here` : ""],
      ["Labelled", grouped(preview.labelled), [empty, left].filter(Boolean).join(", ")],
      ["Boxes", grouped(preview.boxes), ""],
      ["Split", splitWords(preview.by_split), ""],
    ];
    this.facts.replaceChildren(
      ...facts.map(([name, value, note]) =>
        html("div", { "data-fact": name.toLowerCase() }, html("dt", {}, name), html("dd", {}, value), note ? html("dd", { class: "st-note" }, note) : null),
      ),
    );
  }

  /** @param {ClassPreview[]} classes */
  #drawClasses(classes) {
    const written = JSON.stringify(classes.map((entry) => entry.written));
    setText(this.classCount, String(classes.length));
    this.classSection.hidden = classes.length === 0;
    if (written !== this.#drawn) {
      this.#drawn = written;
      const before = this.#rows;
      this.#rows = new Map();
      this.classes.replaceChildren(...classes.map((entry) => this.#row(entry, before.get(entry.written))));
    }
    for (const entry of classes) this.#rows.get(entry.written)?.show(entry);
    const names = new Set(classes.flatMap((entry) => [...(entry.exists && entry.name ? [entry.name] : []), ...entry.similar]));
    this.classList.replaceChildren(...[...names].map((name) => html("option", { value: name })));
  }

  /** @param {ClassPreview} entry @param {ClassRow} [before] */
  #row({ written, boxes }, before) {
    const name = html("input", { type: "text", class: "st-input", dir: "auto", maxlength: 200, autocomplete: "off", list: this.classList.id, "aria-label": `Name for ${written}` });
    name.value = before?.name ?? written;
    const taken = html("input", { type: "checkbox", class: "st-check", "aria-label": `Take ${written}` });
    taken.checked = before?.taken ?? true;
    const hint = html("div", { class: "st-import-hint" });
    const changed = () => {
      name.disabled = !taken.checked;
      this.onChange();
    };
    name.disabled = !taken.checked;
    name.addEventListener("input", changed);
    taken.addEventListener("change", changed);
    this.#rows.set(written, {
      written,
      get name() {
        return name.value;
      },
      get taken() {
        return taken.checked;
      },
      show: ({ exists, similar }) => {
        const use = (/** @type {string} */ other) => {
          name.value = other;
          changed();
        };
        if (!taken.checked) hint.replaceChildren(html("span", { class: "st-note" }, "Left out"));
        else if (exists) hint.replaceChildren(html("span", { class: "st-badge", "data-status": "labelled" }, "Class of the project"));
        else
          hint.replaceChildren(
            ...similar
              .filter((other) => other !== name.value.trim())
              .map((other) => html("button", { type: "button", class: "st-button st-small", dir: "auto", onclick: () => use(other) }, `Much like “${other}”: use that`)),
          );
      },
    });
    return html("tr", {}, html("td", {}, taken), html("td", { dir: "auto" }, written), html("td", {}, grouped(boxes)), html("td", {}, name, hint));
  }

  #projectTyped() {
    this.#drawProjectNote();
    this.onChange();
  }

  #drawProjectNote() {
    const name = this.project.value.trim();
    const there = this.projects.find((project) => project.name === name);
    setText(this.projectNote, name === "" ? "Type a name." : there ? `Joins the ${grouped(there.images)} images there.` : "A new project.");
  }
}

/** @param {string} label @param {HTMLElement} control */
function field(label, control) {
  return html("label", { class: "st-import-field" }, html("span", {}, label), control);
}

/** @param {string} a @param {string} b @returns {[string, string]} */
function pair(a, b) {
  return [a, b];
}

/** @param {[string, string][]} options @param {() => void} onchange */
function select(options, onchange) {
  return html("select", { class: "st-select", onchange }, ...options.map(([value, words]) => html("option", { value }, words)));
}
