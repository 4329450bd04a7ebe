// @ts-check
/** Uploads of the whole page, one after another: a drop during an upload waits its turn. */

import { emptyReport, joined, upload } from "./upload.js";

/** @typedef {import("./upload.js").Incoming} Incoming */
/** @typedef {import("./records.js").ReportRecord} ReportRecord */
/** @typedef {{project: number, incoming: Incoming[]}} Job */
/** @typedef {{report: ReportRecord, failure: string | null, left: Job[], projects: number[]}} Outcome */

/** Events: "progress" whenever the counts change, "done" (detail: Outcome) when nothing waits any more. */
export class UploadQueue extends EventTarget {
  /** @type {Job[]} */
  #waiting = [];
  /** @type {import("./records.js").ProblemRecord[]} */
  #unreadable = [];
  #before = 0;
  #stop = new AbortController();
  busy = false;
  /** Files of this round, and how many of them were answered for. */
  total = 0;
  sent = 0;

  /** @param {typeof upload} [send] */
  constructor(send = upload) {
    super();
    this.send = send;
  }

  /**
   * Put files at the end of the queue.
   * @param {number} project
   * @param {Incoming[]} incoming
   * @param {import("./records.js").ProblemRecord[]} [unreadable] what could not even be read, for the report
   */
  add(project, incoming, unreadable = []) {
    if (incoming.length === 0 && unreadable.length === 0) return;
    this.#waiting.push({ project, incoming });
    this.#unreadable.push(...unreadable);
    this.total += incoming.length;
    this.#tell("progress");
    if (!this.busy) this.#work();
  }

  /** End after the batch that is on its way; what was sent stays. */
  stop() {
    this.#stop.abort();
  }

  async #work() {
    this.busy = true;
    this.#stop = new AbortController();
    /** @type {Outcome} */
    const outcome = { report: emptyReport(), failure: null, left: [], projects: [] };
    for (let job = this.#waiting.shift(); job; job = this.#waiting.shift()) {
      if (outcome.failure !== null) {
        outcome.left.push(job);
        continue;
      }
      if (!outcome.projects.includes(job.project)) outcome.projects.push(job.project);
      const done = await this.send(job.project, job.incoming, (sent) => this.#progress(sent), this.#stop.signal);
      this.#before += done.sent;
      outcome.report = joined(outcome.report, done.report);
      outcome.failure = done.failure;
      if (done.failure !== null) outcome.left.push({ project: job.project, incoming: job.incoming.slice(done.sent) });
    }
    outcome.report = { ...outcome.report, rejected: [...this.#unreadable, ...outcome.report.rejected] };
    this.#unreadable = [];
    this.#before = this.sent = this.total = 0;
    this.busy = false;
    this.dispatchEvent(new CustomEvent("done", { detail: outcome }));
  }

  /** @param {number} sent of the job on its way */
  #progress(sent) {
    this.sent = this.#before + sent;
    this.#tell("progress");
  }

  /** @param {string} type */
  #tell(type) {
    this.dispatchEvent(new Event(type));
  }
}

const shared = /** @type {{ssdStudioUploads?: UploadQueue}} */ (/** @type {unknown} */ (globalThis));

/** The page's one queue; on the window for the reason that the store is there. */
export const uploads = (shared.ssdStudioUploads ??= new UploadQueue());
