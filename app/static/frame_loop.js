// @ts-check
/**
 * Asking about one picture after another so that the newest always wins: at most two questions are on their way, none
 * waits in a queue, and an answer that was overtaken is dropped.
 */

const IN_FLIGHT = 2;
/** Milliseconds over which frames per second are counted. */
const WINDOW = 2000;
/** Milliseconds of rest after a failure, so that a broken server is not asked thirty times a second. */
const REST = 1000;

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
  #epoch = 0;
  #restUntil = 0;
  /** @type {{at: number, latency: number}[]} */
  #answers = [];

  /**
   * @param {object} options
   * @param {() => Promise<Blob | null>} options.grab the picture as it is now; null if there is none yet
   * @param {(picture: Blob) => Promise<A>} options.send
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

  /** A new frame may be asked about: do so unless enough questions are on their way. */
  async tick() {
    const asked = this.#now();
    if (this.#busy >= IN_FLIGHT || asked < this.#restUntil) return;
    const epoch = this.#epoch;
    const number = ++this.#number;
    this.#busy += 1;
    try {
      const picture = await this.#grab();
      if (picture === null || epoch !== this.#epoch) return;
      const answer = await this.#send(picture);
      if (epoch !== this.#epoch || number < this.#newest) return;
      this.#newest = number;
      this.#answers.push({ at: this.#now(), latency: this.#now() - asked });
      this.#onAnswer(answer);
    } catch (error) {
      this.#restUntil = this.#now() + REST;
      if (epoch === this.#epoch) this.#onError(error);
    } finally {
      this.#busy -= 1;
    }
  }

  /** Forget every question on its way, for another camera, another model, or none. */
  reset() {
    this.#epoch += 1;
    this.#answers = [];
    this.#restUntil = 0;
  }

  /**
   * How fast answers have come of late.
   * @returns {{framesPerSecond: number, milliseconds: number}} milliseconds from a frame to its answer, the median
   */
  pace() {
    const now = this.#now();
    this.#answers = this.#answers.filter(({ at }) => now - at <= WINDOW);
    const latencies = this.#answers.map(({ latency }) => latency).sort((a, b) => a - b);
    const span = Math.min(WINDOW, Math.max(1, now - (this.#answers[0]?.at ?? now)));
    const frames = this.#answers.length - 1;
    return {
      framesPerSecond: frames > 0 ? (frames * 1000) / span : 0,
      milliseconds: latencies[latencies.length >> 1] ?? 0,
    };
  }
}
