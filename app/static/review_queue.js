// @ts-check
/** The findings that wait, worst first, and which of them is looked at. */

/** @typedef {import("./review_words.js").FindingRecord} FindingRecord */
/** @typedef {import("./review_words.js").ReviewRecord} ReviewRecord */

/** Findings that the server gives at once: unasked, and at most. */
export const PAGE = 50;
const MOST = 200;

/**
 * Read the list again as far as it is listed now: who has come far stays there.
 * @param {(after: number | null, limit: number) => Promise<ReviewRecord>} ask
 * @param {number} listed
 */
export async function asMany(ask, listed) {
  const limit = Math.min(MOST, Math.max(PAGE, listed));
  const review = await ask(null, limit);
  while (review.next_after !== null && review.findings.length < listed) {
    const { findings, next_after } = await ask(review.next_after, limit);
    const known = new Set(review.findings.map(({ id }) => id));
    const more = findings.filter(({ id }) => !known.has(id));
    // Where the finding behind which it reads is gone meanwhile, the server begins at the first again.
    Object.assign(review, { findings: [...review.findings, ...more], next_after: more.length === 0 ? null : next_after });
  }
  return review;
}

export class ReviewQueue {
  /** @type {FindingRecord[]} */
  findings = [];
  at = 0;
  /** @type {number | null} the finding behind which the server has more */
  nextAfter = null;

  /** The finding that is looked at, if any. @returns {FindingRecord | null} */
  get current() {
    return this.findings[this.at] ?? null;
  }

  /**
   * Take the server's list; the finding that was looked at stays so, or else what follows the last before it.
   * @param {FindingRecord[]} findings
   * @param {number | null} nextAfter
   */
  replace(findings, nextAfter) {
    const places = new Map(findings.map(({ id }, place) => [id, place]));
    const here = places.get(this.current?.id ?? -1);
    const before = this.findings.slice(0, this.at).findLast(({ id }) => places.has(id));
    const behind = before === undefined ? 0 : /** @type {number} */ (places.get(before.id)) + 1;
    this.at = here ?? Math.max(0, Math.min(behind, findings.length - 1));
    this.findings = findings;
    this.nextAfter = nextAfter;
  }

  /**
   * Take what follows.
   * @param {FindingRecord[]} findings
   * @param {number | null} nextAfter
   */
  extend(findings, nextAfter) {
    const known = new Set(this.findings.map(({ id }) => id));
    this.findings = [...this.findings, ...findings.filter(({ id }) => !known.has(id))];
    this.nextAfter = nextAfter;
  }

  /** @param {number} by @returns {boolean} whether another one is looked at now */
  step(by) {
    return this.choose(this.at + by);
  }

  /** @param {number} at @returns {boolean} whether another one is looked at now */
  choose(at) {
    const goal = Math.min(this.findings.length - 1, Math.max(0, at));
    if (goal < 0 || goal === this.at) return false;
    this.at = goal;
    return true;
  }

  /**
   * Take a finding out, because it was decided; the one behind it is looked at then, or the last.
   * @param {number} id
   * @returns {number} where it was, -1 if it is not there
   */
  remove(id) {
    const place = this.findings.findIndex((finding) => finding.id === id);
    if (place < 0) return -1;
    this.findings = this.findings.filter((finding) => finding.id !== id);
    if (place < this.at) this.at -= 1;
    this.at = Math.max(0, Math.min(this.at, this.findings.length - 1));
    return place;
  }

  /**
   * Put a finding back, because its decision was taken back, and look at it.
   * @param {FindingRecord} finding
   * @param {number} place where it was
   */
  putBack(finding, place) {
    if (this.findings.some(({ id }) => id === finding.id)) return;
    this.at = Math.min(Math.max(0, place), this.findings.length);
    this.findings = [...this.findings.slice(0, this.at), finding, ...this.findings.slice(this.at)];
  }

  /**
   * Note that an image has other boxes now.
   * @param {number} imageId
   * @param {number} revision
   * @param {import("./records.js").BoxRecord[]} boxes
   */
  redraw(imageId, revision, boxes) {
    this.findings = this.findings.map((finding) => (finding.image.id === imageId ? { ...finding, image: { ...finding.image, revision }, boxes } : finding));
  }

  /** Whether more is to be asked for, because the end is near. */
  get runsOut() {
    return this.nextAfter !== null && this.findings.length - this.at < 10;
  }
}
