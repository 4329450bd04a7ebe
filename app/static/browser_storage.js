// @ts-check
/** The browser's storage of this page, where there is one: it may be switched off. */

/** @returns {Storage | null} */
export function browserStorage() {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}
