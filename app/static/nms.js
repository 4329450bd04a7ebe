// @ts-check
/** Non-maximum suppression in the browser: the definition and the float32 arithmetic of `ssd_core/nms.py`. */

const f32 = Math.fround;

/**
 * Keep the best of overlapping candidates, class by class.
 *
 * A candidate with score ≥ the threshold is kept unless a kept one of its class overlaps it by IoU > the threshold
 * (strictly); at most `maxBoxes` are kept over all classes. Both thresholds are rounded to float32.
 * @template {ReadonlyArray<number>} R
 * @param {readonly R[]} candidates rows of x0, y0, x1, y1 (pixels), score, class index, in
 *   any order; of equal scores the earlier row goes first
 * @param {number} scoreThreshold
 * @param {number} iouThreshold
 * @param {number} [maxBoxes]
 * @param {boolean} [agnostic] boxes of all classes are rivals, not only those of one class
 * @returns {R[]} the kept rows themselves, best first
 */
export function nonMaxSuppression(candidates, scoreThreshold, iouThreshold, maxBoxes = 200, agnostic = false) {
  const minScore = f32(scoreThreshold);
  const maxIou = f32(iouThreshold);
  const bestFirst = candidates.filter((row) => f32(row[4]) >= minScore).sort((a, b) => b[4] - a[4]);
  /** @type {R[]} */
  const kept = [];
  /** @type {Map<number, R[]>} */
  const keptOfClass = new Map();
  for (const row of bestFirst) {
    if (kept.length >= maxBoxes) break;
    const kind = agnostic ? 0 : row[5];
    let rivals = keptOfClass.get(kind);
    if (!rivals) keptOfClass.set(kind, (rivals = []));
    if (overlapsOne(rivals, row, maxIou)) continue;
    rivals.push(row);
    kept.push(row);
  }
  return kept;
}

/** @param {ReadonlyArray<ReadonlyArray<number>>} rivals @param {ReadonlyArray<number>} row @param {number} maxIou */
function overlapsOne(rivals, row, maxIou) {
  for (let index = 0; index < rivals.length; index += 1) if (iou(rivals[index], row) > maxIou) return true;
  return false;
}

/**
 * Intersection over union of two xyxy boxes in float32, each step rounded; 0 where they do not overlap.
 * @param {ReadonlyArray<number>} a
 * @param {ReadonlyArray<number>} b
 * @returns {number}
 */
export function iou(a, b) {
  const width = f32(Math.min(f32(a[2]), f32(b[2])) - Math.max(f32(a[0]), f32(b[0])));
  const height = f32(Math.min(f32(a[3]), f32(b[3])) - Math.max(f32(a[1]), f32(b[1])));
  if (!(width > 0 && height > 0)) return 0;
  const intersection = f32(width * height);
  if (!(intersection > 0)) return 0; // two tiny sides may underflow
  return f32(intersection / f32(f32(area(a) + area(b)) - intersection));
}

/** @param {ReadonlyArray<number>} box @returns {number} */
function area(box) {
  return f32(f32(f32(box[2]) - f32(box[0])) * f32(f32(box[3]) - f32(box[1])));
}
