// @ts-check
/** Asking models about pictures on behalf of one page, and changing from one model to another without a pause. */

import { api } from "./api.js";
import { randomId } from "./random_id.js";

/** @typedef {import("./records.js").CandidatesRecord} CandidatesRecord */
/** @typedef {{superseded: true, frame: number}} Superseded a newer frame took its turn */

export class LiveAsking {
  /** The server gives turns to pages, not to questions. */
  #client = randomId();
  #frame = 0;
  #wish = 0;
  /** The id of the model that is asked now; "" for none. */
  model = "";

  /**
   * @param {(model: string, runtime: string) => void} [onRuntime] told at each answer what gave it
   * @param {(method: string, path: string, body?: unknown) => Promise<any>} [call]
   */
  constructor(onRuntime = () => {}, call = api) {
    this.onRuntime = onRuntime;
    this.call = call;
  }

  /**
   * Ask about a frame of a stream; null if a newer one took its turn.
   * @param {Blob} picture
   * @returns {Promise<CandidatesRecord | null>}
   */
  async frame(picture) {
    const answer = await this.#ask(picture, `&frame=${(this.#frame += 1)}`);
    return answer.superseded ? null : answer;
  }

  /**
   * Ask about a photograph.
   * @param {Blob} picture
   * @param {number} [tiles] a side
   * @returns {Promise<CandidatesRecord>}
   */
  photograph(picture, tiles = 1) {
    return this.#ask(picture, tiles > 1 ? `&tiles=${tiles}` : "");
  }

  /**
   * Ask another model from the moment on at which it is loaded; the one before answers until then.
   * @param {string} model
   * @returns {Promise<boolean>} false if another one was wanted meanwhile
   */
  async change(model) {
    const wish = (this.#wish += 1);
    if (model !== this.model) await this.call("POST", `models/${encodeURIComponent(model)}/warm`);
    if (wish !== this.#wish) return false;
    this.model = model;
    return true;
  }

  /** Ask another model at once. @param {string} model */
  set(model) {
    this.#wish += 1;
    this.model = model;
  }

  /** @param {Blob} picture @param {string} more of the address @returns {Promise<any>} */
  async #ask(picture, more) {
    const { model } = this;
    if (model === "") throw new Error("No model is chosen. Choose one in the list.");
    const answer = await this.call("POST", `models/${encodeURIComponent(model)}/candidates?client=${this.#client}${more}`, picture);
    if (answer.runtime) this.onRuntime(model, answer.runtime);
    return { ...answer, model };
  }
}
