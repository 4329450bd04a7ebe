// @ts-check
/** A choice of views as tabs: arrows walk along them. */

/**
 * Go to the tab that an arrow key leads to, and choose it; listens to "keydown" of the list of tabs.
 * @param {KeyboardEvent} event
 */
export function walkSegments(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (step === undefined || !(event.currentTarget instanceof Element)) return;
  event.preventDefault();
  const all = /** @type {HTMLElement[]} */ ([...event.currentTarget.children]);
  const at = all.findIndex((tab) => tab === document.activeElement);
  const next = all[(at + step + all.length) % all.length];
  next.focus();
  next.click();
}
