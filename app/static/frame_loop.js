// @ts-check
/**
 * Asking about one picture after another so that the newest always wins: at most two questions are on their way, none
 * waits in a queue, and an answer that was overtaken is dropped.
 */

import { Pace } from "./live_pace.js";

const IN_FLIGHT = 2;
/**
 * Of the time that a question takes, the part that lies between the beginnings of two: answers that come together are
 * painted together, and the first of them is never seen.
 */
const APART = 0.4;
/** Milliseconds of rest after a failure, so that a broken server is not asked thirty times a second. */
const REST = 1000;
/** Milliseconds after which a frame that stands is asked about again where the server has more than it can do. */
const LATER = 100;

/**
 * @template A
 */
export class FrameLoop {
  #grab;
  #send;
  #onAnswer;
  #onError;
  #now;
  #number = 0;
  #newest = 0;
  #busy = 0;
  /** When the latest question was begun, and how long the questions of late took, in milliseconds. */
  #begun = -Infinity;
  #took = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #later;
  #epoch = 0;
  #restUntil = 0;
  /** A frame came while enough questions were on their way. */
  #missed = false;
  /** When the frame that is shown now was taken. */
  #taken = 0;
  #pace = new Pace();

  /**
   * @param {object} options
   * @param {() => Promise<Blob | null>} options.grab the picture as it is now; null if there is none yet
   * @param {(picture: Blob) => Promise<A | null>} options.send gives null where a newer picture took this one's turn
   * @param {(answer: A) => void} options.onAnswer told only of answers newer than all before
   * @param {(error: unknown) => void} options.onError
   * @param {() => number} [options.now] milliseconds
   */
  constructor({ grab, send, onAnswer, onError, now = () => performance.now() }) {
    this.#grab = grab;
    this.#send = send;
    this.#onAnswer = onAnswer;
    this.#onError = onError;
    this.#now = now;
  }

  /**
   * A new frame may be asked about: do so unless enough questions are on their way. The last frame that was dropped
   * for that is asked about as soon as there is room, or the frame on which a video was stopped would have no boxes.
   * @param {number} [taken] when the camera took it, in milliseconds
   */
  async tick(taken = this.#now()) {
    this.#taken = taken;
    const rest = this.#restUntil - this.#now();
    if (rest > 0) {
      this.#missed = true; // it may be the last one for long
      return this.#again(rest);
    }
    const early = this.#begun + APART * this.#took - this.#now();
    if (this.#busy >= IN_FLIGHT || early > 0) {
      this.#missed = true;
      if (this.#busy < IN_FLIGHT) this.#again(early);
      return;
    }
    const begun = (this.#begun = this.#now());
    const epoch = this.#epoch;
    const number = ++this.#number;
    this.#missed = false;
    this.#busy += 1;
    let overtaken = false;
    try {
      const picture = await this.#grab();
      if (picture === null || epoch !== this.#epoch) return;
      const answer = await this.#send(picture);
      overtaken = answer === null; // the server has more than it can do: a stream's next frame is soon enough
      if (answer === null || epoch !== this.#epoch || number < this.#newest) return;
      this.#newest = number;
      this.#took += (this.#now() - begun - this.#took) / 8;
      this.#onAnswer(answer);
      this.#pace.add(this.#now(), this.#now() - taken);
    } catch (error) {
      if (epoch !== this.#epoch) return;
      this.#restUntil = this.#now() + REST;
      this.#onError(error);
    } finally {
      this.#busy -= 1;
      if (this.#missed && overtaken) this.#again(LATER);
      else if (this.#missed) this.tick(this.#taken);
    }
  }

  /** Come back to the frame that was missed, if no other came until then. @param {number} wait milliseconds */
  #again(wait) {
    clearTimeout(this.#later);
    this.#later = setTimeout(() => this.#missed && this.tick(this.#taken), wait);
  }

  /** Forget every question on its way, for another camera, another picture, or none. */
  reset() {
    this.#epoch += 1;
    this.#pace.clear();
    this.#restUntil = 0;
    this.#missed = false;
    this.#begun = -Infinity;
    this.#took = 0;
    clearTimeout(this.#later);
  }

  /**
   * How fast answers have come of late.
   * @returns {{framesPerSecond: number, milliseconds: number}} milliseconds from taking a frame to drawing its boxes, the median
   */
  pace() {
    return this.#pace.of(this.#now());
  }
}
