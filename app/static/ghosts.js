// @ts-check
/**
 * Ghosts: what a model suggests on the image shown, until a person decides.
 *
 * What was decided stands in the labels alone: an accepted ghost is a box of its id, a rejected one is noted. So undo,
 * saving, and the choice between two people's labels treat them like any other edit.
 */

import { boxIdOf, labelsOf, rejectedOf, suggestionOf } from "./labels.js";
import { iou } from "./nms.js";

/** @typedef {import("./records.js").BoxRecord} BoxRecord */
/** @typedef {import("./records.js").SuggestionRecord} SuggestionRecord */
/** @typedef {import("./records.js").SuggestingRecord} SuggestingRecord */
/** @typedef {BoxRecord & {score: number, suggestion: number}} Ghost `id` is that of the box it may become */

/** A drawn box that overlaps a ghost of its class by this IoU or more was drawn in its place. */
const SAME_OBJECT = 0.5;
/** Where the model suggests none. */
const USUAL_SCORE = 0.5;
/** Images remembered at most; the one seen longest ago is forgotten first. */
const MOST = 500;

export class Ghosts {
  /** @type {Map<number, Map<number, SuggestionRecord>>} by image, decided or not */
  #known = new Map();
  /** @type {Set<number>} decided on in this page: undo may bring them back though the server lists them no more */
  #decided = new Set();
  /** @type {Map<string, SuggestingRecord>} */
  #models = new Map();
  /** @type {string | null} the ghost that the pointer came to */
  pointedId = null;

  /** @param {import("./editor_document.js").EditorDocument} doc */
  constructor(doc) {
    this.doc = doc;
    doc.addEventListener("labels", () => this.#note());
  }

  /** Take what is suggested on an image. @param {import("./records.js").LabellingRecord} view */
  take({ image, suggestions = [], suggesting = [] }) {
    this.#note();
    const fresh = new Map(suggestions.map((each) => [each.id, each]));
    for (const [id, each] of this.#known.get(image.id) ?? []) if (this.#decided.has(id) && !fresh.has(id)) fresh.set(id, each);
    this.#known.delete(image.id);
    this.#known.set(image.id, new Map([...fresh].sort(([, a], [, b]) => b.score - a.score)));
    if (this.#known.size > MOST) this.#known.delete(this.#known.keys().next().value ?? -1);
    for (const model of suggesting) this.#models.set(model.id, model);
  }

  /** Forget suggestions that are gone. @param {number} imageId @param {readonly number[]} ids */
  drop(imageId, ids) {
    for (const id of ids) this.#known.get(imageId)?.delete(id);
  }

  /** All that nobody has decided on, the surest first, whatever is shown. @returns {Ghost[]} */
  get open() {
    const { boxes, rejected } = this.#decisions();
    return this.#here()
      .filter(({ id }) => !boxes.has(id) && !rejected.has(id))
      .map(({ id, class_id, box, score, model_id }) => ({
        ...{ id: boxIdOf(id), class_id, box, source: `model:${model_id}`, difficult: false, crowd: false },
        ...{ score, suggestion: id },
      }));
  }

  /** Those from the score on that the slider says. */
  get sure() {
    return this.open.filter(({ score }) => score >= this.from);
  }

  /** Those in sight. */
  get shown() {
    return this.sure.filter((ghost) => this.doc.settings.isShown(ghost));
  }

  /** Those in sight that may be decided on: a class can be locked. */
  get reachable() {
    return this.shown.filter((ghost) => this.doc.settings.canPick(ghost));
  }

  /** @returns {Ghost | null} one in sight */
  get selected() {
    return this.sure.find(({ id }) => id === this.doc.selectedId) ?? null;
  }

  /** The one under the pointer; what was decided or hidden since the pointer moved is none. @returns {Ghost | null} */
  get pointed() {
    return this.reachable.find(({ id }) => id === this.pointedId) ?? null;
  }

  /** How many of the image's suggestions were decided here, and how. */
  get counts() {
    const { boxes, rejected } = this.#decisions();
    const accepted = this.#here().filter(({ id }) => boxes.has(id)).length;
    const refused = this.#here().filter(({ id }) => rejected.has(id) && !boxes.has(id)).length;
    return { accepted, rejected: refused, open: this.#here().length - accepted - refused };
  }

  /** Whose the suggestions are: the model of the surest. @returns {SuggestingRecord | null} */
  get model() {
    const [first] = this.#here();
    return (first && this.#models.get(first.model_id)) ?? null;
  }

  /** The score from which ghosts are shown. */
  get from() {
    return this.doc.settings.scoreFrom ?? this.model?.score ?? USUAL_SCORE;
  }

  /** @param {string | null} id of a box @returns {Ghost | null} */
  find(id) {
    return (id !== null && suggestionOf(id) !== null && this.open.find((ghost) => ghost.id === id)) || null;
  }

  /** The box that a ghost becomes. @param {Ghost} ghost @returns {BoxRecord} */
  boxOf({ score, suggestion, ...box }) {
    return box;
  }

  /** The ghosts in whose place a box was drawn. @param {BoxRecord} drawn @returns {number[]} suggestions */
  replacedBy(drawn) {
    const same = this.shown.filter(({ class_id, box }) => class_id === drawn.class_id && iou(box, drawn.box) >= SAME_OBJECT);
    return same.map(({ suggestion }) => suggestion);
  }

  /**
   * Accept the selected ghost, else all in reach.
   * @returns {"one" | "all" | null} what was accepted
   */
  acceptInHand() {
    const { selected, reachable } = this;
    if (selected) return this.accept(selected.id) ? "one" : null;
    if (reachable.length === 0) return null;
    this.doc.selectedId = null;
    this.#decide(reachable, []);
    return "all";
  }

  /** Accept one; it stays selected, so that it can be put right. @param {string} id @returns {boolean} */
  accept(id) {
    const ghost = this.find(id);
    if (!ghost || this.#refuses(ghost)) return false;
    this.doc.selectedId = id;
    this.#decide([ghost], []);
    return true;
  }

  /** Reject one. @param {string} id @returns {boolean} */
  reject(id) {
    const ghost = this.find(id);
    if (!ghost || this.#refuses(ghost)) return false;
    this.#decide([], [ghost]);
    return true;
  }

  /** Reject all in reach. */
  rejectShown() {
    const { reachable } = this;
    if (reachable.length > 0) this.#decide([], reachable);
  }

  /** @param {Ghost[]} accepted @param {Ghost[]} rejected */
  #decide(accepted, rejected) {
    const { doc } = this;
    const { boxes, empty } = doc.labels;
    const all = accepted.length > 0 ? [...boxes, ...accepted.map((ghost) => this.boxOf(ghost))] : boxes;
    const unwanted = [...rejectedOf(doc.labels), ...rejected.map(({ suggestion }) => suggestion)];
    doc.replace(labelsOf(all, empty && all.length === 0, unwanted));
  }

  /** @param {Ghost} ghost @returns {boolean} whether its class is locked; then the screen says so */
  #refuses(ghost) {
    const locked = this.doc.settings.isLocked(ghost);
    if (locked) this.doc.say("This suggestion is locked. Unlock its class to decide on it.");
    return locked;
  }

  #here() {
    const { image } = this.doc;
    return [...((image && this.#known.get(image.id)?.values()) ?? [])];
  }

  #decisions() {
    const { labels } = this.doc;
    return { boxes: new Set(labels.boxes.map(({ id }) => suggestionOf(id))), rejected: new Set(rejectedOf(labels)) };
  }

  #note() {
    const { boxes, rejected } = this.#decisions();
    for (const id of [...boxes, ...rejected]) if (id !== null) this.#decided.add(id);
  }
}
