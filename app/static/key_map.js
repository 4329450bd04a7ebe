// @ts-check
/** The keys a person has chosen: what differs from the usual ones, remembered by the browser. Event: "change". */

import { BINDINGS, chordWords } from "./editor_keys.js";

/** @typedef {import("./editor_keys.js").Binding} Binding */

const KEY = "ssd-studio.keys";

export class KeyMap extends EventTarget {
  /** @type {Map<string, readonly string[]>} chords by binding id, only of bindings that were changed */
  #changed = new Map();

  /** @param {Pick<Storage, "getItem" | "setItem" | "removeItem"> | null} [memory] null for none */
  constructor(memory = null) {
    super();
    this.memory = memory;
    this.#recall();
  }

  /** @param {Binding} binding @returns {readonly string[]} its chords as they are now, maybe none */
  keysOf = (binding) => this.#changed.get(binding.id) ?? binding.keys;

  /** @param {Binding} binding */
  isChanged(binding) {
    return this.#changed.has(binding.id);
  }

  get anyChanged() {
    return this.#changed.size > 0;
  }

  /**
   * The first chord of a command, for a tooltip; "" if it has none.
   * @param {string} id
   */
  firstKey(id) {
    const binding = BINDINGS.find((one) => one.id === id);
    return (binding && this.keysOf(binding)[0]) ?? "";
  }

  /**
   * The key that chooses the class at a place, in words.
   * @param {number} place counted from 0 among those not archived
   * @returns {string} "" for none
   */
  ofClass(place) {
    const chord = this.firstKey(`class ${place + 1}`);
    return chord === "" ? "" : chordWords(chord);
  }

  /**
   * Who else answers to a chord at the same moment.
   * @param {Binding} binding that would get the chord
   * @param {string} chord
   * @returns {Binding | null}
   */
  conflict(binding, chord) {
    const meets = (/** @type {Binding} */ other) => !other.when || !binding.when || other.when === binding.when;
    return BINDINGS.find((other) => other.id !== binding.id && meets(other) && this.keysOf(other).includes(chord)) ?? null;
  }

  /**
   * Give a binding one chord in place of all it had; whoever answered to it loses it.
   * @param {Binding} binding
   * @param {string} chord
   */
  assign(binding, chord) {
    for (let other = this.conflict(binding, chord); other; other = this.conflict(binding, chord)) {
      if (other.fixed) return;
      this.#set(other, this.keysOf(other).filter((one) => one !== chord));
    }
    this.#set(binding, [chord]);
    this.#keep();
  }

  /** Give every binding its usual chords again. */
  reset() {
    this.#changed.clear();
    this.#keep();
  }

  /** @param {Binding} binding @param {readonly string[]} chords */
  #set(binding, chords) {
    if (JSON.stringify(chords) === JSON.stringify(binding.keys)) this.#changed.delete(binding.id);
    else this.#changed.set(binding.id, chords);
  }

  #keep() {
    try {
      if (this.#changed.size === 0) this.memory?.removeItem(KEY);
      else this.memory?.setItem(KEY, JSON.stringify(Object.fromEntries(this.#changed)));
    } catch {
      // storage may be switched off or full; the page then merely forgets on reload
    }
    this.dispatchEvent(new Event("change"));
  }

  #recall() {
    try {
      const kept = JSON.parse(this.memory?.getItem(KEY) ?? "{}");
      for (const binding of BINDINGS) {
        const chords = Object.hasOwn(kept, binding.id) ? kept[binding.id] : null;
        const good = Array.isArray(chords) && chords.every((one) => typeof one === "string" && one !== "");
        if (good && !binding.fixed) this.#set(binding, chords);
      }
    } catch {
      // what is kept there is not ours; the usual keys do
    }
  }
}
