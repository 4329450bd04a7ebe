// @ts-check
/** Which images are selected: some by their ids, or all that match the filter. */

/** Fires "change" after each change. */
export class ImageSelection extends EventTarget {
  /** @type {Set<number>} */
  #ids = new Set();
  /** Where a range that is drawn with Shift starts. @type {number | null} */
  #anchor = null;
  /** Whether all that match are meant, on this page or not. */
  #everything = false;
  /** @type {number[]} */
  #page = [];

  get everything() {
    return this.#everything;
  }

  /** The selected ids; of "everything", those of this page. */
  get ids() {
    return [...this.#ids];
  }

  get size() {
    return this.#ids.size;
  }

  /** Whether each image of the page is selected. */
  get wholePage() {
    return this.#page.length > 0 && this.#page.every((id) => this.#ids.has(id));
  }

  /** @param {number} id */
  has(id) {
    return this.#ids.has(id);
  }

  /**
   * Take over the ids of the page that is shown, in order; what is selected on other pages stays selected.
   * @param {readonly number[]} ids
   */
  show(ids) {
    this.#page = [...ids];
    if (this.#everything) this.#ids = new Set(ids);
    if (this.#anchor !== null && !ids.includes(this.#anchor)) this.#anchor = null;
    this.#tell();
  }

  /**
   * Select an image or take it out; with a range, all from the last one that was touched to this one become as it.
   * @param {number} id
   * @param {boolean} [range]
   */
  toggle(id, range = false) {
    const on = !this.#ids.has(id);
    this.#everything = false; // one taken out of everything leaves the page's others
    const from = range && this.#anchor !== null ? this.#page.indexOf(this.#anchor) : -1;
    const to = this.#page.indexOf(id);
    const some = from < 0 || to < 0 ? [id] : this.#page.slice(Math.min(from, to), Math.max(from, to) + 1);
    const goal = some.length > 1 && this.#anchor !== null ? this.#ids.has(this.#anchor) : on;
    for (const each of some) {
      if (goal) this.#ids.add(each);
      else this.#ids.delete(each);
    }
    this.#anchor = id;
    this.#tell();
  }

  /** @param {boolean} on select or take out every image of the page */
  togglePage(on) {
    this.#everything = false;
    for (const id of this.#page) {
      if (on) this.#ids.add(id);
      else this.#ids.delete(id);
    }
    this.#tell();
  }

  /** Mean all that match the filter. */
  selectEverything() {
    this.#everything = true;
    this.#ids = new Set(this.#page);
    this.#tell();
  }

  clear() {
    if (this.#ids.size === 0 && !this.#everything) return;
    this.#ids.clear();
    this.#everything = false;
    this.#anchor = null;
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}
