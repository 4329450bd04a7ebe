// @ts-check
/** Review by keyboard: one key for each decision, arrows to walk. */

/**
 * @typedef {object} ReviewActions
 * @property {() => void} mend do what the model says
 * @property {() => void} dismiss it is right as it is
 * @property {() => void} undo take the last decision back
 * @property {() => void} open show the image in Label
 * @property {(by: number) => void} step
 */

/**
 * Listen to keys while the screen is seen.
 * @param {import("./lifecycle.js").Life} life
 * @param {ReviewActions} actions
 */
export function reviewKeys(life, actions) {
  /** @type {Record<string, () => void>} */
  const acts = {
    enter: actions.mend,
    y: actions.mend,
    n: actions.dismiss,
    u: actions.undo,
    o: actions.open,
    arrowdown: () => actions.step(1),
    arrowright: () => actions.step(1),
    arrowup: () => actions.step(-1),
    arrowleft: () => actions.step(-1),
  };
  life.listen(document, "keydown", (event) => {
    if (!life.visible || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest("input, select, textarea, dialog, [popover]")) return;
    const act = acts[event.key.toLowerCase()];
    if (!act || (event.repeat && !event.key.startsWith("Arrow"))) return;
    // Enter on a button is that button's, but for a tab that is open already: whoever came by it has nothing to press there.
    const button = target?.closest("button, a");
    if (event.key === "Enter" && button && !button.matches("[role=tab][aria-selected=true]")) return;
    if (/^Arrow(Left|Right)$/.test(event.key) && target?.closest("[role=tablist]")) return;
    event.preventDefault();
    act();
  });
}
