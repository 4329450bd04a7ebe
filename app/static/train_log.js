// @ts-check
/** The end of a run's log, folded; read only while it is open, and then only what is new. */

import { api, apiUrl, messageOf } from "./api.js";
import { html, setText } from "./elements.js";

/** Lines kept in the page. */
const MOST_LINES = 400;

/**
 * The last lines of a text and what came after it.
 * @param {string} before
 * @param {string} more
 * @param {number} [most] lines
 * @returns {string}
 */
export function tailOf(before, more, most = MOST_LINES) {
  const lines = (before + more).split("\n");
  return lines.length <= most + 1 ? lines.join("\n") : lines.slice(-most - 1).join("\n");
}

export class TrainLog {
  /** @type {string | null} */
  #run = null;
  /** @type {number | null} */
  #next = null;
  #reading = false;

  constructor() {
    this.text = html("pre", { class: "st-log", tabindex: 0, role: "region", "aria-label": "Log of the training" });
    this.csv = html("a", { download: "" }, "Metrics as CSV");
    this.json = html("a", { download: "" }, "as JSON");
    this.node = html(
      "details",
      { class: "st-fold st-train-log" },
      html("summary", {}, "Log and numbers"),
      this.text,
      html("p", { class: "st-note st-links" }, this.csv, this.json),
    );
    this.node.addEventListener("toggle", () => this.node.open && this.read());
  }

  /** @param {string | null} run */
  show(run) {
    if (run === this.#run) return;
    this.#run = run;
    this.#next = null;
    setText(this.text, "");
    if (run === null) return;
    this.csv.href = apiUrl(`runs/${encodeURIComponent(run)}/metrics.csv`);
    this.json.href = apiUrl(`runs/${encodeURIComponent(run)}/metrics.json`);
  }

  /** Unfold and come into view. */
  open() {
    this.node.open = true;
    this.node.scrollIntoView({ block: "center", behavior: "smooth" });
  }

  /** Read what is new, if anybody sees it. */
  async read() {
    const run = this.#run;
    if (!this.node.open || run === null || this.#reading) return;
    this.#reading = true;
    try {
      const { text, next } = await api("GET", `runs/${encodeURIComponent(run)}/log${this.#next === null ? "" : `?after=${this.#next}`}`);
      if (run !== this.#run) return;
      const atEnd = this.text.scrollTop + this.text.clientHeight >= this.text.scrollHeight - 8;
      const before = this.#next === null ? "" : this.text.textContent ?? "";
      this.#next = next;
      setText(this.text, tailOf(before, text) || "Nothing was written yet.");
      if (text === "" && before === "") this.#next = null;
      if (atEnd) this.text.scrollTop = this.text.scrollHeight;
    } catch (error) {
      if (this.#next === null) setText(this.text, messageOf(error));
    } finally {
      this.#reading = false;
    }
  }
}
