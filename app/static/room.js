// @ts-check
/** Telling a screen how much of the window is left below the place where the page put it. */

/** Screen pixels left free below a screen's foot. */
const FOOT = 24;

/**
 * Keep `--st-room` on the root: the height, in CSS pixels, from its top to the window's foot.
 * @param {HTMLElement} root
 * @param {import("./lifecycle.js").Life} life
 */
export function keepRoom(root, life) {
  const measure = () => {
    const top = root.getBoundingClientRect().top + scrollY;
    root.style.setProperty("--st-room", `${Math.round(innerHeight - top - FOOT)}px`);
  };
  life.onShow(measure);
  life.listen(window, "resize", measure);
}
