// @ts-check
/**
 * A screen's life inside a page that never says goodbye: built once per element, hidden and shown with its tab, and
 * over when its element has left the document (Gradio has no unmount hook).
 */

/** @type {WeakMap<Element, unknown>} */
const mounted = new WeakMap();

export class Life {
  #shown = false;
  #seen = false;
  /** @type {Set<() => void>} */
  #onShow = new Set();
  /** @type {Set<() => void>} */
  #onHide = new Set();
  #end = new AbortController();

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    /** Aborted when the element is gone. */
    this.signal = this.#end.signal;
    const observer = new ResizeObserver(() => this.#look());
    observer.observe(root);
    this.signal.addEventListener("abort", () => observer.disconnect());
  }

  /** Whether the element is on the page and not in a hidden tab. */
  get visible() {
    return this.alive && this.root.getClientRects().length > 0;
  }

  /** Whether a person can see it: it is visible, and the browser shows the page. */
  get seen() {
    return this.visible && !document.hidden;
  }

  /** Whether the element still belongs to the document; the first time it does not, the life ends. */
  get alive() {
    if (this.signal.aborted) return false;
    if (this.root.isConnected) this.#seen = true;
    else if (this.#seen) this.end();
    return !this.signal.aborted;
  }

  /** Forget the element: listeners go, and mounting it again builds it anew. */
  end() {
    if (this.signal.aborted) return;
    if (this.#shown) for (const run of this.#onHide) run();
    this.#end.abort();
    mounted.delete(this.root);
    this.root.replaceChildren();
  }

  /**
   * Run each time the screen becomes visible, at once if it is.
   * @param {() => void} run
   */
  onShow(run) {
    this.#onShow.add(run);
    if (this.#shown) run();
  }

  /**
   * Run each time the screen becomes hidden or goes away.
   * @param {() => void} run
   */
  onHide(run) {
    this.#onHide.add(run);
  }

  /**
   * Read what the screen shows as soon as it is seen, and again each time it has become stale.
   * @param {() => void} read
   * @returns {() => void} says that it has become stale
   */
  keepFresh(read) {
    let stale = true;
    const look = () => {
      if (!stale || !this.visible) return;
      stale = false;
      read();
    };
    this.onShow(look);
    return () => {
      stale = true;
      look();
    };
  }

  /**
   * Listen to something that outlives the screen (document, window, the store) for as long as the screen lives.
   * @param {EventTarget} target
   * @param {string} type
   * @param {(event: any) => void} handle
   * @param {AddEventListenerOptions} [options]
   */
  listen(target, type, handle, options = {}) {
    target.addEventListener(type, (event) => this.alive && handle(event), { ...options, signal: this.signal });
  }

  #look() {
    const visible = this.visible;
    if (visible === this.#shown) return;
    this.#shown = visible;
    for (const run of visible ? this.#onShow : this.#onHide) run();
  }
}

/**
 * Build a screen in an element unless it has been built there; give back what building gave.
 * @template T
 * @param {HTMLElement} root
 * @param {(root: HTMLElement, life: Life) => T} build
 * @returns {T}
 */
export function mountOnce(root, build) {
  if (mounted.has(root)) return /** @type {T} */ (mounted.get(root));
  root.replaceChildren();
  root.classList.add("studio");
  const life = new Life(root);
  const screen = build(root, life);
  mounted.set(root, screen);
  return screen;
}
