// @ts-check
/** The settings of a new training: what the form holds, what is asked of the server, and what is kept over a reload; pure. */

/**
 * @typedef {"" | "minutes" | "epochs" | "steps"} LengthUnit "" leaves it to the preset
 * @typedef {object} TrainSettings "" leaves a setting to the preset, to the model started from, or to the worker
 * @property {string} preset
 * @property {LengthUnit} unit
 * @property {string} length
 * @property {string} backbone
 * @property {string} input_size
 * @property {string} batch
 * @property {string} augmentation
 * @property {string} start "imagenet" or a model's id
 * @property {string} seed
 * @property {string} device
 * @property {"last" | "first"} place in the queue
 *
 * @typedef {Record<string, string | number>} Asked
 * @typedef {{id: string, priority?: number, created: string}} Waiting
 */

export const UNITS = /** @type {const} */ (["minutes", "epochs", "steps"]);
/** The most that the server takes. */
export const MOST = { minutes: 10_080, epochs: 10_000, steps: 1_000_000, batch: 512, seed: 2 ** 31 - 1 };
const USUAL_PRIORITY = 10;
const LAST_PRIORITY = 1000;

/** @returns {TrainSettings} */
export function usualSettings() {
  return { preset: "quick", unit: "", length: "", backbone: "", input_size: "", batch: "", augmentation: "", start: "imagenet", seed: "", device: "", place: "last" };
}

/**
 * What was kept, with only what a form may hold.
 * @param {any} kept
 * @returns {TrainSettings}
 */
export function tidySettings(kept) {
  const settings = usualSettings();
  for (const name of /** @type {(keyof TrainSettings)[]} */ (Object.keys(settings))) {
    const value = kept?.[name];
    if (typeof value === "string" && value.length < 200) /** @type {any} */ (settings)[name] = value;
  }
  if (settings.unit !== "" && !UNITS.includes(settings.unit)) settings.unit = "";
  settings.place = "last"; // it was meant for one run
  return settings;
}

/**
 * The body of a request for a run or its preflight; what is left to others is left out.
 * @param {TrainSettings} settings
 * @param {readonly Waiting[]} [queue] runs that wait
 * @returns {Asked}
 */
export function askedOf(settings, queue = []) {
  /** @type {Asked} */
  const asked = { preset: settings.preset };
  const amount = Number(settings.length);
  if (settings.unit !== "" && settings.length !== "" && amount > 0) asked[settings.unit] = settings.unit === "minutes" ? amount : Math.round(amount);
  for (const name of /** @type {const} */ (["augmentation", "device"])) if (settings[name] !== "") asked[name] = settings[name];
  // A model's weights fit no other backbone than its own.
  if (settings.backbone !== "" && settings.start === "imagenet") asked.backbone = settings.backbone;
  for (const name of /** @type {const} */ (["input_size", "batch", "seed"])) if (settings[name] !== "") asked[name] = Number(settings[name]);
  if (settings.start !== "imagenet") asked.start = settings.start;
  const priority = priorityFor(settings.place, queue);
  if (queue.length > 0 && priority !== USUAL_PRIORITY) asked.priority = priority;
  return asked;
}

/**
 * How many settings differ from the usual ones, the preset apart.
 * @param {TrainSettings} settings
 * @returns {number}
 */
export function customCount(settings) {
  const { preset: _preset, place: _place, ...rest } = askedOf(settings);
  return Object.keys(rest).length;
}

/**
 * Settings with what a preflight check proposes.
 * @param {TrainSettings} settings
 * @param {Record<string, unknown>} fix fields of a request; null leaves one to others
 * @returns {TrainSettings}
 */
export function fixed(settings, fix) {
  const better = { ...settings };
  for (const [name, value] of Object.entries(fix)) {
    if (name in better) /** @type {any} */ (better)[name] = value === null ? usualSettings()[/** @type {keyof TrainSettings} */ (name)] : String(value);
    else if (UNITS.includes(/** @type {any} */ (name))) Object.assign(better, { unit: name, length: String(value) });
  }
  return better;
}

/**
 * Runs that wait, first to be trained first.
 * @template {Waiting & {status: string}} T
 * @param {readonly T[]} runs
 * @returns {T[]}
 */
export function waitingOf(runs) {
  return runs
    .filter(({ status }) => status === "queued")
    .sort((a, b) => (a.priority ?? USUAL_PRIORITY) - (b.priority ?? USUAL_PRIORITY) || Date.parse(a.created) - Date.parse(b.created));
}

/**
 * The priority of a run that joins the queue.
 * @param {"last" | "first"} place
 * @param {readonly Waiting[]} queue
 * @returns {number} lower goes first
 */
export function priorityFor(place, queue) {
  const known = queue.map(({ priority = USUAL_PRIORITY }) => priority);
  if (place === "first") return Math.max(0, Math.min(USUAL_PRIORITY, ...known.map((priority) => priority - 1)));
  return Math.min(LAST_PRIORITY, Math.max(USUAL_PRIORITY, ...known));
}

/**
 * What to change so that one run of the queue stands elsewhere.
 * @param {readonly Waiting[]} queue in its order
 * @param {number} from
 * @param {number} to
 * @returns {{id: string, priority: number}[]} only those whose priority changes
 */
export function moved(queue, from, to) {
  const order = [...queue];
  order.splice(to, 0, ...order.splice(from, 1));
  const lowest = Math.min(...queue.map(({ priority = USUAL_PRIORITY }) => priority));
  const first = Math.max(0, Math.min(lowest, LAST_PRIORITY - order.length + 1));
  return order.map(({ id, priority = USUAL_PRIORITY }, place) => ({ id, priority: first + place, before: priority })).flatMap(({ id, priority, before }) => (priority === before ? [] : [{ id, priority }]));
}
