// @ts-check
/**
 * Saving labels so that nothing shown as saved is lost and nothing lost is shown as saved.
 *
 * For each image the queue holds what the server acknowledged and what the person wants, and sends one operation at a
 * time until they agree. An operation that got no answer is repeated with the same operation id, so that one that did
 * arrive counts once. An image that changed elsewhere (409) waits for the person to choose.
 *
 * Events: "change" whenever `summary()` may answer otherwise; "acknowledged" (detail: imageId, status);
 * "conflict" (detail: imageId); "lost" (detail: imageId, message) when an image is gone and its edits with it.
 */

import { ApiError, messageOf } from "./api.js";
import { randomId } from "./random_id.js";

/** @typedef {import("./records.js").BoxRecord} BoxRecord */
/** @typedef {import("./records.js").ImageStatus} ImageStatus */
/** @typedef {{boxes: readonly BoxRecord[], empty: boolean}} Labels `empty`: a person checked that nothing is there */
/** @typedef {{name: string, width: number, height: number}} Identity tells whether an id still means that image */
/** @typedef {{path: string, body: {operation_id: string, revision: number}, boxes: readonly BoxRecord[], edits: number}} Operation */
/** @typedef {{kind: "offline" | "failing" | "refused", message: string} | {kind: "conflict", message: string, revision: number, boxes: BoxRecord[]}} Trouble */
/**
 * @typedef {object} Entry
 * @property {number} imageId
 * @property {Identity} identity
 * @property {number} revision last acknowledged
 * @property {Labels} acknowledged
 * @property {Labels} wanted
 * @property {number} edits made since the server last agreed
 * @property {Operation | null} operation sent, and not answered yet
 * @property {boolean} sending
 * @property {number} failures in a row
 * @property {Trouble | null} trouble
 * @property {any} timer
 */
/** @typedef {{state: "saved" | "saving" | "offline" | "failing" | "refused" | "conflict", edits: number, message: string, imageId: number | null}} Summary */

const WORST_FIRST = /** @type {const} */ (["conflict", "refused", "failing", "offline"]);

/** Statuses under which the same request may succeed later. */
const PASSING = new Set([0, 408, 425, 429]);

export class SaveQueue extends EventTarget {
  /** @type {Map<number, Entry>} */
  #entries = new Map();
  #put;
  #kept;
  #delay;
  #retryDelays;
  #newId;

  /**
   * @param {object} options
   * @param {(path: string, body: unknown, options?: {keepalive?: boolean}) => Promise<any>} options.put throws ApiError
   * @param {import("./unsaved_edits.js").UnsavedEdits | null} [options.kept]
   * @param {number} [options.delay] milliseconds that edits are gathered before they are sent
   * @param {number[]} [options.retryDelays] milliseconds before each repetition; the last one repeats
   * @param {() => string} [options.newId]
   */
  constructor({ put, kept = null, delay = 300, retryDelays = [1000, 2000, 4000, 8000], newId = randomId }) {
    super();
    this.#put = put;
    this.#kept = kept;
    this.#delay = delay;
    this.#retryDelays = retryDelays;
    this.#newId = newId;
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
    if (entry && (this.#waits(entry) || entry.revision > revision)) return entry.wanted;
    this.#entries.set(id, newEntry(id, { name, width, height }, revision, labels));
    return labels;
  }

  /**
   * Take an image's labels as the person has them now, and save them soon.
   * @param {number} imageId an opened image
   * @param {Labels} labels never changed afterwards
   */
  want(imageId, labels) {
    const entry = this.#entry(imageId);
    entry.wanted = labels;
    entry.edits += 1;
    if (entry.trouble?.kind === "refused") entry.trouble = null;
    this.#keep(entry);
    if (entry.failures === 0) {
      clearTimeout(entry.timer);
      entry.timer = setTimeout(() => this.#pump(entry), this.#delay);
    } // else the repetition that is due sends it; edits must neither hasten nor put off that one
    this.#tell("change");
  }

  /** Send everything that waits, now; also the thing to do when the network is back. */
  flush() {
    for (const entry of this.#entries.values()) if (this.#waits(entry)) this.#pump(entry);
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
    const { revision, boxes } = entry.trouble;
    Object.assign(entry, { revision, acknowledged: { boxes, empty: false }, operation: null, trouble: null });
    this.#keep(entry);
    this.#pump(entry);
  }

  /**
   * Settle a conflict, or anything else: forget the person's edits of an image. Open it anew afterwards.
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
    const waiting = [...this.#entries.values()].filter((entry) => this.#waits(entry));
    const edits = waiting.reduce((sum, entry) => sum + Math.max(1, entry.edits), 0);
    for (const kind of WORST_FIRST) {
      const entry = waiting.find(({ trouble }) => trouble?.kind === kind);
      if (entry) return { state: kind, edits, message: entry.trouble?.message ?? "", imageId: entry.imageId };
    }
    return { state: waiting.length > 0 ? "saving" : "saved", edits, message: "", imageId: null };
  }

  /**
   * Send what waits in a way that outlives the page. An operation on its way is sent once more under its id, and the
   * edits made since follow it; what cannot be sent stays kept in the browser.
   */
  leave() {
    for (const entry of this.#entries.values()) {
      if (!this.#waits(entry) || entry.trouble?.kind === "conflict") continue;
      clearTimeout(entry.timer);
      const first = entry.operation ?? this.#nextOperation(entry);
      if (first) this.#put(first.path, first.body, { keepalive: true }).catch(() => {});
      entry.operation = first;
      this.#keep(entry);
    }
  }

  /**
   * Take up what an earlier page could not save.
   * @param {(imageId: number) => Promise<Identity & {id: number, revision: number}>} look the image as it is now
   */
  async restore(look) {
    for (const imageId of this.#kept?.imageIds() ?? []) {
      try {
        if (!this.#entries.has(imageId)) this.#adopt(await look(imageId));
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) this.#kept?.keep(imageId, null);
      }
    }
    this.flush();
    this.#tell("change");
  }

  /** @param {Identity & {id: number}} image @returns {Entry | undefined} the entry with what was kept of the image */
  #adopt(image) {
    const kept = this.#entries.has(image.id) ? null : this.#kept?.find(image.id);
    if (!kept) return this.#entries.get(image.id);
    if (!sameIdentity(image, kept.identity)) {
      this.#kept?.keep(image.id, null); // another dataset answers at this address now
      return undefined;
    }
    const { identity, revision, acknowledged, wanted, edits, operation } = kept;
    const entry = { ...newEntry(image.id, identity, revision, acknowledged), wanted, edits, operation };
    this.#entries.set(image.id, entry);
    entry.timer = setTimeout(() => this.#pump(entry), this.#delay);
    return entry;
  }

  /** @param {number} imageId @returns {Entry} */
  #entry(imageId) {
    const entry = this.#entries.get(imageId);
    if (!entry) throw new Error(`Image ${imageId} was not opened before it was edited.`);
    return entry;
  }

  /** @param {Entry} entry */
  #waits(entry) {
    return entry.operation !== null || this.#differs(entry) !== null;
  }

  /** @param {Entry} entry @returns {"boxes" | "empty" | null} what the server has yet to learn */
  #differs({ acknowledged, wanted }) {
    if (!sameBoxes(acknowledged.boxes, wanted.boxes)) return "boxes";
    return wanted.boxes.length === 0 && acknowledged.empty !== wanted.empty ? "empty" : null;
  }

  /** @param {Entry} entry @returns {Operation | null} */
  #nextOperation(entry) {
    const what = this.#differs(entry);
    if (what === null) return null;
    const { boxes, empty } = entry.wanted;
    const body = { revision: entry.revision, operation_id: this.#newId(), ...(what === "boxes" ? { boxes } : { empty }) };
    return { path: `images/${entry.imageId}/${what}`, body, boxes, edits: entry.edits };
  }

  /** @param {Entry} entry */
  async #pump(entry) {
    clearTimeout(entry.timer);
    if (entry.sending || entry.trouble?.kind === "conflict" || this.#entries.get(entry.imageId) !== entry) return;
    entry.operation ??= this.#nextOperation(entry);
    const { operation } = entry;
    this.#keep(entry);
    if (operation === null) return this.#settle(entry);
    entry.sending = true;
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

  /** @param {Entry} entry @param {Operation} operation @param {{revision: number, status: ImageStatus}} answer */
  #acknowledge(entry, operation, { revision, status }) {
    entry.revision = revision;
    entry.acknowledged = { boxes: operation.boxes, empty: status === "empty" };
    entry.edits = Math.max(0, entry.edits - operation.edits);
    Object.assign(entry, { operation: null, trouble: null, failures: 0 });
    this.#tell("acknowledged", { imageId: entry.imageId, status });
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
    if (status === 409) return this.#collide(entry, /** @type {ApiError} */ (error));
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

  /** @param {Entry} entry @param {ApiError} error */
  #collide(entry, error) {
    const revision = Number(error.body?.revision ?? entry.revision);
    const boxes = /** @type {BoxRecord[]} */ (error.body?.boxes ?? []);
    entry.trouble = { kind: "conflict", message: error.message, revision, boxes };
    if (sameBoxes(boxes, entry.wanted.boxes)) return this.keepMine(entry.imageId); // both meant the same
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
    const kept = this.#waits(entry) ? { identity, revision, acknowledged, wanted, edits, operation } : null;
    this.#kept?.keep(entry.imageId, kept);
  }

  /** @param {string} type @param {unknown} [detail] */
  #tell(type, detail = null) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** @param {number} imageId @param {Identity} identity @param {number} revision @param {Labels} labels @returns {Entry} */
function newEntry(imageId, identity, revision, labels) {
  const quiet = { edits: 0, operation: null, sending: false, failures: 0, trouble: null, timer: undefined };
  return { imageId, identity, revision, acknowledged: labels, wanted: labels, ...quiet };
}

/** @param {Identity} a @param {Identity} b */
function sameIdentity(a, b) {
  return a.name === b?.name && a.width === b?.width && a.height === b?.height;
}

/** @param {readonly BoxRecord[]} a @param {readonly BoxRecord[]} b @returns {boolean} */
function sameBoxes(a, b) {
  return a === b || (a.length === b.length && JSON.stringify(a.map(content)) === JSON.stringify(b.map(content)));
}

/** @param {BoxRecord} box what makes two boxes the same, in one order whatever the order of the keys */
function content({ id, class_id, box, source, difficult, crowd }) {
  return [id, class_id, box, source, Boolean(difficult), Boolean(crowd)];
}
