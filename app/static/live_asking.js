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

  /** @param {(method: string, path: string, body?: unknown) => Promise<any>} [call] */
  constructor(call = api) {
    this.call = call;
  }

  /**
   * Ask about a frame of a stream; null if a newer one took its turn.
   * @param {Blob} picture
   * @returns {Promise<CandidatesRecord | null>}
   */
  async frame(picture) {
    const model = this.#asked();
    const answer = await this.call("POST", this.#path(model, `&frame=${(this.#frame += 1)}`), picture);
    return answer.superseded ? null : { ...answer, model };
  }

  /**
   * Ask about a photograph.
   * @param {Blob} picture
   * @param {number} [tiles] a side
   * @returns {Promise<CandidatesRecord>}
   */
  async photograph(picture, tiles = 1) {
    const model = this.#asked();
    const answer = await this.call("POST", this.#path(model, tiles > 1 ? `&tiles=${tiles}` : ""), picture);
    return { ...answer, model };
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

  #asked() {
    if (this.model === "") throw new Error("No model is chosen. Choose one in the list.");
    return this.model;
  }

  /** @param {string} model @param {string} more */
  #path(model, more) {
    return `models/${encodeURIComponent(model)}/candidates?client=${this.#client}${more}`;
  }
}
