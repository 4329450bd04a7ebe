// @ts-check
/**
 * Saving labels so that nothing shown as saved is lost and nothing lost is shown as saved.
 *
 * For each image the queue holds what the server acknowledged and what the person wants, and sends one operation at a
 * time until they agree. An operation that got no answer is repeated with the same operation id, so that one that did
 * arrive counts once. An image that changed elsewhere (409) waits for the person to choose.
 *
 * Events: "change" whenever `summary()` may answer otherwise; "acknowledged" (detail: imageId, status, revision, boxes:
 * how many, replaced: rejected suggestions that a newer look had replaced); "conflict" (detail: imageId); "lost" (detail: imageId, message) when an image is gone and its edits with
 * it; "adopted" (detail: imageId) when an earlier page's edits of an image that is open here were taken up.
 */

import { ApiError, messageOf } from "./api.js";
import { bothOf, onlyReshaped, sameBoxes } from "./label_difference.js";
import { labelsOf, rejectedOf, sameRejected } from "./labels.js";
import { randomId } from "./random_id.js";
import { newEntry, nextOperation, sameIdentity, waits } from "./save_entry.js";

/** @typedef {import("./records.js").BoxRecord} BoxRecord */
/** @typedef {import("./records.js").ImageStatus} ImageStatus */
/** @typedef {import("./save_entry.js").Labels} Labels */
/** @typedef {import("./save_entry.js").Identity} Identity */
/** @typedef {import("./save_entry.js").Operation} Operation */
/** @typedef {import("./save_entry.js").Trouble} Trouble */
/** @typedef {import("./save_entry.js").Entry} Entry */
/** @typedef {"saved" | "saving" | "offline" | "failing" | "refused" | "conflict"} SaveState */
/**
 * @typedef {object} Summary
 * @property {SaveState} state
 * @property {number} edits that wait
 * @property {string} message
 * @property {number | null} imageId the image in trouble
 * @property {boolean} kept whether the browser holds everything that waits
 * @property {number | null} savedAt milliseconds, when the server acknowledged something last
 */

const WORST_FIRST = /** @type {const} */ (["conflict", "refused", "failing", "offline"]);

/** Statuses under which the same request may succeed later. */
const PASSING = new Set([0, 408, 425, 429]);

export class SaveQueue extends EventTarget {
  /** @type {Map<number, Entry>} */
  #entries = new Map();
  /** @type {Map<number, string>} images of which a closed page left edits that are not taken up yet, and why not */
  #left = new Map();
  #put;
  #kept;
  #delay;
  #retryDelays;
  #newId;
  #now;
  /** @type {number | null} */
  #savedAt = null;

  /**
   * @param {object} options
   * @param {(path: string, body: unknown, options?: {keepalive?: boolean}) => Promise<any>} options.put throws ApiError
   * @param {import("./unsaved_edits.js").UnsavedEdits | null} [options.kept]
   * @param {number} [options.delay] milliseconds between two sendings while a box is nudged along; all else goes at once
   * @param {number[]} [options.retryDelays] milliseconds before each repetition; the last one repeats
   * @param {() => string} [options.newId]
   * @param {() => number} [options.now] milliseconds
   */
  constructor({ put, kept = null, delay = 300, retryDelays = [1000, 2000, 4000, 8000], newId = randomId, now = Date.now }) {
    super();
    this.#put = put;
    this.#kept = kept;
    this.#delay = delay;
    this.#retryDelays = retryDelays;
    this.#newId = newId;
    this.#now = now;
  }

  /**
   * Tell the queue what the server says of an image; get back what is to be shown, which is newer if edits wait.
   * @param {Identity & {id: number, revision: number}} image
   * @param {Labels} labels
   * @returns {Labels}
   */
  open(image, labels) {
    const { id, revision, name, width, height } = image;
    const entry = this.#entries.get(id) ?? this.#adopt(image);
    if (entry && (waits(entry) || entry.revision > revision)) return entry.wanted;
    // What this page rejected stays known to it, so that undo can bring it back.
    const known = labelsOf(labels.boxes, labels.empty, entry && rejectedOf(entry.acknowledged));
    this.#entries.set(id, newEntry(id, { name, width, height }, revision, known));
    return known;
  }

  /**
   * Take an image's labels as the person has them now, and save them at once; of a box that is nudged along, the first
   * step goes at once and the others are gathered.
   * @param {number} imageId an opened image
   * @param {Labels} labels never changed afterwards
   */
  want(imageId, labels) {
    const entry = this.#entry(imageId);
    const { wanted } = entry;
    const nudged = wanted.empty === labels.empty && sameRejected(wanted, labels) && onlyReshaped(wanted.boxes, labels.boxes);
    const wait = nudged ? Math.max(0, entry.sentAt + this.#delay - this.#now()) : 0;
    entry.wanted = labels;
    entry.edits += 1;
    if (entry.trouble?.kind === "refused") entry.trouble = null;
    this.#keep(entry);
    if (entry.failures === 0) {
      clearTimeout(entry.timer);
      if (wait === 0) this.#pump(entry);
      else entry.timer = setTimeout(() => this.#pump(entry), wait);
    } // else the repetition that is due sends it; edits must neither hasten nor put off that one
    this.#tell("change");
  }

  /** Send everything that waits, now; also the thing to do when the network is back. */
  flush() {
    for (const entry of this.#entries.values()) if (waits(entry)) this.#pump(entry);
  }

  /**
   * What is wanted of an image that the queue knows.
   * @param {number} imageId
   * @returns {Labels | null}
   */
  labels(imageId) {
    return this.#entries.get(imageId)?.wanted ?? null;
  }

  /**
   * What stands between an image's edits and the server, if anything.
   * @param {number} imageId
   * @returns {Trouble | null}
   */
  trouble(imageId) {
    return this.#entries.get(imageId)?.trouble ?? null;
  }

  /**
   * Settle a conflict: the person's labels replace what the server has.
   * @param {number} imageId
   */
  keepMine(imageId) {
    const entry = this.#entry(imageId);
    if (entry.trouble?.kind !== "conflict") return;
    const { revision, boxes, empty } = entry.trouble;
    const acknowledged = labelsOf(boxes, empty, rejectedOf(entry.acknowledged));
    Object.assign(entry, { revision, acknowledged, operation: null, trouble: null });
    this.#keep(entry);
    this.#pump(entry);
  }

  /**
   * Settle a conflict: the boxes of both stay.
   * @param {number} imageId
   * @returns {Labels | null} what is wanted now, null if there is no conflict
   */
  keepBoth(imageId) {
    const entry = this.#entry(imageId);
    if (entry.trouble?.kind !== "conflict") return null;
    const boxes = bothOf(entry.wanted.boxes, entry.trouble.boxes, entry.acknowledged.boxes, this.#newId);
    const empty = boxes.length === 0 && (entry.wanted.empty || entry.trouble.empty);
    entry.wanted = labelsOf(boxes, empty, rejectedOf(entry.wanted));
    this.keepMine(imageId);
    return entry.wanted;
  }

  /**
   * Settle a conflict: what the server has replaces the person's labels.
   * @param {number} imageId
   * @returns {Labels | null} what is wanted now, null if there is no conflict
   */
  takeTheirs(imageId) {
    const { trouble, identity, acknowledged } = this.#entry(imageId);
    if (trouble?.kind !== "conflict") return null;
    this.forget(imageId);
    const labels = labelsOf(trouble.boxes, trouble.empty, rejectedOf(acknowledged));
    this.#entries.set(imageId, newEntry(imageId, identity, trouble.revision, labels));
    return labels;
  }

  /**
   * Settle anything: forget the person's edits of an image. Open it anew afterwards.
   * @param {number} imageId
   */
  forget(imageId) {
    const entry = this.#entries.get(imageId);
    clearTimeout(entry?.timer);
    this.#entries.delete(imageId);
    this.#kept?.keep(imageId, null);
    this.#tell("change");
  }

  /**
   * The state of all saving: the worst over all images.
   * @returns {Summary}
   */
  summary() {
    const waiting = [...this.#entries.values()].filter((entry) => waits(entry));
    const edits = waiting.reduce((sum, entry) => sum + Math.max(1, entry.edits), this.#left.size);
    const common = { edits, kept: waiting.every(({ kept }) => kept), savedAt: this.#savedAt };
    for (const kind of WORST_FIRST) {
      const entry = waiting.find(({ trouble }) => trouble?.kind === kind);
      if (entry) return { state: kind, message: entry.trouble?.message ?? "", imageId: entry.imageId, ...common };
    }
    const unanswered = [...this.#left.values()].find((message) => message !== "");
    if (unanswered) return { state: "offline", message: unanswered, imageId: null, ...common };
    return { state: edits > 0 ? "saving" : "saved", message: "", imageId: null, ...common };
  }

  /**
   * Send what waits in a way that outlives the page. An operation on its way is sent once more under its id, and the
   * edits made since follow it; what cannot be sent stays kept in the browser.
   */
  leave() {
    for (const entry of this.#entries.values()) {
      if (!waits(entry) || entry.trouble?.kind === "conflict") continue;
      clearTimeout(entry.timer);
      const first = entry.operation ?? nextOperation(entry, this.#newId);
      if (first) this.#put(first.path, first.body, { keepalive: true }).catch(() => {});
      entry.operation = first;
      this.#keep(entry);
    }
  }

  /**
   * Take up what earlier pages could not save. An image of which this page has edits waiting is left for another time.
   * @param {(imageId: number) => Promise<Identity & {id: number, revision: number}>} look the image as it is now
   */
  async restore(look) {
    this.#left = new Map((this.#kept?.imageIds() ?? []).map((imageId) => [imageId, this.#left.get(imageId) ?? ""]));
    if (this.#left.size > 0) this.#tell("change");
    for (const imageId of [...this.#left.keys()]) {
      const open = this.#entries.has(imageId);
      try {
        const image = await look(imageId);
        if (this.#adopt(image) && open) this.#tell("adopted", { imageId });
        this.#left.delete(imageId);
      } catch (error) {
        const gone = error instanceof ApiError && error.status === 404;
        if (gone && this.#kept?.take(imageId)) this.#kept.keep(imageId, null);
        if (gone) this.#left.delete(imageId);
        else this.#left.set(imageId, messageOf(error));
      }
    }
    this.flush();
    this.#tell("change");
  }

  /** @param {Identity & {id: number}} image @returns {Entry | undefined} the entry with what was kept of the image */
  #adopt(image) {
    const here = this.#entries.get(image.id);
    const kept = here && waits(here) ? null : this.#kept?.take(image.id);
    if (!kept) return undefined;
    if (!sameIdentity(image, kept.identity)) {
      this.#kept?.keep(image.id, null); // another dataset answers at this address now
      return undefined;
    }
    const { identity, revision, acknowledged, wanted, edits, operation } = kept;
    const entry = { ...newEntry(image.id, identity, revision, acknowledged), wanted, edits, operation };
    this.#entries.set(image.id, entry);
    entry.timer = setTimeout(() => this.#pump(entry));
    return entry;
  }

  /** @param {number} imageId @returns {Entry} */
  #entry(imageId) {
    const entry = this.#entries.get(imageId);
    if (!entry) throw new Error(`Image ${imageId} was not opened before it was edited.`);
    return entry;
  }

  /** @param {Entry} entry */
  async #pump(entry) {
    clearTimeout(entry.timer);
    if (entry.sending || entry.trouble?.kind === "conflict" || this.#entries.get(entry.imageId) !== entry) return;
    entry.operation ??= nextOperation(entry, this.#newId);
    const { operation } = entry;
    this.#keep(entry);
    if (operation === null) return this.#settle(entry);
    entry.sending = true;
    if (entry.failures === 0) entry.sentAt = this.#now();
    this.#tell("change");
    try {
      const answer = await this.#put(operation.path, operation.body);
      entry.sending = false;
      this.#acknowledge(entry, operation, answer);
    } catch (error) {
      entry.sending = false;
      this.#fail(entry, error);
    }
  }

  /** @param {Entry} entry @param {Operation} operation @param {{revision: number, status: ImageStatus, replaced?: number[]}} answer */
  #acknowledge(entry, operation, { revision, status, replaced = [] }) {
    const told = rejectedOf(entry.acknowledged); // they were gone then already
    const gone = replaced.filter((id) => !told.includes(id));
    entry.revision = revision;
    entry.acknowledged = labelsOf(operation.boxes, status === "empty", operation.rejected);
    entry.edits = Math.max(0, entry.edits - operation.edits);
    Object.assign(entry, { operation: null, trouble: null, failures: 0 });
    this.#savedAt = this.#now();
    this.#tell("acknowledged", { imageId: entry.imageId, status, revision, boxes: operation.boxes.length, replaced: gone });
    this.#pump(entry);
  }

  /** @param {Entry} entry */
  #settle(entry) {
    Object.assign(entry, { edits: 0, trouble: null, failures: 0 });
    this.#tell("change");
  }

  /** @param {Entry} entry @param {unknown} error */
  #fail(entry, error) {
    if (this.#entries.get(entry.imageId) !== entry) return; // forgotten meanwhile
    const status = error instanceof ApiError ? error.status : 0;
    const message = messageOf(error);
    const boxes = error instanceof ApiError ? error.body?.boxes : null;
    if (status === 409 && Array.isArray(boxes)) return this.#collide(entry, /** @type {ApiError} */ (error), boxes);
    if (status === 404) {
      this.forget(entry.imageId);
      return this.#tell("lost", { imageId: entry.imageId, message: `${entry.identity.name} is gone: ${message}` });
    }
    if (PASSING.has(status) || status >= 500) {
      entry.failures += 1;
      entry.trouble = { kind: status === 0 ? "offline" : "failing", message };
      entry.timer = setTimeout(() => this.#pump(entry), this.#pause(entry));
    } else {
      entry.operation = null; // repeating it cannot help; the next edit makes a new one
      entry.trouble = { kind: "refused", message };
    }
    this.#keep(entry);
    this.#tell("change");
  }

  /** @param {Entry} entry @param {ApiError} error @param {BoxRecord[]} boxes as the server has them */
  #collide(entry, error, boxes) {
    const revision = Number(error.body.revision);
    const empty = error.body.status === "empty";
    entry.trouble = { kind: "conflict", message: error.message, revision, boxes, empty };
    if (sameBoxes(boxes, entry.wanted.boxes) && empty === entry.wanted.empty) return this.keepMine(entry.imageId); // both meant the same
    this.#keep(entry);
    this.#tell("conflict", { imageId: entry.imageId });
    this.#tell("change");
  }

  /** @param {Entry} entry @returns {number} milliseconds */
  #pause(entry) {
    return this.#retryDelays[Math.min(entry.failures, this.#retryDelays.length) - 1] ?? this.#delay;
  }

  /** @param {Entry} entry */
  #keep(entry) {
    const { identity, revision, acknowledged, wanted, edits, operation } = entry;
    const kept = waits(entry) ? { identity, revision, acknowledged, wanted, edits, operation } : null;
    entry.kept = this.#kept?.keep(entry.imageId, kept) ?? kept === null;
  }

  /** @param {string} type @param {unknown} [detail] */
  #tell(type, detail = null) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
