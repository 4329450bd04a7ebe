// @ts-check
/** A zip archive without compression, so that a folder dropped in the browser travels as one file. */

/** @typedef {{file: Blob, path: string}} Member */

/** Bytes in a file, and in all, that this form of zip can hold. */
const MOST_BYTES = 2 ** 32 - 1;
/** "Names are UTF-8". */
const UTF8 = 0x0800;
/** 1 January 1980, the first day that a zip can name. */
const FIRST_DAY = 0x0021;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

/**
 * Zip's checksum.
 * @param {Uint8Array} bytes
 * @param {number} [before] the checksum of the bytes before these
 * @returns {number}
 */
export function crc32(bytes, before = 0) {
  let value = ~before;
  for (let index = 0; index < bytes.length; index += 1) value = TABLE[(value ^ bytes[index]) & 0xff] ^ (value >>> 8);
  return ~value >>> 0;
}

/**
 * Pack files.
 * @param {readonly Member[]} members
 * @returns {Promise<Blob>}
 * @throws {Error} if they are too large
 */
export async function storedZip(members) {
  /** @type {BlobPart[]} */
  const parts = [];
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const directory = [];
  let offset = 0;
  for (const { file, path } of members) {
    const name = new TextEncoder().encode(path);
    const checksum = await checksumOf(file);
    const facts = [20, UTF8, 0, 0, FIRST_DAY];
    const local = record(0x04034b50, facts, [checksum, file.size, file.size], [name.length, 0]);
    directory.push(record(0x02014b50, [20, ...facts], [checksum, file.size, file.size], [name.length, 0, 0, 0, 0], [0, offset]), name);
    parts.push(local, name, file);
    offset += local.length + name.length + file.size;
    if (offset > MOST_BYTES) throw new Error("The folder is larger than 4 GB. Give its path instead.");
  }
  const length = directory.reduce((sum, part) => sum + part.length, 0);
  const end = record(0x06054b50, [0, 0, members.length, members.length], [length, offset], [0]);
  return new Blob([...parts, ...directory, end], { type: "application/zip" });
}

/** @param {Blob} file */
async function checksumOf(file) {
  const piece = 8 * 1024 * 1024;
  let value = 0;
  for (let from = 0; from < file.size; from += piece) value = crc32(new Uint8Array(await file.slice(from, from + piece).arrayBuffer()), value);
  return value;
}

/**
 * Numbers as zip lays them out: the signature, then runs of 16 and of 32 bits by turns.
 * @param {number} signature
 * @param {...number[]} runs
 * @returns {Uint8Array<ArrayBuffer>}
 */
function record(signature, ...runs) {
  const bytes = new Uint8Array(4 + runs.reduce((sum, run, index) => sum + run.length * (index % 2 === 0 ? 2 : 4), 0));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, signature, true);
  let at = 4;
  runs.forEach((run, index) => {
    for (const value of run) {
      if (index % 2 === 0) view.setUint16(at, value, true);
      else view.setUint32(at, value, true);
      at += index % 2 === 0 ? 2 : 4;
    }
  });
  return bytes;
}
