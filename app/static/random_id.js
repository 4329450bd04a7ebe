// @ts-check
/** Random identifiers for saves and boxes, and the digits that they are written with. */

/**
 * A random UUID, version 4 (RFC 9562 §5.4).
 *
 * `crypto.randomUUID` is missing on a page that came over plain HTTP from another machine.
 * @param {Crypto} [source]
 * @returns {string}
 */
export function randomId(source = globalThis.crypto) {
  if (typeof source.randomUUID === "function") return source.randomUUID();
  const bytes = source.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = hexOf(bytes);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/**
 * Bytes as hexadecimal digits, two of each.
 * @param {Uint8Array} bytes
 */
export function hexOf(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
