// @ts-check
/** Putting a module into its place on the page; a server that is gone meanwhile is told, with a way back. */

import { api, ApiError, messageOf } from "./api.js";
import { failureState } from "./empty_state.js";

/**
 * Load a module and let it mount itself.
 * @param {HTMLElement} root
 * @param {string} file beside this one
 * @param {(address: string) => Promise<{mount: (root: HTMLElement) => unknown}>} [load]
 */
export async function fill(root, file, load = (address) => import(address)) {
  let part;
  try {
    part = await load(new URL(file, import.meta.url).href);
  } catch (error) {
    root.classList.add("studio");
    root.replaceChildren(failureState(await reason(error), () => reload(() => fill(root, file, load))));
    return;
  }
  part.mount(root);
}

/** Why a module did not come: what a browser says of it means nothing to a person. @param {unknown} error */
export async function reason(error) {
  try {
    await api("GET", "projects");
  } catch (unanswered) {
    if (unanswered instanceof ApiError && unanswered.status === 0) return messageOf(unanswered);
  }
  return `This part of the page is missing (${messageOf(error)}). Reload the page.`;
}

/**
 * Begin the page anew once the server is back: some browsers remember for a page's life which modules did not come.
 * Its address brings back what was shown.
 * @param {() => void} again what to do as long as the server is gone
 * @param {{reload: () => void}} [page]
 */
export async function reload(again, page = location) {
  try {
    await api("GET", "projects");
  } catch {
    return again();
  }
  page.reload();
}
