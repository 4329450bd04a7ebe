// @ts-check
/**
 * Geometry of boxes, pure: every box is [x0, y0, x1, y1], half-open, in float pixels of the upright image, with
 * x0 < x1 and y0 < y1, inside the image. Nothing here rounds, so nothing drifts.
 */

/** @typedef {import("./records.js").Xyxy} Xyxy */
/** @typedef {{x: number, y: number}} Point */
/** @typedef {{width: number, height: number}} Size */
/** @typedef {"nw" | "n" | "ne" | "e" | "se" | "s" | "sw" | "w"} Handle */

/** Corners before edges: where they overlap, the corner is meant. @type {readonly Handle[]} */
export const HANDLES = ["nw", "ne", "se", "sw", "n", "e", "s", "w"];

/** The shortest side that drawing accepts and resizing leaves, in pixels of the image. */
export const MIN_SIDE = 3;
/** The shortest side of what is left of a box that was cut. */
const MIN_REST = 1;
/** How far a copy lies from its original, in pixels of the image. */
const COPY_STEP = 10;

/** @param {number} value @param {number} low @param {number} high */
export const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

/**
 * The nearest point of the image.
 * @param {Point} point
 * @param {Size} size
 * @returns {Point}
 */
export function clampPoint({ x, y }, { width, height }) {
  return { x: clamp(x, 0, width), y: clamp(y, 0, height) };
}

/**
 * The box between two corners, in whatever order, cut to the image; it may be without area.
 * @param {Point} a
 * @param {Point} b
 * @param {Size} size
 * @returns {Xyxy}
 */
export function boxBetween(a, b, size) {
  const p = clampPoint(a, size);
  const q = clampPoint(b, size);
  return [Math.min(p.x, q.x), Math.min(p.y, q.y), Math.max(p.x, q.x), Math.max(p.y, q.y)];
}

/**
 * The box moved as far as the image allows, its size kept.
 * @param {Xyxy} box
 * @param {number} dx
 * @param {number} dy
 * @param {Size} size
 * @returns {Xyxy}
 */
export function moved([x0, y0, x1, y1], dx, dy, { width, height }) {
  const mx = clamp(dx, -x0, width - x1);
  const my = clamp(dy, -y0, height - y1);
  return [x0 + mx, y0 + my, x1 + mx, y1 + my];
}

/**
 * The box with one handle dragged by (dx, dy); dragged across the opposite side, it turns over.
 * @param {Xyxy} box
 * @param {Handle} handle
 * @param {number} dx
 * @param {number} dy
 * @param {Size} size
 * @returns {Xyxy}
 */
export function resized([x0, y0, x1, y1], handle, dx, dy, { width, height }) {
  let [left, right] = [x0, x1];
  let [top, bottom] = [y0, y1];
  if (handle.includes("w")) [left, right] = span(x1, x0 + dx, width);
  if (handle.includes("e")) [left, right] = span(x0, x1 + dx, width);
  if (handle.includes("n")) [top, bottom] = span(y1, y0 + dy, height);
  if (handle.includes("s")) [top, bottom] = span(y0, y1 + dy, height);
  return [left, top, right, bottom];
}

/**
 * The box with some of its sides moved, each no further than the image and the shortest side allow.
 *
 * A box that is shorter already (an import may bring one) does not get shorter still.
 * @param {Xyxy} box
 * @param {Xyxy} by how far each side moves, in the box's order: left, top, right, bottom
 * @param {Size} size
 * @returns {Xyxy}
 */
export function stretched([x0, y0, x1, y1], [left, top, right, bottom], { width, height }) {
  const wide = Math.min(MIN_SIDE, x1 - x0);
  const high = Math.min(MIN_SIDE, y1 - y0);
  const [newX0, newY0] = [clamp(x0 + left, 0, x1 - wide), clamp(y0 + top, 0, y1 - high)];
  return [newX0, newY0, clamp(x1 + right, newX0 + wide, width), clamp(y1 + bottom, newY0 + high, height)];
}

/**
 * The box with one of its numbers typed in: x and y move it, w and h move its right and lower side.
 * @param {Xyxy} box
 * @param {"x" | "y" | "w" | "h"} part
 * @param {number} value pixels of the image
 * @param {Size} size
 * @returns {Xyxy}
 */
export function withPart(box, part, value, size) {
  const [x0, y0, x1, y1] = box;
  if (part === "x") return moved(box, value - x0, 0, size);
  if (part === "y") return moved(box, 0, value - y0, size);
  return stretched(box, part === "w" ? [0, 0, value - (x1 - x0), 0] : [0, 0, 0, value - (y1 - y0)], size);
}

/**
 * Whether both sides of a box are long enough to be meant.
 * @param {Xyxy} box
 * @returns {boolean}
 */
export const largeEnough = ([x0, y0, x1, y1]) => x1 - x0 >= MIN_SIDE && y1 - y0 >= MIN_SIDE;

/**
 * A box in the middle of what is seen of an image, a quarter as wide and as high.
 * @param {Xyxy} seen the part of the image in view, in its pixels
 * @param {Size} size
 * @returns {Xyxy}
 */
export function boxInMiddle([x0, y0, x1, y1], size) {
  const width = Math.min(size.width, Math.max(MIN_SIDE, Math.round((x1 - x0) / 4)));
  const height = Math.min(size.height, Math.max(MIN_SIDE, Math.round((y1 - y0) / 4)));
  const left = clamp(Math.round((x0 + x1 - width) / 2), 0, size.width - width);
  const top = clamp(Math.round((y0 + y1 - height) / 2), 0, size.height - height);
  return [left, top, left + width, top + height];
}

/**
 * The box beside itself, where no other box lies exactly: a copy that covered its original would not be seen.
 * @param {Xyxy} box
 * @param {readonly Xyxy[]} others
 * @param {Size} size
 * @returns {Xyxy}
 */
export function besideOthers(box, others, size) {
  for (const step of [COPY_STEP, -COPY_STEP]) {
    let place = box;
    while (others.some((other) => other.every((value, index) => value === place[index]))) {
      const next = moved(place, step, step, size);
      if (next.every((value, index) => value === place[index])) break;
      place = next;
    }
    if (!others.some((other) => other.every((value, index) => value === place[index]))) return place;
  }
  return box;
}

/** @param {number} fixed @param {number} dragged @param {number} limit @returns {[number, number]} low, high */
function span(fixed, dragged, limit) {
  const end = clamp(dragged, 0, limit);
  const shortest = Math.min(MIN_SIDE, limit);
  if (Math.abs(end - fixed) >= shortest) return [Math.min(fixed, end), Math.max(fixed, end)];
  const towardsEnd = end < fixed || fixed + shortest > limit;
  return towardsEnd ? [Math.max(0, fixed - shortest), fixed] : [fixed, fixed + shortest];
}

/**
 * Where a handle sits.
 * @param {Xyxy} box
 * @param {Handle} handle
 * @returns {Point}
 */
export function handlePoint([x0, y0, x1, y1], handle) {
  return {
    x: handle.includes("w") ? x0 : handle.includes("e") ? x1 : (x0 + x1) / 2,
    y: handle.includes("n") ? y0 : handle.includes("s") ? y1 : (y0 + y1) / 2,
  };
}

/**
 * The handle that a pointer means, or null.
 *
 * Outside the box a handle reaches `radius` far, inside it at most a quarter of the side, so that a small box can
 * still be taken by its middle.
 * @param {Xyxy} box
 * @param {Point} point
 * @param {number} radius in pixels of the image
 * @returns {Handle | null}
 */
export function handleAt(box, point, radius) {
  const [x0, y0, x1, y1] = box;
  const reachX = Math.min(radius, (x1 - x0) / 4);
  const reachY = Math.min(radius, (y1 - y0) / 4);
  for (const handle of HANDLES) {
    const at = handlePoint(box, handle);
    const inX = handle.includes("w") ? point.x - at.x : handle.includes("e") ? at.x - point.x : 0;
    const inY = handle.includes("n") ? point.y - at.y : handle.includes("s") ? at.y - point.y : 0;
    if (Math.abs(point.x - at.x) > radius || Math.abs(point.y - at.y) > radius) continue;
    if (inX <= reachX && inY <= reachY) return handle;
  }
  return null;
}

/**
 * Whether a point lies in a box grown by a margin.
 * @param {Xyxy} box
 * @param {Point} point
 * @param {number} [margin] in pixels of the image
 * @returns {boolean}
 */
export function contains([x0, y0, x1, y1], { x, y }, margin = 0) {
  return x >= x0 - margin && x <= x1 + margin && y >= y0 - margin && y <= y1 + margin;
}

/** @param {Xyxy} box @returns {number} square pixels */
export const areaOf = ([x0, y0, x1, y1]) => (x1 - x0) * (y1 - y0);

/**
 * The box that a click at a point chooses: the smallest there, and at each further click the next larger, so that
 * boxes under others can be reached.
 * @template {{id: string, box: Xyxy}} B
 * @param {readonly B[]} boxes
 * @param {Point} point
 * @param {string | null} selectedId
 * @param {number} [margin] in pixels of the image
 * @returns {B | null}
 */
export function boxClicked(boxes, point, selectedId, margin = 0) {
  const under = boxes.filter(({ box }) => contains(box, point, margin)).sort((a, b) => areaOf(a.box) - areaOf(b.box));
  const current = under.findIndex(({ id }) => id === selectedId);
  return under[(current + 1) % under.length] ?? null;
}

/**
 * The boxes cut to an image, those without a pixel of it left out.
 * @param {readonly Xyxy[]} boxes
 * @param {Size} size
 * @returns {Xyxy[]}
 */
export function cutToImage(boxes, size) {
  return boxes
    .map(([x0, y0, x1, y1]) => boxBetween({ x: x0, y: y0 }, { x: x1, y: y1 }, size))
    .filter(([x0, y0, x1, y1]) => x1 - x0 >= MIN_REST && y1 - y0 >= MIN_REST);
}
