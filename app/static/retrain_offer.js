// @ts-check
/** The offer to train, once enough was labelled for a first model or since the last; who declines that is asked after as much again. */

import { api, messageOf } from "./api.js";
import { browserStorage } from "./browser_storage.js";
import { iconButton, wordButton } from "./buttons.js";
import { html, setText } from "./elements.js";
import { icon } from "./icons.js";
import { studio } from "./store.js";
import { toast } from "./toast.js";
import { aboutTime } from "./train_words.js";

/** @typedef {{offer: boolean, new_labels: number, batch: number, since_model: {id: string, name: string} | null, seconds: number | null}} Offer */

const MEMORY_KEY = "ssd-studio.retrain.";
/** Milliseconds after the last news until it is asked whether there is something to offer. */
const PAUSE = 1500;
/** Labelled images from which on a first training is offered: as many as Home and Images promise to be enough. */
const ENOUGH = 20;

/**
 * The offer in words.
 * @param {Offer} offer
 * @returns {string} such as "12 new labels since raccoon 2: training again takes about 3 min"
 */
export function offerWords({ new_labels, since_model, seconds }) {
  if (since_model === null) return `${new_labels} images are labelled: enough for a first model`;
  const many = new_labels === 1 ? "1 new label" : `${new_labels} new labels`;
  const time = seconds === null ? "" : `: training again takes ${aboutTime(seconds)}`;
  return `${many} since ${since_model.name}${time}`;
}

/**
 * What a project without a model is offered.
 * @param {Pick<import("./records.js").ProjectRecord, "labelled" | "empty" | "to_train">} project
 * @param {number} runs how often it was trained: who did that knows the way
 * @returns {Offer}
 */
export function firstOffer({ labelled, empty, to_train }, runs) {
  const done = labelled + empty;
  return { offer: done >= ENOUGH && to_train === 0 && runs === 0, new_labels: done, batch: 1, since_model: null, seconds: null };
}

/**
 * Whether an offer is made that was not declined.
 * @param {Offer} offer
 * @param {string | null} declined what was remembered, as `declinedAs` gives it
 */
export function isWanted(offer, declined) {
  if (!offer.offer) return false;
  const [model, batch] = (declined ?? "").split(" ");
  return model !== subjectOf(offer) || offer.batch > Number(batch);
}

/** @param {Offer} offer @returns {string} what is remembered when it is declined */
export function declinedAs(offer) {
  return `${subjectOf(offer)} ${offer.batch}`;
}

/** @param {Offer} offer */
function subjectOf({ since_model }) {
  return since_model?.id ?? "first";
}

export class RetrainOffer {
  /** @type {Offer | null} */
  #offer = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #turn = 0;

  /** @param {import("./lifecycle.js").Life} life */
  constructor(life) {
    this.life = life;
    this.words = html("span", { class: "st-look-words", role: "status", dir: "auto" });
    this.train = wordButton("Train again", () => this.#train(), { small: true, primary: true });
    this.node = html(
      "div",
      { class: "st-look-bar st-retrain", hidden: true },
      icon("spark"),
      this.words,
      this.train,
      iconButton("close", "Not now", () => this.#decline()),
    );
    life.listen(studio, "project", () => this.#show(null));
    life.listen(studio, "project", () => this.#soon());
    life.listen(studio, "changed", () => this.#soon());
    life.onShow(() => this.#read());
    life.onHide(() => {
      clearTimeout(this.#timer);
      this.#show(null); // meanwhile another screen may take it
    });
  }

  #soon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#read(), PAUSE);
  }

  async #read() {
    const project = studio.project;
    if (project === null || !this.life.visible) return;
    const turn = ++this.#turn;
    try {
      /** @type {Offer} */
      let offer = await api("GET", `projects/${project}/retrain-offer`);
      if (offer.since_model === null) {
        const [record, runs] = await Promise.all([api("GET", `projects/${project}`), api("GET", `projects/${project}/runs?limit=1`)]);
        offer = firstOffer(record, runs.length);
      }
      if (turn === this.#turn && project === studio.project) this.#show(offer);
    } catch {
      // An offer that cannot be made is none.
    }
  }

  /** @param {Offer | null} offer */
  #show(offer) {
    this.#turn += 1;
    this.#offer = offer;
    const wanted = offer !== null && isWanted(offer, browserStorage()?.getItem(MEMORY_KEY + studio.project) ?? null);
    this.node.hidden = !wanted;
    if (offer === null || !wanted) return;
    setText(this.words, offerWords(offer));
    setText(/** @type {Element} */ (this.train.lastChild), offer.since_model === null ? "Train" : "Train again");
  }

  #decline() {
    if (this.#offer === null) return;
    try {
      browserStorage()?.setItem(MEMORY_KEY + studio.project, declinedAs(this.#offer));
    } catch {
      // The page then merely asks again after a reload.
    }
    this.node.hidden = true;
  }

  async #train() {
    if (this.#offer?.since_model === null) return studio.navigate("train");
    this.train.disabled = true;
    try {
      await api("POST", `projects/${studio.project}/retrain`);
      this.node.hidden = true;
      studio.changed("models");
      studio.navigate("train");
    } catch (error) {
      toast(messageOf(error), { kind: "error" });
    } finally {
      this.train.disabled = false;
    }
  }
}
