// @ts-check
/** The state of saving in words. */

/** @typedef {import("./save_queue.js").Summary} Summary */
/** @typedef {Pick<Summary, "state" | "edits" | "kept" | "savedAt">} State */

const WORST_FIRST = /** @type {const} */ (["conflict", "refused", "failing", "offline", "saving", "saved"]);

/**
 * Words for the state of saving.
 * @param {Pick<Summary, "state" | "edits"> & Partial<State>} state
 * @returns {string}
 */
export function savingWords({ state, edits, kept = true, savedAt = null }) {
  const count = `${edits} ${edits === 1 ? "edit" : "edits"}`;
  const where = kept ? `${count} kept here` : `${count} only on this page, keep it open`;
  switch (state) {
    case "saved":
      return savedAt === null ? "Saved" : `Saved ${clock(savedAt)}`;
    case "saving":
      return "Saving…";
    case "offline":
      return `Offline: ${where}`;
    case "failing":
    case "refused":
      return `Not saved: ${where}`;
    case "conflict":
      return `Changed elsewhere: ${where}`;
  }
}

/**
 * Two states of saving as one: the worse of them, with the edits of both.
 * @template {State} A
 * @param {A} a
 * @param {State} b
 * @returns {A}
 */
export function together(a, b) {
  const worse = WORST_FIRST.indexOf(a.state) <= WORST_FIRST.indexOf(b.state) ? a.state : b.state;
  const times = [a.savedAt, b.savedAt].filter((time) => time !== null);
  const savedAt = times.length > 0 ? Math.max(...times) : null;
  return { ...a, state: worse, edits: a.edits + b.edits, kept: a.kept && b.kept, savedAt };
}

/** @param {number} time milliseconds @returns {string} such as "12:03", as the clock on the wall has it */
function clock(time) {
  const date = new Date(time);
  return [date.getHours(), date.getMinutes()].map((part) => String(part).padStart(2, "0")).join(":");
}
