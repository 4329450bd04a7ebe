// @ts-check
/** Files that were dropped or chosen: reading folders however broken, and telling what they are. */

/** @typedef {import("./upload.js").Incoming} Incoming */
/** @typedef {import("./records.js").ProblemRecord} ProblemRecord */
/** @typedef {{incoming: Incoming[], unreadable: ProblemRecord[]}} Dropped */
/** @typedef {{kind: "pictures" | "dataset" | "archive" | "video", files: Incoming[]}} Part of a drop */

const PICTURE = /\.(jpe?g|jfif|png|webp|bmp|tiff?|gif|hei[cf]|avif)$/i;
const VIDEO = /\.(mp4|m4v|mov|webm|mkv|avi|ogv|mpe?g)$/i;
const ANNOTATIONS = /\.(xml|json|csv|ya?ml)$/i;

/** @param {DragEvent} event */
export function carriesFiles(event) {
  return event.dataTransfer?.types.includes("Files") === true;
}

/** @param {Incoming} incoming */
export function isPicture({ file, path }) {
  return file.type.startsWith("image/") || PICTURE.test(path);
}

/** @param {Incoming} incoming */
export function isVideo({ file, path }) {
  return file.type.startsWith("video/") || VIDEO.test(path);
}

/** @param {Incoming} incoming */
export function isArchive({ file, path }) {
  return file.type === "application/zip" || /\.zip$/i.test(path);
}

/**
 * What a drop is made of: each archive and each video by itself, and the rest, which is a data set where annotations
 * lie beside pictures.
 * @param {readonly Incoming[]} incoming
 * @returns {Part[]}
 */
export function dropParts(incoming) {
  const alone = (/** @type {Incoming} */ item) => /** @type {Part} */ ({ kind: isArchive(item) ? "archive" : "video", files: [item] });
  const rest = incoming.filter((item) => !isArchive(item));
  const stems = new Set(rest.filter(isPicture).map(({ path }) => stem(path)));
  // YOLO's text files are told from a read-me by the picture they belong to.
  const labels = rest.some(({ path }) => ANNOTATIONS.test(path) || (/\.txt$/i.test(path) && stems.has(stem(path))));
  const archives = incoming.filter(isArchive).map(alone);
  if (labels) return [{ kind: "dataset", files: rest }, ...archives];
  const others = rest.filter((item) => !isVideo(item));
  const pictures = /** @type {Part[]} */ (others.length > 0 ? [{ kind: "pictures", files: photographsOf(others) }] : []);
  return [...pictures, ...archives, ...rest.filter(isVideo).map(alone)];
}

/**
 * What is uploaded of a drop: everything that was dropped by itself, of folders the pictures only.
 * @param {readonly Incoming[]} incoming
 * @returns {Incoming[]}
 */
export function photographsOf(incoming) {
  return incoming.filter((item) => !item.path.includes("/") || isPicture(item));
}

/**
 * The files of a chooser.
 * @param {FileList | null} files
 * @returns {Incoming[]}
 */
export function chosenFiles(files) {
  return [...(files ?? [])].map((file) => ({ file, path: file.webkitRelativePath || file.name })).filter(isWanted);
}

/**
 * The files of a drop, those of folders at any depth; what cannot be read is named and stops nothing.
 * @param {DataTransfer} transfer
 * @returns {Promise<Dropped>}
 */
export async function droppedFiles(transfer) {
  // The entries must all be taken before the first wait: the browser empties the list then.
  const entries = [...transfer.items].filter(({ kind }) => kind === "file").map((item) => item.webkitGetAsEntry?.());
  if (entries.some((entry) => !entry)) return { incoming: chosenFiles(transfer.files), unreadable: [] };
  /** @type {Dropped} */
  const found = { incoming: [], unreadable: [] };
  for (const entry of entries) await collect(/** @type {FileSystemEntry} */ (entry), found);
  return found;
}

/**
 * Put what an entry holds into `found`.
 * @param {FileSystemEntry} entry
 * @param {Dropped} found
 */
export async function collect(entry, found) {
  const path = entry.fullPath.replace(/^\//, "");
  try {
    if (entry.isFile) {
      const file = await new Promise((resolve, reject) => /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject));
      if (isWanted({ file, path })) found.incoming.push({ file, path });
      return;
    }
    const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
    for (;;) {
      /** @type {FileSystemEntry[]} */
      const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject)); // at most 100 a call
      if (some.length === 0) return;
      for (const inner of some) await collect(inner, found);
    }
  } catch (error) {
    const reason = error instanceof Error && error.name === "NotFoundError" ? "It was moved or deleted meanwhile." : "The browser may not read it.";
    found.unreadable.push({ file: path, line: null, problem: reason, remedy: "Check that you may open it, and drop it again." });
  }
}

/** Files that systems leave in folders are nobody's. @param {{path: string}} incoming */
function isWanted({ path }) {
  return !path.split("/").some((part) => part === "__MACOSX" || part === "Thumbs.db" || part === "desktop.ini" || (part.startsWith(".") && part.length > 1));
}

/** @param {string} path @returns {string} the name without folders and ending */
function stem(path) {
  return (path.split("/").at(-1) ?? "").replace(/\.[^.]*$/, "");
}
