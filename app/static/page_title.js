// @ts-check
/** The page's title: the open project's, and before it what is to be told of its training; pure. */

/** What stands before the title proper. */
const PREFIX = /^(\d+ %|✓ Ready|⚠ Failed|Paused) · /;

/**
 * A page's title with what is to be told before it.
 * @param {string} title as it is
 * @param {string} prefix "" for none
 * @returns {string}
 */
export function titled(title, prefix) {
  const proper = title.replace(PREFIX, "");
  return prefix === "" ? proper : `${prefix} · ${proper}`;
}

/**
 * Another title proper; what stands before it stays.
 * @param {string} title as it is
 * @param {string} proper
 * @returns {string}
 */
export function retitled(title, proper) {
  return (PREFIX.exec(title)?.[0] ?? "") + proper;
}
