// @ts-check
/**
 * How a person looks at the picture: the tool in hand, what is shown, and what cannot be touched. Nothing of it is
 * stored with the boxes; tool, crosshair, names on boxes, and in which projects a box leads on to the next image and from
 * which score suggestions are shown, are remembered by the browser.
 *
 * Event: "change".
 */

/** @typedef {import("./records.js").BoxRecord} BoxRecord */
/** @typedef {"draw" | "select"} Tool */

const KEY = "ssd-studio.editor";

export class EditorSettings extends EventTarget {
  /** @type {Tool} */
  tool = "draw";
  crosshair = true;
  /** Whether boxes carry their class's name. */
  names = true;
  /** Whether no box is shown. */
  allHidden = false;
  /** @type {Set<number>} ids of classes whose boxes are not shown */
  hiddenClasses = new Set();
  /** @type {Set<number>} ids of classes whose boxes cannot be picked or changed */
  lockedClasses = new Set();
  /** @type {Set<string>} ids of single boxes that cannot be picked or changed */
  lockedBoxes = new Set();

  /** @type {Set<number>} ids of projects in which a box leads on */
  #advancing = new Set();
  /** @type {Map<number, number>} by project, the score from which suggestions are shown */
  #scores = new Map();
  /** @type {number | null} */
  #project = null;

  /** @param {Pick<Storage, "getItem" | "setItem"> | null} [memory] null for none */
  constructor(memory = null) {
    super();
    this.memory = memory;
    this.#recall();
  }

  /** @param {Tool} tool */
  take(tool) {
    if (this.tool === tool) return;
    this.tool = tool;
    this.#changed();
  }

  /** @param {"crosshair" | "names" | "allHidden"} what */
  toggle(what) {
    this[what] = !this[what];
    this.#changed();
  }

  /** Whether a box that was drawn leads on to the next image: for projects with one object on each. */
  get advance() {
    return this.#project !== null && this.#advancing.has(this.#project);
  }

  toggleAdvance() {
    if (this.#project === null) return;
    toggleIn(this.#advancing, this.#project);
    this.#changed();
  }

  /** The score that a person chose for the project's suggestions. @returns {number | null} */
  get scoreFrom() {
    return (this.#project !== null && this.#scores.get(this.#project)) || null;
  }

  /** @param {number} score */
  showFrom(score) {
    if (this.#project === null) return;
    this.#scores.set(this.#project, score);
    this.#changed();
  }

  /** An image of a project is shown. @param {number} projectId */
  enter(projectId) {
    if (this.#project === projectId) return;
    this.#project = projectId;
    this.dispatchEvent(new Event("change"));
  }

  /** @param {number} classId */
  toggleHidden(classId) {
    toggleIn(this.hiddenClasses, classId);
    this.#changed();
  }

  /** @param {number} classId */
  toggleClassLock(classId) {
    toggleIn(this.lockedClasses, classId);
    this.#changed();
  }

  /** @param {string} boxId */
  toggleBoxLock(boxId) {
    toggleIn(this.lockedBoxes, boxId);
    this.#changed();
  }

  /** @param {BoxRecord} box */
  isShown({ class_id }) {
    return !this.allHidden && !this.hiddenClasses.has(class_id);
  }

  /** @param {BoxRecord} box */
  isLocked({ id, class_id }) {
    return this.lockedBoxes.has(id) || this.lockedClasses.has(class_id);
  }

  /**
   * Whether the pointer and Tab can reach a box.
   * @param {BoxRecord} box
   */
  canPick(box) {
    return this.isShown(box) && !this.isLocked(box);
  }

  /**
   * Show boxes of a class again, as when a new one of them is drawn.
   * @param {number} classId
   */
  reveal(classId) {
    if (!this.allHidden && !this.hiddenClasses.has(classId)) return;
    this.allHidden = false;
    this.hiddenClasses.delete(classId);
    this.#changed();
  }

  #changed() {
    const { tool, crosshair, names } = this;
    try {
      this.memory?.setItem(KEY, JSON.stringify({ tool, crosshair, names, advance: [...this.#advancing], scores: [...this.#scores] }));
    } catch {
      // storage may be switched off or full; the page then merely forgets on reload
    }
    this.dispatchEvent(new Event("change"));
  }

  #recall() {
    try {
      const kept = JSON.parse(this.memory?.getItem(KEY) ?? "{}");
      if (kept.tool === "select") this.tool = "select";
      if (kept.crosshair === false) this.crosshair = false;
      if (kept.names === false) this.names = false;
      if (Array.isArray(kept.advance)) this.#advancing = new Set(kept.advance);
      const known = (/** @type {unknown} */ each) => Array.isArray(each) && each[1] > 0 && each[1] <= 1;
      if (Array.isArray(kept.scores)) this.#scores = new Map(kept.scores.filter(known));
    } catch {
      // what is kept there is not ours; the defaults do
    }
  }
}

/** @template T @param {Set<T>} set @param {T} value */
function toggleIn(set, value) {
  if (!set.delete(value)) set.add(value);
}
