// @ts-check
/**
 * What the screens of one page share: the open project, the open image, and events between them.
 *
 * Events of `studio`, all CustomEvents:
 * - "project": another project was opened, or none (detail: its id or null);
 * - "image": somebody wants this image on the Label screen (detail: its id);
 * - "shown": another image is the project's last shown or asked for, or none is (detail: its id or null);
 * - "queue": a project's Label screen walks through other images from now on (detail: the project's id);
 * - "model": somebody wants a model on another screen (detail: `{id, screen}`); see `openModel`;
 * - "changed": the data set changed (detail: `{what: "images" | "boxes" | "classes" | "models" | "projects", by, gone}`);
 * - "navigate": somebody wants another screen (detail: a `Screen`).
 */

export { api, ApiError } from "./api.js";

/** @typedef {"images" | "boxes" | "classes" | "models" | "projects"} Changed */
/** @typedef {"home" | "images" | "label" | "review" | "train" | "evaluate" | "models" | "live"} Screen */
/** @typedef {"train" | "evaluate" | "models" | "live"} ModelScreen */

const PROJECT_KEY = "ssd-studio.project";
const IMAGE_KEY = "ssd-studio.image.";
const QUEUE_KEY = "ssd-studio.queue.";

export class Store extends EventTarget {
  /** @type {Map<number, unknown>} filters by project */
  #queues = new Map();
  /** @type {Map<ModelScreen, string>} models asked for that their screen has not taken yet */
  #wanted = new Map();

  /** @param {Pick<Storage, "getItem" | "setItem" | "removeItem"> | null} memory survives a reload; null for none */
  constructor(memory) {
    super();
    this.memory = memory;
    /** @type {number | null} the open project's id */
    this.project = this.#recall(PROJECT_KEY);
    /** @type {number | null} the open project's image last shown or asked for */
    this.image = this.project === null ? null : this.#recall(IMAGE_KEY + this.project);
  }

  /**
   * Open a project, or none; opening the project that is open does nothing.
   * @param {number | null} id
   */
  setProject(id) {
    if (id === this.project) return;
    this.project = id;
    this.image = id === null ? null : this.#recall(IMAGE_KEY + id);
    this.#remember(PROJECT_KEY, id);
    this.#tell("project", id);
  }

  /**
   * Ask for an image to be shown on the Label screen.
   * @param {number} id
   */
  openImage(id) {
    this.rememberImage(id);
    this.#tell("image", id);
  }

  /**
   * Ask for a model on another screen: to measure it, to try it, to train on from it, or to see where it comes from.
   * @param {string} id
   * @param {ModelScreen} screen
   */
  openModel(id, screen) {
    this.#wanted.set(screen, id);
    this.#tell("model", { id, screen });
  }

  /**
   * The model that a screen was asked for and has not shown yet; asked for once.
   * @param {ModelScreen} screen
   * @returns {string | null}
   */
  takeModel(screen) {
    const id = this.#wanted.get(screen) ?? null;
    this.#wanted.delete(screen);
    return id;
  }

  /**
   * Note the image that the Label screen shows, so that coming back returns to it.
   * @param {number | null} id
   */
  rememberImage(id) {
    const before = this.image;
    this.image = id;
    if (this.project !== null) this.#remember(IMAGE_KEY + this.project, id);
    if (id !== before) this.#tell("shown", id);
  }

  /**
   * The filter of the images that a project's Label screen walks through, as it was set; see label_queue.js.
   * @param {number} project
   * @returns {unknown}
   */
  queueOf(project) {
    if (!this.#queues.has(project)) {
      const text = this.#quietly(() => this.memory?.getItem(QUEUE_KEY + project)) ?? "{}";
      this.#queues.set(project, this.#quietly(() => JSON.parse(text)) ?? {});
    }
    return this.#queues.get(project);
  }

  /**
   * Set that filter; `setQueue` of label_queue.js is what screens call.
   * @param {number} project
   * @param {unknown} filter
   */
  setQueue(project, filter) {
    this.#queues.set(project, filter);
    this.#quietly(() => this.memory?.setItem(QUEUE_KEY + project, JSON.stringify(filter)));
    this.#tell("queue", project);
  }

  /**
   * Tell every screen that the data set changed.
   * @param {Changed} what
   * @param {unknown} [by] the teller, so that it can skip its own news
   * @param {number | null} [gone] an image that was deleted
   */
  changed(what, by = null, gone = null) {
    if (gone !== null && gone === this.image) this.rememberImage(null);
    this.#tell("changed", { what, by, gone });
  }

  /**
   * Ask the page for another screen.
   * @param {Screen} screen
   */
  navigate(screen) {
    this.#tell("navigate", screen);
  }

  /** @param {string} type @param {unknown} detail */
  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** @param {string} key @returns {number | null} */
  #recall(key) {
    const text = this.#quietly(() => this.memory?.getItem(key)) ?? "";
    return /^\d+$/.test(text) ? Number(text) : null;
  }

  /** @param {string} key @param {number | null} id */
  #remember(key, id) {
    this.#quietly(() => (id === null ? this.memory?.removeItem(key) : this.memory?.setItem(key, String(id))));
  }

  /** @template T @param {() => T} use @returns {T | undefined} */
  #quietly(use) {
    try {
      return use();
    } catch {
      return undefined; // storage may be switched off or full; the page then merely forgets on reload
    }
  }
}

/** @returns {Storage | null} */
function browserStorage() {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}

const shared = /** @type {{ssdStudio?: Store}} */ (/** @type {unknown} */ (globalThis));

/** The page's one store. It hangs on the window because the same module may be loaded under two addresses. */
export const studio = (shared.ssdStudio ??= new Store(browserStorage()));
