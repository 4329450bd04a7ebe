"""Non-maximum suppression: from candidates to detections, the same in Python and in the browser.

``tests/golden/nms_vectors.json`` holds cases that this module and ``app/static/nms.js`` must both answer
alike, to the last bit of each float32 operation. NumPy only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ssd_core.candidates import Candidates

#: What a person sees unless the sliders or the model card say otherwise.
SCORE_THRESHOLD = 0.5
IOU_THRESHOLD = 0.45
MAX_BOXES = 200

# Boxes compared with all others at once: large enough to hide NumPy's cost per call, small enough to stay in
# the cache and to waste little on boxes that an earlier one of the block removes.
_BLOCK = 32


@dataclass(frozen=True, eq=False, slots=True)
class Detections:
    """What was found in one image, best first.

    Args:
        boxes_xyxy: float32 [K, 4]; pixels of the image given, clipped to it.
        scores: float32 [K], descending.
        class_ids: int64 [K]; 0-based into the classes without the background.
    """

    boxes_xyxy: NDArray[np.float32]
    scores: NDArray[np.float32]
    class_ids: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.scores)


def non_max_suppression(
    candidates: Candidates,
    score_threshold: float = SCORE_THRESHOLD,
    iou_threshold: float = IOU_THRESHOLD,
    max_boxes: int = MAX_BOXES,
) -> Detections:
    """Keep the best of each group of overlapping boxes of one class.

    Args:
        candidates: boxes in pixels.
        score_threshold: scores from here on count (score ≥ threshold).
        iou_threshold: a box that overlaps a better one of its class by more than this goes (IoU > threshold).
        max_boxes: the most boxes kept, over all classes.

    Returns:
        The detections, best first; see `kept_indices` for the exact definition.
    """
    kept = kept_indices(candidates, score_threshold, iou_threshold, max_boxes)
    return Detections(candidates.boxes_xyxy[kept], candidates.scores[kept], candidates.class_ids[kept])


def kept_indices(
    candidates: Candidates,
    score_threshold: float = SCORE_THRESHOLD,
    iou_threshold: float = IOU_THRESHOLD,
    max_boxes: int = MAX_BOXES,
) -> NDArray[np.int64]:
    """Give the indices of the candidates that survive, best first.

    Both thresholds are rounded to float32. Candidates with score ≥ threshold are visited by score,
    descending, ties in the order given. One that is still there is kept, and removes the later ones of its
    class whose IoU with it is > ``iou_threshold``. It ends at ``max_boxes`` kept.

    The IoU of boxes a and b is computed in float32, each step rounded, in this order, so that JavaScript with
    ``Math.fround`` around every step gives the same bits::

        area(box) = (x1 - x0) * (y1 - y0)
        w = max(min(a.x1, b.x1) - max(a.x0, b.x0), 0)
        h = max(min(a.y1, b.y1) - max(a.y0, b.y0), 0)
        inter = w * h
        iou = inter / ((area(a) + area(b)) - inter)     if inter > 0, else 0

    So boxes without area have IoU 0 with everything, themselves included.

    Args:
        candidates: boxes in pixels, in any order.
        score_threshold: the lowest score that counts.
        iou_threshold: the largest overlap that two kept boxes of one class may have.
        max_boxes: the most boxes kept, over all classes.

    Returns:
        int64 [K] indices into ``candidates``.
    """
    scores = candidates.scores
    eligible = np.flatnonzero(scores >= np.float32(score_threshold))
    eligible = eligible[np.argsort(-scores[eligible], kind="stable")]
    class_ids = candidates.class_ids[eligible]
    corners = np.ascontiguousarray(candidates.boxes_xyxy[eligible].T, dtype=np.float32)
    kept: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    for class_id in np.unique(class_ids):
        ranks = np.flatnonzero(class_ids == class_id)
        kept.append(ranks[_suppress(corners[:, ranks], np.float32(iou_threshold), max_boxes)])
    # Classes do not touch each other, so the best of all of them are the best of each, merged.
    best_first = np.sort(np.concatenate(kept))[: max(max_boxes, 0)]
    return eligible[best_first]


def _suppress(corners: NDArray[np.float32], iou_threshold: np.float32, max_boxes: int) -> NDArray[np.int64]:
    """Give the survivors among the columns of ``corners`` [4, N], best first, all of one class."""
    kept: list[int] = []
    left = np.arange(corners.shape[1])
    while len(left) and len(kept) < max_boxes:
        head = left[:_BLOCK]
        overlaps = _iou(corners[:, head, None], corners[:, None, left]) > iou_threshold
        gone = np.zeros(len(left), np.bool_)
        for row, index in enumerate(head.tolist()):
            if not gone[row]:
                kept.append(index)
                gone |= overlaps[row]
        left = left[len(head) :][~gone[len(head) :]]
    return np.array(kept, np.int64)


def _iou(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    zero = np.float32(0)
    width = np.maximum(np.minimum(a[2], b[2]) - np.maximum(a[0], b[0]), zero)
    height = np.maximum(np.minimum(a[3], b[3]) - np.maximum(a[1], b[1]), zero)
    inter = width * height
    area_a = (a[2] - a[0]) * (a[3] - a[1])
    area_b = (b[2] - b[0]) * (b[3] - b[1])
    union = (area_a + area_b) - inter
    return np.divide(inter, union, out=np.zeros_like(inter), where=inter > zero)
