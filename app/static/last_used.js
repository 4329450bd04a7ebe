// @ts-check
/** When each project was last opened in this browser, so that the one in use stands first. */

const KEY = "ssd-studio.used";
/** Projects remembered; older ones are told apart by their last change alone. */
const MOST = 50;

/** @typedef {Pick<Storage, "getItem" | "setItem">} Memory */

/**
 * The times of opening, in milliseconds since 1970, by project id.
 * @param {Memory | null | undefined} memory
 * @returns {Record<string, number>}
 */
export function lastUsed(memory) {
  try {
    const kept = JSON.parse(memory?.getItem(KEY) ?? "{}");
    return Object.fromEntries(Object.entries(Object(kept)).filter(([, time]) => Number.isFinite(time)));
  } catch {
    return {}; // storage may be switched off, or hold something else
  }
}

/**
 * Note that a project is in use.
 * @param {Memory | null | undefined} memory
 * @param {number} id
 * @param {number} now
 */
export function noteUse(memory, id, now) {
  const latest = Object.entries({ ...lastUsed(memory), [id]: now }).sort(([, one], [, other]) => other - one);
  try {
    memory?.setItem(KEY, JSON.stringify(Object.fromEntries(latest.slice(0, MOST))));
  } catch {
    // full or switched off: the order merely follows the last change
  }
}
