// @ts-check
/**
 * Images kept ready to be shown: their records, and their pictures already decoded.
 *
 * A record kept here may be older than the server's: whoever shows it asks for it anew afterwards.
 */

/** @typedef {import("./records.js").LabellingRecord} LabellingRecord */
/** @typedef {{view: LabellingRecord, picture: HTMLImageElement}} Ready */

/** Images kept; each may hold a decoded picture of 2048 × 2048 pixels. */
const LIMIT = 8;

export class RecordCache {
  /** @type {Map<number, Promise<Ready>>} by image, the one used last at the end */
  #coming = new Map();
  /** @type {Map<number, Ready>} those of them that have come */
  #ready = new Map();
  /** @type {Map<string, HTMLImageElement>} by image and version; they outlive their records */
  #pictures = new Map();

  /**
   * @param {object} options
   * @param {(imageId: number) => Promise<LabellingRecord>} options.read
   * @param {(image: import("./records.js").ImageRecord) => Promise<HTMLImageElement>} options.load
   * @param {number} [options.limit]
   */
  constructor({ read, load, limit = LIMIT }) {
    this.read = read;
    this.load = load;
    this.limit = limit;
  }

  /**
   * An image that can be shown at once.
   * @param {number} imageId
   * @returns {Ready | null}
   */
  take(imageId) {
    return this.#ready.get(imageId) ?? null;
  }

  /**
   * An image as soon as it is there.
   * @param {number} imageId
   * @returns {Promise<Ready>}
   */
  get(imageId) {
    const coming = this.#coming.get(imageId) ?? this.#fetch(imageId);
    this.#coming.delete(imageId);
    this.#coming.set(imageId, coming);
    for (const id of this.#coming.keys()) if (this.#coming.size > this.limit) this.forgetRecord(id);
    return coming;
  }

  /**
   * Take a newer record of an image.
   * @param {LabellingRecord} view
   */
  renew(view) {
    const ready = this.#ready.get(view.image.id);
    if (ready) ready.view = view;
  }

  /** Forget all records, as when another queue makes other neighbours; pictures stay. */
  forgetRecords() {
    this.#coming.clear();
    this.#ready.clear();
  }

  /**
   * Forget one image's record.
   * @param {number} imageId
   */
  forgetRecord(imageId) {
    this.#coming.delete(imageId);
    this.#ready.delete(imageId);
  }

  /** @param {number} imageId @returns {Promise<Ready>} */
  #fetch(imageId) {
    const coming = this.#whole(imageId);
    coming.then(
      (ready) => this.#coming.get(imageId) === coming && this.#ready.set(imageId, ready),
      () => this.#coming.get(imageId) === coming && this.#coming.delete(imageId),
    );
    return coming;
  }

  /** @param {number} imageId @returns {Promise<Ready>} */
  async #whole(imageId) {
    const view = await this.read(imageId);
    const key = `${imageId} ${view.image.version}`;
    const picture = this.#pictures.get(key) ?? (await this.load(view.image));
    this.#pictures.delete(key);
    this.#pictures.set(key, picture);
    for (const old of this.#pictures.keys()) if (this.#pictures.size > this.limit) this.#pictures.delete(old);
    return { view, picture };
  }
}
