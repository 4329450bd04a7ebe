// @ts-check
/** The webcam: opening it with a sentence for everything that can go wrong, and frames as small JPEGs. */

/** The longer side that a frame is taken with where nothing else is wanted, in pixels. */
const LARGEST_SIDE = 640;
const QUALITY = 0.8;

/** Why there is no camera picture, and what to do. @type {Record<string, string>} */
const REASONS = {
  NotAllowedError: "The camera is blocked for this page. Allow it beside the address in your browser, then start it again.",
  NotFoundError: "No camera was found. Connect one, or upload a photograph.",
  NotReadableError: "The camera is in use by another program. Close that program, then start it again.",
  OverconstrainedError: "This camera offers no picture size that fits. Try another camera.",
};

/** A camera that could not be opened; its message is a sentence for the user. */
export class CameraError extends Error {}

/**
 * The sentence for a failed opening.
 * @param {unknown} error
 * @returns {string}
 */
export function cameraSentence(error) {
  const name = error instanceof Error ? error.name : "";
  return REASONS[name] ?? `The camera could not be started (${name || String(error)}). Upload a photograph instead.`;
}

export class Camera {
  /** @type {MediaStream | null} */
  #stream = null;
  #turn = 0;
  #frame = new FrameCopy();

  /**
   * @param {HTMLVideoElement} video shows the picture
   * @param {(taken?: number) => void} onFrame told of every new frame, and where the browser knows it, when it was taken
   * @param {() => void} onEnded told when the camera went away by itself
   */
  constructor(video, onFrame, onEnded) {
    this.video = video;
    this.onFrame = onFrame;
    this.onEnded = onEnded;
  }

  get running() {
    return this.#stream !== null;
  }

  /**
   * @param {MediaTrackConstraints} [wanted] which camera, and how large a picture
   * @throws {CameraError}
   */
  async start(wanted = { width: { ideal: 1280 }, height: { ideal: 720 } }) {
    if (!isSecureContext || !navigator.mediaDevices?.getUserMedia) {
      throw new CameraError(
        "Browsers open a camera only on https, or on the machine that serves the page. Restart the studio there with: ssd-studio serve --https --host 0.0.0.0",
      );
    }
    const turn = ++this.#turn;
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
    } catch (error) {
      throw new CameraError(cameraSentence(error));
    }
    if (turn !== this.#turn) return stopTracks(stream); // stopped while the person was asked
    this.#stream = stream;
    stream.getVideoTracks()[0]?.addEventListener("ended", () => this.#stream === stream && (this.stop(), this.onEnded()));
    this.video.srcObject = stream;
    await this.video.play().catch(() => {}); // a stop right after the start interrupts it
    this.#watch(stream);
  }

  stop() {
    this.#turn += 1;
    if (this.#stream) stopTracks(this.#stream);
    this.#stream = null;
    this.video.srcObject = null;
  }

  /** Which camera is open; "" for none. */
  get deviceId() {
    return this.#stream?.getVideoTracks()[0]?.getSettings().deviceId ?? "";
  }

  /**
   * The frame seen now.
   * @param {{longest?: number, quality?: number}} [wanted] the longer side at most, in pixels, and the JPEG's quality
   * @returns {Promise<Blob | null>} a JPEG; null before the first frame
   */
  grab({ longest = LARGEST_SIDE, quality = QUALITY } = {}) {
    return this.#frame.jpeg(this.video, longest, quality);
  }

  /** @param {MediaStream} stream */
  #watch(stream) {
    if (this.#stream !== stream) return;
    /** @param {number} [_now] @param {{captureTime?: number}} [frame] */
    const again = (_now, frame) => {
      if (this.#stream !== stream) return;
      this.onFrame(frame?.captureTime);
      onNextFrame(this.video, again);
    };
    again();
  }
}

/**
 * The longer side of a frame whose shorter one has as many pixels as a network looks at: more would be sent and
 * unpacked in vain.
 * @param {{videoWidth: number, videoHeight: number}} video
 * @param {number} inputSize the network's side, in pixels
 */
export function longestFor({ videoWidth, videoHeight }, inputSize) {
  const shorter = Math.min(videoWidth, videoHeight);
  return shorter ? Math.ceil((inputSize * Math.max(videoWidth, videoHeight)) / shorter) : inputSize;
}

/**
 * Run once when a video shows its next frame.
 * @param {HTMLVideoElement} video
 * @param {(now: number, frame?: {mediaTime: number, captureTime?: number}) => void} run
 */
export function onNextFrame(video, run) {
  if ("requestVideoFrameCallback" in video) video.requestVideoFrameCallback(run);
  else requestAnimationFrame(run);
}

/** Frames of a video as JPEGs, through one canvas that is kept. */
export class FrameCopy {
  #canvas = document.createElement("canvas");
  // Every frame is read back to be encoded: a canvas on the graphics card has it fetched from there each time.
  #context = this.#canvas.getContext("2d", { alpha: false, willReadFrequently: true });

  /**
   * The frame that a video shows.
   * @param {HTMLVideoElement} video
   * @param {number} longest its longer side at most, in pixels
   * @param {number} [quality]
   * @returns {Promise<Blob | null>} null before the first frame
   */
  async jpeg(video, longest, quality = QUALITY) {
    const { videoWidth, videoHeight } = video;
    if (!videoWidth || !videoHeight) return null;
    const scale = Math.min(1, longest / Math.max(videoWidth, videoHeight));
    const width = Math.round(videoWidth * scale);
    const height = Math.round(videoHeight * scale);
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
    this.#context?.drawImage(video, 0, 0, width, height);
    return new Promise((resolve) => this.#canvas.toBlob(resolve, "image/jpeg", quality));
  }
}

/** @param {MediaStream} stream */
function stopTracks(stream) {
  for (const track of stream.getTracks()) track.stop();
}
