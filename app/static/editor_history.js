// @ts-check
/** Undo and redo without limit: every state an image's labels had, and which one counts. */

/** Milliseconds within which steps of one kind (arrow keys held down, say) count as one. */
const MERGE_WITHIN = 800;

/** @template T */
export class EditorHistory {
  /** @type {T[]} */
  #past = [];
  /** @type {T[]} */
  #future = [];
  /** @type {T} */
  #present;
  /** @type {{key: string, at: number} | null} */
  #merge = null;
  #now;

  /**
   * @param {T} present
   * @param {() => number} [now] milliseconds
   */
  constructor(present, now = Date.now) {
    this.#present = present;
    this.#now = now;
  }

  get present() {
    return this.#present;
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  /**
   * Make a new state the present one; what was undone before is forgotten.
   * @param {T} state never changed afterwards
   * @param {string} [mergeKey] steps in quick succession under one key are undone together
   */
  commit(state, mergeKey) {
    const at = this.#now();
    const merges = mergeKey !== undefined && this.#merge?.key === mergeKey && at - this.#merge.at <= MERGE_WITHIN;
    if (!merges) this.#past.push(this.#present);
    this.#present = state;
    this.#future = [];
    this.#merge = mergeKey === undefined ? null : { key: mergeKey, at };
  }

  /**
   * Go one step back.
   * @returns {boolean} whether there was one
   */
  undo() {
    return this.#step(this.#past, this.#future);
  }

  /**
   * Go one undone step forward.
   * @returns {boolean} whether there was one
   */
  redo() {
    return this.#step(this.#future, this.#past);
  }

  /** @param {T[]} from @param {T[]} to @returns {boolean} */
  #step(from, to) {
    if (from.length === 0) return false;
    to.push(this.#present);
    this.#present = /** @type {T} */ (from.pop());
    this.#merge = null;
    return true;
  }
}
