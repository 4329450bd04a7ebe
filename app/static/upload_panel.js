// @ts-check
/** How far the page's uploads are, and what became of each file. */

import { api, messageOf } from "./api.js";
import { iconButton, wordButton } from "./buttons.js";
import { html, setText } from "./elements.js";
import { queuePath } from "./label_queue.js";
import { problemTable } from "./problem_table.js";
import { studio } from "./store.js";
import { toast } from "./toast.js";
import { joined } from "./upload.js";
import { uploads } from "./upload_queue.js";
import { reportSentence, waitsForBoxes } from "./upload_words.js";

/** @typedef {import("./records.js").ReportRecord} ReportRecord */

export class UploadPanel {
  /** What was shown and not dismissed: a file that was refused is not forgotten over the next upload. @type {ReportRecord | null} */
  #open = null;

  /** @param {import("./lifecycle.js").Life} life */
  constructor(life) {
    this.bar = html("progress", { class: "st-progress", max: 1, value: 0, "aria-label": "Upload" });
    this.count = html("span", { role: "status" });
    this.stop = wordButton("Stop", () => this.#stop(), { small: true });
    this.progress = html("div", { class: "st-upload-progress", hidden: true }, html("div", { class: "st-upload-head" }, this.count, this.stop), this.bar);
    this.label = wordButton("Draw boxes", () => this.#label(), { small: true, primary: true });
    this.report = html("div", { class: "st-report", hidden: true });
    this.node = html("div", { class: "st-upload" }, this.progress, this.report);
    life.listen(uploads, "progress", () => this.#draw());
    life.listen(uploads, "done", ({ detail }) => this.#done(detail));
    this.#draw();
  }

  #draw() {
    if (!uploads.busy && uploads.total === 0) return;
    this.report.hidden = true;
    this.progress.hidden = false;
    setText(this.count, `${uploads.sent} of ${uploads.total} sent`);
    this.bar.value = uploads.total === 0 ? 0 : uploads.sent / uploads.total;
  }

  #stop() {
    this.stop.disabled = true;
    uploads.stop();
  }

  /** On to the first image that waits for its boxes. */
  async #label() {
    try {
      const { images } = await api("GET", queuePath(`projects/${studio.project}/images`, { status: "unlabelled" }, { limit: 1 }));
      if (images.length > 0) studio.openImage(images[0].id);
      else studio.navigate("label");
    } catch (error) {
      toast(messageOf(error), { kind: "error" });
    }
  }

  /** @param {import("./upload_queue.js").Outcome} outcome */
  #done({ report, failure, left }) {
    this.stop.disabled = false;
    this.progress.hidden = true;
    const resend = failure === null ? undefined : () => left.forEach(({ project, incoming }) => uploads.add(project, incoming));
    const unsent = left.reduce((sum, { incoming }) => sum + incoming.length, 0);
    this.show(report, failure === null ? null : `${unsent === 1 ? "1 file was not sent" : `${unsent} files were not sent`}: ${failure}`, resend);
  }

  /**
   * Show what became of files.
   * @param {ReportRecord} report
   * @param {string | null} [failure] a sentence
   * @param {() => void} [resend]
   */
  show(report, failure = null, resend) {
    const close = iconButton("close", "Dismiss the report", () => {
      this.report.hidden = true;
      this.#open = null;
    });
    if (this.#open !== null && this.#open.rejected.length > 0) report = joined(this.#open, report);
    this.#open = report;
    this.report.replaceChildren(
      html("div", { class: "st-report-head" }, html("p", { role: "status" }, reportSentence(report)), waitsForBoxes(report) ? this.label : null, close),
      ...(failure === null ? [] : [html("p", { class: "st-problem", role: "alert" }, failure)]),
      ...(resend ? [wordButton("Send the rest", resend, { small: true })] : []),
      ...(report.rejected.length > 0 ? [problemTable(report.rejected, { title: "Refused files", name: "refused-files.csv" })] : []),
      ...report.notes.map((note) => html("p", { class: "st-note", dir: "auto" }, note)),
    );
    this.report.hidden = false;
  }
}
