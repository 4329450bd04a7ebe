// @ts-check
/** Answers that take a while: the server says how far it is until the answer is there. */

/** @typedef {{state: "running", waiting?: boolean, done: number, total: number, error: string | null}} Working */

/** Milliseconds from one question to the next: quickly at first, then once a second. */
const FIRST_MS = 250;
const LONGEST_MS = 1000;
/** Work on models is done one piece at a time. */
export const WAITING = "Waiting until other work on models is done…";

/**
 * Ask until the answer is there.
 * @param {() => Promise<any>} ask gives the answer, or `{state: "running", done, total}`
 * @param {object} options
 * @param {(working: Working) => void} options.onWorking hears how far it is
 * @param {() => boolean} options.wanted false ends the asking
 * @param {(milliseconds: number) => Promise<void>} [options.wait]
 * @returns {Promise<any>} null if it was not wanted any more
 */
export async function askedAgain(ask, { onWorking, wanted, wait = pause }) {
  for (let delay = FIRST_MS; ; delay = Math.min(LONGEST_MS, 2 * delay)) {
    const answer = await ask();
    if (!wanted()) return null;
    if (answer?.state !== "running") return answer;
    onWorking(answer);
    await wait(delay);
    if (!wanted()) return null;
  }
}

/** @param {number} milliseconds @returns {Promise<void>} */
function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/**
 * How far it is, in words.
 * @param {Pick<Working, "done" | "total" | "waiting">} working
 * @param {string} doing such as "Measuring"
 * @returns {string}
 */
export function workingWords({ waiting, done, total }, doing) {
  if (waiting) return WAITING;
  return total > 0 ? `${doing}: ${Math.min(done, total)} of ${total} images` : `${doing}: the model is being loaded`;
}
