// @ts-check
/** A data set on its way in: files are sent and kept aside, looked at, and imported by the server. */

import { api, ApiError, messageOf } from "./api.js";
import { withoutFolder } from "./import_choices.js";

/** @typedef {import("./upload.js").Incoming} Incoming */
/** @typedef {import("./import_choices.js").ImportChoice} ImportChoice */
/** @typedef {{id: string, state: string, done: number, total: number, report: any, error: string | null, project_id: number | null}} ImportState */

/** Files on their way at the same time. */
const AT_ONCE = 3;
const LOOK_EVERY = 400;
/** What is left of an import that was stopped and cleared away. @type {ImportState} */
const STOPPED = { id: "", state: "cancelled", done: 0, total: 0, report: null, error: null, project_id: null };

export class ImportJob {
  #stopped = false;

  /** @param {string} id @param {string} name what the data set is called */
  constructor(id, name) {
    this.id = id;
    this.name = name;
  }

  /**
   * Read a folder or zip of the server's computer where it is.
   * @param {string} path
   */
  static async ofPath(path) {
    const { id, name } = await api("POST", "imports", { path });
    return new ImportJob(id, name ?? path);
  }

  /**
   * Send files of this browser.
   * @param {readonly Incoming[]} incoming a folder's files, or one zip
   * @param {(sent: number) => void} onProgress hears how many bytes are there
   * @param {AbortSignal} signal
   */
  static async ofFiles(incoming, onProgress, signal) {
    const { folder, files } = withoutFolder(incoming);
    const name = folder ?? (files.length === 1 ? files[0].path : "Imported");
    const { id } = await api("POST", "imports", { name }, { signal });
    const job = new ImportJob(id, name);
    const waiting = [...files];
    let sent = 0;
    const send = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        await api("PUT", `imports/${id}/file?path=${encodeURIComponent(next.path)}`, next.file, { signal });
        onProgress((sent += next.file.size));
      }
    };
    try {
      await Promise.all(Array.from({ length: AT_ONCE }, send));
    } catch (error) {
      waiting.length = 0; // the other senders end as well
      job.discard();
      throw error;
    }
    return job;
  }

  /**
   * Tell what an import would find.
   * @param {ImportChoice} choice
   * @param {AbortSignal} signal
   * @returns {Promise<import("./import_choices.js").ImportPreview>}
   */
  preview(choice, signal) {
    return api("POST", `imports/${this.id}/preview`, choice, { signal });
  }

  /** @returns {Promise<ImportState>} */
  state() {
    return api("GET", `imports/${this.id}`);
  }

  /**
   * Import, and wait for the end.
   * @param {ImportChoice & {on_existing: "keep" | "replace"}} choice
   * @param {(state: ImportState) => void} onProgress
   * @returns {Promise<ImportState>} done or cancelled
   * @throws {Error} what was imported before stays
   */
  async run(choice, onProgress) {
    await api("POST", `imports/${this.id}/run`, choice);
    for (let missed = 0; ; ) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
      /** @type {ImportState} */
      let state;
      try {
        state = await this.state();
        missed = 0;
      } catch (error) {
        if (this.#stopped && error instanceof ApiError && error.status === 404) return STOPPED;
        if ((missed += 1) > 10) throw error; // a server that is busy or begins anew may miss a few
        continue;
      }
      onProgress(state);
      if (state.state === "failed") throw new Error(state.error ?? "The import ended early. What was imported before is in.");
      if (state.state === "done" || state.state === "cancelled") return state;
    }
  }

  /** Stop it if it runs, and throw away what was sent. */
  discard() {
    this.#stopped = true;
    return api("DELETE", `imports/${this.id}`).catch((error) => messageOf(error));
  }
}
