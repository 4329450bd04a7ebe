// @ts-check
/** The grid by keyboard: arrows walk, Space selects, Page Up and Page Down turn pages, Control+A selects the page. */

/**
 * Where an arrow key leads in a grid of cards.
 * @param {string} key
 * @param {number} at the card that has the focus
 * @param {number} columns
 * @param {number} count cards
 * @returns {number | null} null if the key leads nowhere
 */
export function stepTo(key, at, columns, count) {
  const goal = { ArrowRight: at + 1, ArrowLeft: at - 1, ArrowDown: at + columns, ArrowUp: at - columns, Home: 0, End: count - 1 }[key];
  return goal === undefined || goal < 0 || goal >= count ? null : goal;
}

/**
 * @typedef {object} GridActions
 * @property {(id: number, range: boolean) => void} toggle
 * @property {(on: boolean) => void} togglePage
 * @property {() => boolean} clear whether anything was selected
 * @property {(step: number) => void} turn
 * @property {(id: number) => void} remove
 * @property {() => void} search
 */

/**
 * Listen to keys.
 * @param {import("./lifecycle.js").Life} life
 * @param {HTMLElement} grid
 * @param {GridActions} actions
 */
export function gridKeys(life, grid, actions) {
  const cards = () => /** @type {HTMLElement[]} */ ([...grid.children]);
  const idOf = (/** @type {HTMLElement} */ card) => Number(card.dataset.imageId);
  const openOf = (/** @type {Element | undefined} */ card) => /** @type {HTMLElement | null | undefined} */ (card?.querySelector(".st-card-open"));

  grid.addEventListener("focusin", ({ target }) => {
    const card = target instanceof Element ? target.closest(".st-card") : null;
    if (card) makeReachable(grid, card);
  });

  grid.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.target instanceof Element)) return;
    const all = cards();
    const card = /** @type {HTMLElement | null} */ (event.target.closest(".st-card"));
    if (!card) return;
    const onPicture = event.target.matches(".st-card-open");
    const columns = Math.max(1, all.findIndex(({ offsetTop }) => offsetTop !== all[0].offsetTop));
    const perRow = all.at(-1)?.offsetTop === all[0].offsetTop ? all.length : columns;
    const goal = stepTo(event.key, all.indexOf(card), perRow, all.length);
    if (goal !== null) {
      openOf(all[goal])?.focus();
      if (event.shiftKey) actions.toggle(idOf(all[goal]), true);
    } else if (event.key === " " && onPicture) actions.toggle(idOf(card), event.shiftKey);
    else if (event.key === "Delete") actions.remove(idOf(card));
    else if (!event.key.startsWith("Arrow")) return;
    event.preventDefault();
  });
  // Space on a button acts when it is let go.
  grid.addEventListener("keyup", (event) => event.key === " " && event.target instanceof Element && event.target.matches(".st-card-open") && event.preventDefault());

  life.listen(document, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (!life.visible || event.defaultPrevented || document.querySelector("dialog[open], [popover]:popover-open")) return;
    const { target } = event;
    if (target instanceof Element && target.closest("input:not([type=checkbox]), select, textarea, [role=tablist]")) return;
    const key = event.key;
    if ((event.ctrlKey || event.metaKey) && key.toLowerCase() === "a" && !event.shiftKey) actions.togglePage(true);
    else if (event.ctrlKey || event.metaKey || event.altKey) return;
    else if (key === "Escape") {
      if (!actions.clear()) return;
    } else if (key === "PageDown" || key === "PageUp") actions.turn(key === "PageDown" ? 1 : -1);
    else if (key === "/") actions.search();
    else return;
    event.preventDefault();
  });
}

/**
 * Let Tab reach one card only, the way a grid is walked.
 * @param {HTMLElement} grid
 * @param {Element | null} card
 */
export function makeReachable(grid, card) {
  for (const control of grid.querySelectorAll("[tabindex='0']")) control.setAttribute("tabindex", "-1");
  for (const control of card?.querySelectorAll("button, input") ?? []) control.setAttribute("tabindex", "0");
}
