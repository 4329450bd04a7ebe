// @ts-check
/** The classes of the open project: rename, recolour, reorder, merge, archive, delete, add. */

import { api, ApiError, messageOf } from "./api.js";
import { browserStorage } from "./browser_storage.js";
import { classForm } from "./class_form.js";
import { openMerge } from "./class_merge.js";
import { moved, parted, placeAt } from "./class_order.js";
import { classRow } from "./class_row.js";
import { counted } from "./count_words.js";
import { confirmDialog } from "./dialog.js";
import { html, setText } from "./elements.js";
import { emptyState, failureState, noProject } from "./empty_state.js";
import { KeyMap } from "./key_map.js";
import { studio } from "./store.js";
import { toast } from "./toast.js";

/** @typedef {import("./records.js").ClassRecord} ClassRecord */

/** Classes from which on a search field helps. */
const MANY_CLASSES = 12;

/**
 * Build the class manager in an element; it carries `data-ready="true"` once the classes are shown.
 * @param {HTMLElement} root
 * @param {import("./lifecycle.js").Life} life
 */
export function classManager(root, life) {
  return new ClassManager(root, life);
}

class ClassManager {
  #turn = 0;
  #drawn = "";
  #stale = true;
  /** @type {Promise<unknown>} the order sent last has its answer */
  #ordered = Promise.resolve();
  /** @type {ClassRecord[]} */
  #classes = [];

  /**
   * @param {HTMLElement} root
   * @param {import("./lifecycle.js").Life} life
   */
  constructor(root, life) {
    this.root = root;
    this.keys = new KeyMap(browserStorage());
    this.add = classForm({ label: "Add a class", project: () => studio.project, onAdded: () => this.#changed() });
    this.search = html("input", { type: "search", class: "st-input", placeholder: "Find a class", "aria-label": "Find a class", autocomplete: "off", oninput: () => this.#draw() });
    this.tools = html("div", { class: "st-class-tools" }, this.add.form, this.search);
    this.heads = html(
      "div",
      { class: "st-class-heads", "aria-hidden": "true" },
      ...["", "Key", "", "Class", "Boxes", ""].map((words) => html("span", {}, words)),
    );
    this.list = html("ol", { class: "st-class-list", "aria-label": "Classes" });
    this.archiveCount = html("summary", {});
    this.archived = html("ol", { class: "st-class-list", "aria-label": "Archived classes" });
    this.archive = html(
      "details",
      { class: "st-archive" },
      this.archiveCount,
      html("p", { class: "st-note" }, "They are not offered for new boxes. Boxes that have them keep them."),
      this.archived,
    );
    this.news = html("p", { class: "st-hidden-words", role: "status" });
    this.message = html("div", { class: "st-message" });
    root.classList.add("st-class-manager");
    root.append(this.tools, this.message, this.heads, this.list, this.archive, this.news);
    this.#hide(true);
    const stale = () => {
      this.#stale = true;
      this.#refresh();
    };
    life.listen(studio, "project", () => {
      this.search.value = "";
      stale();
    });
    life.listen(studio, "changed", ({ detail }) => detail.by !== this && stale());
    life.listen(window, "focus", stale);
    // Its own element may be hidden inside a screen that is not.
    const shown = new ResizeObserver(() => this.#refresh());
    shown.observe(root);
    life.signal.addEventListener("abort", () => shown.disconnect());
  }

  #refresh() {
    if (this.root.getClientRects().length === 0) return;
    if (this.#stale) this.#load();
    else if (this.root.dataset.ready) this.#draw(); // keys may have been changed on the Label screen
  }

  async #load() {
    const project = studio.project;
    const turn = ++this.#turn;
    this.#stale = false;
    if (project === null) return this.#say(noProject());
    try {
      const classes = await api("GET", `projects/${project}/classes`);
      if (turn !== this.#turn) return;
      this.#classes = classes;
      this.#draw();
    } catch (error) {
      if (turn === this.#turn) this.#say(failureState(messageOf(error), () => this.#load()));
    }
  }

  /** @param {HTMLElement} message instead of everything else */
  #say(message) {
    this.#drawn = "";
    this.#hide(true);
    this.message.replaceChildren(message);
    delete this.root.dataset.ready;
  }

  /** @param {boolean} hidden */
  #hide(hidden) {
    for (const node of [this.tools, this.heads, this.list, this.archive]) node.hidden = hidden;
  }

  #draw() {
    const { active, archived } = parted(this.#classes);
    const many = this.#classes.length > MANY_CLASSES;
    const search = many ? this.search.value.trim().toLocaleLowerCase() : "";
    const keys = (this.keys = new KeyMap(browserStorage()));
    const state = JSON.stringify([this.#classes, search, studio.project, active.map((_, place) => keys.ofClass(place))]);
    if (state === this.#drawn) return; // what is being typed stays
    this.#drawn = state;
    this.#hide(false);
    const fits = (/** @type {ClassRecord} */ { name }) => name.toLocaleLowerCase().includes(search);
    const focused = this.#focus();
    const rows = active.map((label, place) => (fits(label) ? this.#row(label, place, active) : null));
    this.list.replaceChildren(...rows.filter((row) => row !== null));
    const aside = archived.filter(fits);
    this.archived.replaceChildren(...aside.map((label) => this.#row(label, null, active)));
    this.archive.hidden = aside.length === 0;
    if (search !== "" && aside.length > 0) this.archive.open = true;
    setText(this.archiveCount, `Archived (${aside.length})`);
    this.search.hidden = !many;
    this.root.classList.toggle("st-searching", search !== "");
    this.heads.hidden = this.list.childElementCount === 0;
    this.add.setLabel(this.#classes.length === 0 ? "Name your first class" : "Add a class");
    this.message.replaceChildren(...this.#remark(active));
    this.root.dataset.ready = "true";
    focused?.();
  }

  /** @param {ClassRecord[]} active */
  #remark(active) {
    if (this.#classes.length === 0) {
      return [emptyState({ symbol: "box", title: "No classes yet", text: "A class is a kind of thing to find, such as “bird” or “scratch”. Name the first one above, or while you draw on the Label screen." })];
    }
    if (this.list.childElementCount > 0) return [];
    return [html("p", { class: "st-note st-nothing" }, active.length === 0 ? "All of them are in the archive." : "No class is called that.")];
  }

  /** What brings focus back after the rows were drawn anew. @returns {(() => void) | null} */
  #focus() {
    const { activeElement } = document;
    const row = activeElement?.closest?.(".st-class-row");
    if (!(row instanceof HTMLElement) || !this.root.contains(row)) return null;
    const symbol = activeElement?.getAttribute("data-symbol");
    const part = symbol ? `[data-symbol="${symbol}"]` : activeElement instanceof HTMLInputElement ? ".st-class-name" : ".st-colour";
    const selector = `[data-class-id="${row.dataset.classId}"] ${part}`;
    return () => /** @type {HTMLElement | null} */ (this.root.querySelector(selector))?.focus();
  }

  /** @param {ClassRecord} label @param {number | null} place @param {ClassRecord[]} active */
  #row(label, place, active) {
    return classRow(label, place, place === null ? "" : this.keys.ofClass(place), this.#classes, {
      change: (change) => this.#change(label, change),
      move: (step) => place !== null && this.#order(moved(active, place, place + step), label),
      drag: (event) => place !== null && this.#drag(event, active, place),
      merge: (into) => this.#merge(label, into),
      remove: () => this.#remove(label),
    });
  }

  /** @param {ClassRecord} label @param {{name?: string, colour?: string, archived?: boolean}} change */
  async #change(label, change) {
    try {
      await api("PATCH", `classes/${label.id}`, change);
    } catch (error) {
      const taken = error instanceof ApiError && error.status === 409 ? error.body?.class_id : undefined;
      const other = this.#classes.find(({ id }) => id === taken);
      if (other) return other;
      toast(messageOf(error), { kind: "error" });
      this.#drawn = "";
      this.#draw();
      return null;
    }
    if (change.archived) toast(`“${label.name}” is in the archive.`, { action: { label: "Undo", run: () => this.#change(label, { archived: false }) } });
    await this.#changed();
    return null;
  }

  /** @param {ClassRecord} label @param {number} [into] */
  #merge(label, into) {
    const { active, archived } = parted(this.#classes);
    const others = [...active, ...archived].filter(({ id }) => id !== label.id);
    if (studio.project !== null && others.length > 0) openMerge(studio.project, label, others, { into, onMerged: () => this.#changed() });
  }

  /** @param {ClassRecord} label */
  async #remove(label) {
    const run = () => api("DELETE", `classes/${label.id}`);
    const text = `“${label.name}” has no boxes. Models that were trained with it keep it.`;
    if (await confirmDialog({ title: "Delete this class?", text, label: "Delete", danger: true, run })) await this.#changed();
  }

  async #changed() {
    studio.changed("classes", this);
    await this.#load();
  }

  /** @param {ClassRecord[]} order the classes in use @param {ClassRecord} label that was moved */
  async #order(order, label) {
    const ids = [...order, ...parted(this.#classes).archived].map(({ id }) => id);
    this.#classes = ids.map((id, position) => ({ .../** @type {ClassRecord} */ (this.#classes.find((one) => one.id === id)), position }));
    this.#draw();
    setText(this.news, `${label.name} is number ${order.indexOf(label) + 1} of ${counted(order.length, "class", "classes")}`);
    const path = `projects/${studio.project}/classes/order`;
    const sent = this.#ordered.then(() => api("PUT", path, { ids })); // one after the other: the last one must win
    this.#ordered = sent.catch(() => {});
    try {
      await sent;
      studio.changed("classes", this);
    } catch (error) {
      toast(messageOf(error), { kind: "error" });
      await this.#load();
    }
  }

  /** @param {PointerEvent} event @param {ClassRecord[]} active @param {number} from */
  #drag(event, active, from) {
    const grip = /** @type {HTMLElement} */ (event.currentTarget);
    const row = /** @type {HTMLElement} */ (grip.closest("li"));
    if (event.button !== 0 || this.root.classList.contains("st-searching")) return;
    const rows = /** @type {HTMLElement[]} */ ([...this.list.children]);
    const top = () => this.list.getBoundingClientRect().top;
    const middles = rows.map((one) => one.offsetTop + one.offsetHeight / 2);
    const height = row.offsetHeight;
    const start = event.clientY - top();
    let to = from;
    grip.setPointerCapture(event.pointerId);
    row.classList.add("st-dragged");
    const follow = (/** @type {PointerEvent} */ { clientY }) => {
      const shift = clientY - top() - start;
      to = placeAt(middles, from, middles[from] + shift);
      rows.forEach((one, index) => {
        const gap = index > from && index <= to ? -height : index < from && index >= to ? height : 0;
        one.style.transform = `translateY(${index === from ? shift : gap}px)`;
      });
    };
    const end = (/** @type {PointerEvent} */ { type }) => {
      grip.removeEventListener("pointermove", follow);
      for (const name of ["pointerup", "pointercancel"]) grip.removeEventListener(name, /** @type {any} */ (end));
      for (const one of rows) one.style.transform = "";
      row.classList.remove("st-dragged");
      if (type === "pointerup" && to !== from) this.#order(moved(active, from, to), active[from]);
    };
    grip.addEventListener("pointermove", follow);
    for (const name of ["pointerup", "pointercancel"]) grip.addEventListener(name, /** @type {any} */ (end));
  }
}
