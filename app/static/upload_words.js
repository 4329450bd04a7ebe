// @ts-check
/** What is said of an upload; pure. */

/**
 * One sentence for a report.
 * @param {import("./records.js").ReportRecord} report
 * @returns {string}
 */
export function reportSentence({ added, existing, rejected }) {
  const parts = [added === 0 ? "No new photograph" : added === 1 ? "1 photograph added" : `${added} photographs added`];
  if (existing > 0) parts.push(existing === 1 ? "1 was already here" : `${existing} were already here`);
  if (rejected.length > 0) parts.push(rejected.length === 1 ? "1 file was refused" : `${rejected.length} files were refused`);
  return `${parts.join(", ")}.`;
}

/** Whether what came in has no boxes yet. @param {import("./records.js").ReportRecord} report */
export function waitsForBoxes({ added, boxes }) {
  return added > 0 && boxes === 0;
}
