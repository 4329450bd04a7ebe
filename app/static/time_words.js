// @ts-check
/** Durations in words that do not promise more precision than they have. */

/**
 * How long something will still take.
 * @param {number | null | undefined} seconds
 * @returns {string} "" when it is not known
 */
export function timeLeft(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "";
  if (seconds < 10) return "a few seconds left";
  if (seconds <= 50) return `about ${Math.ceil(seconds / 10) * 10} seconds left`;
  const minutes = Math.round(seconds / 60);
  if (minutes <= 1) return "about a minute left";
  if (minutes < 60) return `about ${minutes} minutes left`;
  const hours = Math.floor(minutes / 60);
  const rest = 10 * Math.round((minutes % 60) / 10);
  if (rest === 0 || rest === 60) {
    const full = hours + rest / 60;
    return full === 1 ? "about an hour left" : `about ${full} hours left`;
  }
  return `about ${hours} h ${rest} min left`;
}
