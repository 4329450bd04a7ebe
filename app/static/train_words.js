// @ts-check
/** What the Train screen says: durations, promises, sizes, and a run's settings in words; pure. */

/** @typedef {import("./records.js").RunRecord} RunRecord */
/** @typedef {{seconds: number, measured: boolean, measuring?: boolean}} Promised */

/** @type {Record<string, string>} */
export const STATUS_WORDS = {
  queued: "Waiting",
  running: "Training",
  stopping: "Stopping",
  stalled: "No sign of life",
  paused: "Paused",
  cancelled: "Cancelled",
  failed: "Failed",
  done: "Done",
};

/** @type {Record<string, string>} */
export const BACKBONES = {
  efficientnet_lite0: "EfficientNet-Lite0 (offline)",
  mobilenet_v3_large: "MobileNetV3-Large",
  resnet50: "ResNet-50",
  vgg16: "VGG-16",
};

/**
 * A duration that promises no more precision than it has.
 * @param {number} seconds
 * @returns {string}
 */
export function aboutTime(seconds) {
  if (seconds < 50) return `about ${Math.max(10, 10 * Math.round(seconds / 10))} s`;
  const minutes = Math.max(1, Math.round(seconds / 60));
  if (minutes < 60) return `about ${minutes} min`;
  const tens = 10 * Math.round(minutes / 10);
  return `about ${hoursAndMinutes(tens)}`;
}

/**
 * A duration as it was.
 * @param {number | null | undefined} seconds
 * @returns {string} "–" when it is not known
 */
export function exactTime(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "–";
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return whole % 60 === 0 ? `${whole / 60} min` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return hoursAndMinutes(Math.round(whole / 60));
}

/** @param {number} minutes */
function hoursAndMinutes(minutes) {
  const rest = minutes % 60;
  return rest === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${rest} min`;
}

/**
 * How sure a promise is.
 * @param {Promised} promised
 * @returns {string}
 */
export function sureness({ measured, measuring }) {
  if (measured) return "measured on this machine";
  return measuring ? "an estimate, being measured now" : "an estimate";
}

/**
 * The time on the card of each preset: what is promised for the chosen one, and in the same proportion for the others.
 * @param {{name: string, seconds?: number, measured?: boolean}[]} presets with the usual settings
 * @param {string} chosen
 * @param {Promised | null} promise for the chosen preset with the settings of the form
 * @param {boolean} ownLength whether epochs or minutes say how long to train, whatever the preset
 * @returns {Record<string, Promised | null>} null where the preset decides nothing
 */
export function cardTimes(presets, chosen, promise, ownLength) {
  const usual = presets.find(({ name }) => name === chosen);
  const factor = promise && usual?.seconds ? promise.seconds / usual.seconds : 1;
  return Object.fromEntries(
    presets.map(({ name, seconds = 0, measured = false }) => {
      if (name === chosen && promise) return [name, promise];
      if (ownLength) return [name, null];
      return [name, { seconds: seconds * factor, measured: promise ? promise.measured : measured, measuring: promise?.measuring }];
    }),
  );
}

/**
 * The time a run took until now, beside what was promised.
 * @param {Pick<RunRecord, "status" | "attempts" | "seconds" | "worked_seconds" | "promised_seconds">} run
 * @returns {{spent: string, promised: string}} promised is "" when nothing was
 */
export function timeOf({ status, attempts = 1, seconds, worked_seconds, promised_seconds }) {
  // Rests are no fault of the promise; the clock of a first attempt runs more evenly.
  const first = attempts < 2 && ["running", "stopping", "stalled"].includes(status);
  const spent = first ? seconds : worked_seconds || (status === "queued" ? null : seconds);
  return { spent: exactTime(spent), promised: promised_seconds ? `${aboutTime(promised_seconds)} promised` : "" };
}

/**
 * @param {number} bytes
 * @returns {string}
 */
export function bytesWords(bytes) {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.round(bytes / 1e6)} MB`;
}

/**
 * A rate or loss with as many digits as tell something.
 * @param {unknown} value
 * @returns {string} "–" for what is no number
 */
export function numberWords(value) {
  if (typeof value !== "number" || !Number.isFinite(value)) return "–";
  if (value !== 0 && Math.abs(value) < 0.01) return value.toExponential(1).replace("e-", "e−");
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(2);
}

/**
 * What a run is called.
 * @param {Pick<RunRecord, "params" | "id">} run
 * @returns {string}
 */
export function runName({ params, id }) {
  return String(params?.model_name ?? params?.preset ?? id);
}

/**
 * The settings of a run, or of the model that it made, for people.
 * @param {Record<string, any>} [params] as the run got them
 * @returns {Record<string, string>} by what they are called; "–" for what is not known
 */
export function settingsOf(params = {}) {
  const config = params.train_config ?? {};
  return {
    Preset: capital(String(params.preset ?? "–")),
    Length: params.minutes ? `${params.minutes} min` : config.steps ? `${config.steps} steps` : "–",
    Batch: String(config.batch_size ?? "–"),
    Input: params.input_size ? `${params.input_size} px` : "–",
    Backbone: BACKBONES[params.backbone] ?? String(params.backbone ?? "–"),
    Augmentation: capital(String(config.augment ?? "–")),
    "Began from": params.start === undefined ? "–" : params.start === "imagenet" ? "ImageNet" : "another model",
    Seed: String(params.seed ?? "–"),
  };
}

/**
 * Only the settings in which runs, or models, differ.
 * @param {readonly Pick<RunRecord, "params">[]} runs
 * @returns {[string, string[]][]} name, and the value of each run
 */
export function differences(runs) {
  const all = runs.map(({ params }) => settingsOf(params));
  return Object.keys(all[0] ?? {})
    .map((name) => /** @type {[string, string[]]} */ ([name, all.map((settings) => settings[name])]))
    .filter(([, values]) => new Set(values).size > 1);
}

/** @param {string} word */
export function capital(word) {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
