"""Non-maximum suppression: from candidates to detections, the same in Python and in the browser.

``tests/golden/nms_vectors.json`` holds cases that this module and ``app/static/nms.js`` must both answer
alike, to the last bit of each float32 operation. Class-agnostic and soft suppression are options of this
module only. NumPy only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ssd_core.candidates import Candidates
from ssd_core.errors import InvalidConfig

#: What a person sees unless the sliders or the model card say otherwise.
SCORE_THRESHOLD = 0.5
IOU_THRESHOLD = 0.45
MAX_BOXES = 200

#: How soft suppression lowers scores; None is the usual suppression, which removes.
Soft = Literal["linear", "gaussian"] | None
#: Width of the Gaussian of soft suppression (arXiv 1704.04503, section 3).
SOFT_SIGMA = 0.5

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
    *,
    class_agnostic: bool = False,
    soft: Soft = None,
    soft_sigma: float = SOFT_SIGMA,
) -> Detections:
    """Keep the best of each group of overlapping boxes of one class.

    Args:
        candidates: boxes in pixels.
        score_threshold: scores from here on count (score ≥ threshold).
        iou_threshold: a box that overlaps a better one of its class by more than this goes (IoU > threshold).
        max_boxes: the most boxes kept, over all classes.
        class_agnostic: boxes of other classes count as rivals too, so that no place is reported twice.
        soft: ``linear`` or ``gaussian`` lower the scores of overlapping boxes instead of removing them,
            which keeps objects that stand close together (arXiv 1704.04503); None removes.
        soft_sigma: width of the Gaussian; smaller is stricter.

    Returns:
        The detections, best first, with their lowered scores if ``soft``; see `kept_indices` and
        `softly_kept` for the exact definitions.

    Raises:
        InvalidConfig: ``soft`` has another name, or ``soft_sigma`` is not above 0.
    """
    if soft is None:
        kept = kept_indices(
            candidates, score_threshold, iou_threshold, max_boxes, class_agnostic=class_agnostic
        )
        scores = candidates.scores[kept]
    else:
        kept, scores = softly_kept(
            candidates,
            score_threshold,
            iou_threshold,
            max_boxes,
            class_agnostic=class_agnostic,
            soft=soft,
            soft_sigma=soft_sigma,
        )
    return Detections(candidates.boxes_xyxy[kept], scores, candidates.class_ids[kept])


def kept_indices(
    candidates: Candidates,
    score_threshold: float = SCORE_THRESHOLD,
    iou_threshold: float = IOU_THRESHOLD,
    max_boxes: int = MAX_BOXES,
    *,
    class_agnostic: bool = False,
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
        class_agnostic: "of its class" above means "of any class".

    Returns:
        int64 [K] indices into ``candidates``.
    """
    scores = candidates.scores
    eligible = np.flatnonzero(scores >= np.float32(score_threshold))
    eligible = eligible[np.argsort(-scores[eligible], kind="stable")]
    class_ids = _rivals(candidates, class_agnostic)[eligible]
    corners = np.ascontiguousarray(candidates.boxes_xyxy[eligible].T, dtype=np.float32)
    kept: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    for class_id in np.unique(class_ids):
        ranks = np.flatnonzero(class_ids == class_id)
        kept.append(ranks[_suppress(corners[:, ranks], np.float32(iou_threshold), max_boxes)])
    # Classes do not touch each other, so the best of all of them are the best of each, merged.
    best_first = np.sort(np.concatenate(kept))[: max(max_boxes, 0)]
    return eligible[best_first]


def softly_kept(
    candidates: Candidates,
    score_threshold: float = SCORE_THRESHOLD,
    iou_threshold: float = IOU_THRESHOLD,
    max_boxes: int = MAX_BOXES,
    *,
    class_agnostic: bool = False,
    soft: Literal["linear", "gaussian"] = "gaussian",
    soft_sigma: float = SOFT_SIGMA,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Give the indices of the candidates that survive soft suppression, and their lowered scores.

    Again and again the candidate with the highest score is taken, the first of equal ones, and the scores
    of those of its class that are left are multiplied by a weight, in float32. It ends at ``max_boxes`` or
    when no score reaches the threshold. The weight follows from the overlap (arXiv 1704.04503, section 3),
    computed in float32 as `kept_indices` says; the Gaussian itself in double, then rounded to float32::

        linear:    1 - iou                   if iou > iou_threshold, else 1
        gaussian:  exp(-iou * iou / sigma)   at any overlap; iou_threshold does not matter

    Args:
        candidates: boxes in pixels, in any order.
        score_threshold: the lowest score that counts, before and after lowering.
        iou_threshold: the largest overlap that lowers no score; for ``linear`` only.
        max_boxes: the most boxes kept, over all classes.
        class_agnostic: "of its class" above means "of any class".
        soft: ``linear`` or ``gaussian``.
        soft_sigma: width of the Gaussian.

    Returns:
        int64 [K] indices into ``candidates`` and float32 [K] scores, descending.

    Raises:
        InvalidConfig: ``soft`` has another name, or ``soft_sigma`` is not above 0.
    """
    check_soft(soft, soft_sigma)
    least = np.float32(score_threshold)
    eligible = np.flatnonzero(candidates.scores >= least)
    scores = candidates.scores[eligible].astype(np.float32)
    rivals = _rivals(candidates, class_agnostic)[eligible]
    corners = np.ascontiguousarray(candidates.boxes_xyxy[eligible].T, dtype=np.float32)
    left = np.ones(len(eligible), np.bool_)
    kept: list[int] = []
    while left.any() and len(kept) < max_boxes:
        best = int(np.argmax(np.where(left, scores, np.float32(-np.inf))))
        if scores[best] < least:
            break
        kept.append(best)
        left[best] = False
        lowered = np.flatnonzero(left & (rivals == rivals[best]))
        overlaps = _iou(corners[:, best, None], corners[:, lowered])
        scores[lowered] *= _weights(overlaps, soft, np.float32(iou_threshold), soft_sigma)
    taken = np.array(kept, np.int64)
    return eligible[taken], scores[taken]


def check_soft(soft: Soft, soft_sigma: float) -> None:
    """Check the options of soft suppression.

    Raises:
        InvalidConfig: ``soft`` has another name, or ``soft_sigma`` is not above 0.
    """
    if soft not in (None, "linear", "gaussian"):
        raise InvalidConfig(f"There is no soft suppression {soft!r}: use 'linear', 'gaussian' or None.")
    if not soft_sigma > 0:
        raise InvalidConfig(f"soft_sigma is {soft_sigma}, but must be above 0.")


def _rivals(candidates: Candidates, class_agnostic: bool) -> NDArray[np.int64]:
    """A number per candidate; equal numbers suppress each other."""
    return np.zeros_like(candidates.class_ids) if class_agnostic else candidates.class_ids


def _weights(
    overlaps: NDArray[np.float32], soft: str, iou_threshold: np.float32, soft_sigma: float
) -> NDArray[np.float32]:
    if soft == "linear":
        return np.where(overlaps > iou_threshold, np.float32(1) - overlaps, np.float32(1))
    return np.exp(-np.square(overlaps.astype(np.float64)) / soft_sigma).astype(np.float32)


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
