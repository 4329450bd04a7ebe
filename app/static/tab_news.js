// @ts-check
/**
 * News between the tabs of one browser: an image was saved or marked here, whoever shows it may want to look again.
 *
 * Event: "saved" (detail: imageId, revision) when another tab saved an image; revision null when only flag or note changed.
 */

const CHANNEL = "ssd-studio";

export class TabNews extends EventTarget {
  /** @type {BroadcastChannel | null} */
  #channel = typeof BroadcastChannel === "function" ? new BroadcastChannel(CHANNEL) : null;

  /** @param {AbortSignal} signal ends it */
  constructor(signal) {
    super();
    this.#channel?.addEventListener("message", ({ data }) => {
      if (Number.isSafeInteger(data?.imageId)) this.dispatchEvent(new CustomEvent("saved", { detail: data }));
    });
    signal.addEventListener("abort", () => this.#channel?.close());
  }

  /**
   * Tell the other tabs.
   * @param {number} imageId
   * @param {number | null} revision
   */
  tell(imageId, revision) {
    this.#channel?.postMessage({ imageId, revision });
  }
}
