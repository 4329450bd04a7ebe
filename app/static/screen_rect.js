// @ts-check
/** Rectangles on the screen, in its pixels. */

/** @typedef {{x: number, y: number, width: number, height: number}} Rect */

/**
 * Whether two have more in common than an edge.
 * @param {Rect} a
 * @param {Rect} b
 */
export function meet(a, b) {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
