// @ts-check
/** Importing a data set, labels and all: where it is, what it holds, how it comes in, and what became of it. */

import { api, messageOf } from "./api.js";
import { wordButton } from "./buttons.js";
import { openDialog } from "./dialog.js";
import { html, setText } from "./elements.js";
import { importSentence, projectNameFor } from "./import_choices.js";
import { ImportJob } from "./import_job.js";
import { ImportPlan } from "./import_plan.js";
import { importSource } from "./import_source.js";
import { problemTable } from "./problem_table.js";
import { studio } from "./store.js";
import { toast } from "./toast.js";

/** @typedef {import("./upload.js").Incoming} Incoming */

const LOOK_DELAY = 350;

/**
 * Open the import.
 * @param {object} [start]
 * @param {Incoming[]} [start.files] already chosen: a folder's, or one zip
 * @param {number | null} [start.project] where it is proposed to go; null for a new project
 * @param {() => void} [start.onClose] the dialog is away
 */
export function openImport({ files, project = null, onClose } = {}) {
  return new ImportDialog(project, files, onClose);
}

class ImportDialog {
  /** @type {ImportJob | null} */
  #job = null;
  #running = false;
  #looking = new AbortController();
  /** @type {number | null} */
  #made = null;

  /** @param {number | null} project @param {Incoming[]} [files] @param {() => void} [onClose] */
  constructor(project, files, onClose) {
    this.project = project;
    this.stage = html("div", { class: "st-import" });
    this.spoken = html("p", { class: "st-hidden-words", role: "status" });
    this.dialog = openDialog({
      title: "Import a data set",
      wide: true,
      body: [this.stage, this.spoken],
      actions: [{ label: "Import", primary: true, disabled: true, run: () => this.#main() }],
      onClose: () => {
        this.#closed();
        onClose?.();
      },
    });
    this.dialog.node.classList.add("st-import-dialog");
    this.button = this.dialog.buttons[0];
    if (files) this.#send(files);
    else this.#askSource();
  }

  /** @param {Node[]} nodes @param {string | null} main the words of the main button; null for none @param {string} leave */
  #show(nodes, main = null, leave = "Cancel") {
    this.stage.replaceChildren(...nodes);
    this.button.hidden = main === null;
    if (main !== null) setText(/** @type {Element} */ (this.button.firstElementChild), main);
    const other = this.dialog.node.querySelector(".st-dialog-foot .st-button > span");
    if (other) setText(other, leave);
    this.dialog.complain("");
  }

  #askSource() {
    this.#show([importSource({ onFiles: (files) => this.#send(files), onPath: (path) => this.#read(path) })]);
    /** @type {HTMLElement | null} */ (this.stage.querySelector("button"))?.focus();
  }

  /** @param {string} path */
  async #read(path) {
    this.#show([waiting("Opening…")]);
    try {
      this.#take(await ImportJob.ofPath(path));
    } catch (error) {
      this.#askSource();
      const field = this.stage.querySelector("input[type=text]");
      if (field instanceof HTMLInputElement) field.value = path;
      this.dialog.complain(messageOf(error));
    }
  }

  /** @param {Incoming[]} files */
  async #send(files) {
    const total = files.reduce((sum, { file }) => sum + file.size, 0);
    const bar = html("progress", { class: "st-progress", max: Math.max(1, total), value: 0, "aria-label": "Sending" });
    const words = html("p", {}, `Sending ${bytes(total)} to the studio…`);
    this.#show([html("div", { class: "st-import-wait" }, words, bar)]);
    const tell = (/** @type {number} */ sent) => {
      bar.value = sent;
      setText(words, `Sending: ${bytes(sent)} of ${bytes(total)}`);
    };
    try {
      this.#take(await ImportJob.ofFiles(files, tell, this.#looking.signal));
    } catch (error) {
      if (!this.dialog.node.open) return;
      this.#askSource();
      this.dialog.complain(messageOf(error));
    }
  }

  /** @param {ImportJob} job */
  async #take(job) {
    if (!this.dialog.node.open) return void job.discard();
    this.#job = job;
    this.#show([waiting("Reading the data set…")]);
    const [projects, formats] = await Promise.all([
      api("GET", "projects").catch(() => []),
      api("GET", "formats").then((all) => all.import, () => []),
    ]);
    if (!this.dialog.node.open) return;
    const into = projects.find((/** @type {{id: number}} */ { id }) => id === this.project);
    this.plan = new ImportPlan({
      project: into?.name ?? projectNameFor(job.name),
      projects,
      formats,
      onChange: () => this.#lookSoon(),
    });
    await this.#look();
  }

  #lookSoon() {
    clearTimeout(this.timer);
    this.button.disabled = true;
    this.timer = setTimeout(() => this.#look(), LOOK_DELAY);
  }

  async #look() {
    const { plan } = this;
    const job = this.#job;
    if (!plan || !job || this.#running) return;
    this.#looking.abort();
    const turn = (this.#looking = new AbortController());
    plan.node.setAttribute("aria-busy", "true");
    this.button.disabled = true;
    if (!plan.node.isConnected) this.#tellPreview(job, turn.signal);
    try {
      const preview = await job.preview(plan.choice, turn.signal);
      if (turn.signal.aborted) return;
      plan.show(preview);
      if (!plan.node.isConnected) this.#show([plan.node], "Import");
      this.dialog.complain("");
      this.button.disabled = preview.images === 0 || !plan.complete;
    } catch (error) {
      if (turn.signal.aborted) return;
      if (!plan.node.isConnected) this.#show([plan.node], "Import");
      plan.showFailure();
      this.dialog.complain(messageOf(error));
    } finally {
      if (!turn.signal.aborted) plan.node.removeAttribute("aria-busy");
    }
  }

  /** A large data set takes a while to be looked through. @param {ImportJob} job @param {AbortSignal} signal */
  async #tellPreview(job, signal) {
    const bar = this.stage.querySelector("progress");
    while (bar?.isConnected && !signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, 700));
      if (!bar?.isConnected || signal.aborted) return; // what is thrown away is asked for no more
      const { done, total } = await job.state().catch(() => ({ done: 0, total: 0 }));
      if (total > 0) Object.assign(bar, { max: total, value: done });
    }
  }

  /** The main button: import, and after that show what came in. */
  #main() {
    if (this.#made !== null) {
      studio.setProject(this.#made);
      studio.navigate("images");
      return true;
    }
    if (this.plan) this.#run(this.#job, { ...this.plan.choice, on_existing: this.plan.onExisting });
    return false;
  }

  /** @param {ImportJob | null} job @param {Parameters<ImportJob["run"]>[0]} choice */
  async #run(job, choice) {
    if (!job) return;
    this.#running = true;
    const bar = html("progress", { class: "st-progress", max: 1, "aria-label": "Import" });
    const words = html("p", {}, "Importing…");
    const stop = wordButton("Stop the import", () => {
      stop.disabled = true;
      setText(words, "Stopping…");
      job.discard();
    });
    this.#show([html("div", { class: "st-import-wait" }, words, bar, html("div", { class: "st-actions" }, stop))], null, "Hide");
    try {
      const state = await job.run(choice, ({ done, total }) => {
        if (total === 0 || stop.disabled) return;
        bar.max = total;
        bar.value = done;
        setText(words, `${done} of ${total} images`);
      });
      await this.#finished(choice.project, state);
    } catch (error) {
      this.#ended(html("p", { class: "st-problem", role: "alert" }, messageOf(error)), messageOf(error));
    } finally {
      this.#running = false;
      studio.changed("projects");
    }
  }

  /** @param {string} project @param {import("./import_job.js").ImportState} state */
  async #finished(project, { state, report, project_id }) {
    const id = project_id ?? (await projectCalled(project));
    const sentence = report ? importSentence(report) : "The import was stopped. What was imported before that is in.";
    this.#made = id;
    const problems = report?.rejected ?? [];
    const head = html("p", { class: "st-import-result", role: "status", "data-state": state }, sentence);
    const notes = (report?.notes ?? []).map((/** @type {string} */ note) => html("p", { class: "st-note" }, note));
    const table = problems.length > 0 ? problemTable(problems, { title: "Problems", name: "import-problems.csv" }) : null;
    this.#ended(html("div", { class: "st-import" }, head, ...notes, table), sentence);
  }

  /** @param {HTMLElement} node @param {string} sentence what is said if nobody looks at the dialog any more */
  #ended(node, sentence) {
    if (!this.dialog.node.open) {
      const made = this.#made;
      const show = { label: "Show", run: () => (studio.setProject(made), studio.navigate("images")) };
      return void toast(sentence, made === null ? { kind: "error" } : { action: show, seconds: 12 });
    }
    this.#show([node], this.#made === null ? null : "Show the images", "Close");
    this.button.disabled = false;
    this.button.focus();
  }

  #closed() {
    clearTimeout(this.timer);
    this.#looking.abort();
    if (!this.#running) this.#job?.discard(); // one that runs goes on, and tells when it is done
  }
}

/** @param {string} words */
function waiting(words) {
  return html("div", { class: "st-import-wait" }, html("p", { role: "status" }, words), html("progress", { class: "st-progress", "aria-label": words }));
}

/** @param {string} name @returns {Promise<number | null>} */
async function projectCalled(name) {
  const projects = await api("GET", "projects").catch(() => []);
  return projects.find((/** @type {{name: string}} */ project) => project.name === name)?.id ?? null;
}

/** @param {number} number */
function bytes(number) {
  if (number < 1e6) return `${Math.ceil(number / 1e3)} kB`;
  return number < 1e9 ? `${(number / 1e6).toFixed(1)} MB` : `${(number / 1e9).toFixed(2)} GB`;
}
