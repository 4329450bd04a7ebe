// @ts-check
/**
 * How a person looks at the picture: the tool in hand, what is shown, and what cannot be touched. Nothing of it is
 * stored with the boxes; tool, crosshair and names on boxes are remembered by the browser.
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
      this.memory?.setItem(KEY, JSON.stringify({ tool, crosshair, names }));
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
    } catch {
      // what is kept there is not ours; the defaults do
    }
  }
}

/** @template T @param {Set<T>} set @param {T} value */
function toggleIn(set, value) {
  if (!set.delete(value)) set.add(value);
}
