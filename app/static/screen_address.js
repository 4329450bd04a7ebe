// @ts-check
/**
 * The part of the page's address that says what is shown: `#label/3/17` is image 17 of project 3 on the Label screen.
 *
 * Reloading comes back to it, the browser's Back goes to the screen before, and a bookmark or a second window opens it.
 */

import { studio } from "./store.js";

/** @typedef {import("./store.js").Screen} Screen */
/** @typedef {{screen: Screen, project: number | null, image: number | null}} Place */

/** @type {readonly Screen[]} */
const SCREENS = ["home", "images", "label", "review", "train", "evaluate", "models", "live"];
/** Milliseconds before a step that the browser refused is tried again. */
const LATER = 1000;
const FORM = /^#([a-z]+)(?:\/(\d{1,15})(?:\/(\d{1,15}))?)?$/;

/**
 * Read an address.
 * @param {string} hash
 * @returns {Place | null} null where it names no screen
 */
export function placeOf(hash) {
  const [, name, project, image] = FORM.exec(hash) ?? [];
  const screen = SCREENS.find((each) => each === name);
  if (!screen) return null;
  return { screen, project: project ? Number(project) : null, image: image && screen === "label" ? Number(image) : null };
}

/** @param {Place} place @returns {string} */
export function addressOf({ screen, project, image }) {
  return `#${[screen, project, screen === "label" && project !== null ? image : null].filter((part) => part !== null).join("/")}`;
}

/**
 * What becomes of the browser's history when the place has changed: going from image to image leaves no trail, and an
 * address that named nothing is not worth going back to, unless it is where the page began. Nor is one that did not hold,
 * because it named no project, one that is gone, or another than the image's: from there Back would lead here again.
 * @param {string} before the address as it stands
 * @param {Place} now
 * @returns {"push" | "replace" | null}
 */
export function historyStep(before, now) {
  if (before === addressOf(now)) return null;
  const then = placeOf(before);
  if (!then) return now.screen === "home" ? null : "push";
  if (then.screen !== now.screen) return "push";
  const held = then.project !== null && now.project !== null && (then.image === null || then.image !== now.image);
  return held && then.project !== now.project ? "push" : "replace";
}

/** The screen that Gradio shows now. @returns {Screen | undefined} */
function shownScreen() {
  return SCREENS.find((screen) => document.getElementById(`tab-${screen}`)?.style.display === "flex");
}

/**
 * Keep the address and what is shown the same, whichever changes.
 * @param {import("./lifecycle.js").Life} life
 * @param {(screen: Screen) => void} show
 */
export function keepAddress(life, show) {
  let due = false;

  function write() {
    due = false;
    const screen = shownScreen();
    if (!life.alive || !screen) return;
    const now = { screen, project: studio.project, image: studio.image };
    const step = historyStep(location.hash, now);
    try {
      if (step === "push") history.pushState(null, "", addressOf(now));
      if (step === "replace") history.replaceState(null, "", addressOf(now));
    } catch {
      soon(LATER); // browsers refuse more than so many in some seconds, and images can be walked through faster
    }
  }

  /** A project that is opened on another screen changes both, and is one step. */
  function soon(wait = 0) {
    if (!due) setTimeout(write, wait);
    due = true;
  }

  function follow() {
    const place = placeOf(location.hash) ?? { screen: /** @type {Screen} */ ("home"), project: null, image: null };
    if (place.project !== null) studio.setProject(place.project);
    if (place.image !== null && place.image !== studio.image) studio.openImage(place.image);
    show(place.screen);
  }

  const tabs = document.getElementById("studio-tabs");
  const observer = new MutationObserver(() => soon());
  for (const part of tabs?.querySelectorAll(":scope > .tab-wrapper") ?? []) {
    observer.observe(part, { subtree: true, childList: true, attributeFilter: ["aria-selected", "class"] });
  }
  life.signal.addEventListener("abort", () => observer.disconnect());
  life.listen(studio, "project", () => soon());
  life.listen(studio, "shown", () => soon());
  life.listen(window, "popstate", follow);
  if (placeOf(location.hash)) follow();
  else soon(); // a tab may have been chosen before this was listening
}
