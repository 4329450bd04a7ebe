"""Score thresholds to start from: those with the best F1, over all classes and for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ssd_core.box_judging import Judged, check_pairing, judge
from ssd_core.example import Example
from ssd_core.nms import Detections

#: From this many boxes on, a class stands on its own. With fewer, one box found or lost moves F1 by more than
#: most thresholds differ in it.
ENOUGH_BOXES = 20

_DEFAULT_SCORE_THRESHOLD = 0.5


def suggest_score_threshold(detections_per_image: Sequence[Detections], examples: Sequence[Example]) -> float:
    """Give the score threshold with the best F1 at IoU .5, over all classes together.

    The threshold lies halfway between the last detection worth keeping and the first one not, so that unseen
    images have some room; among equally good ones it is the highest.

    Args:
        detections_per_image: one per example, in the same order, from a low score on.
        examples: the labelled images; boxes marked ``ignore`` count neither way.

    Returns:
        A score in .05..0.95, two decimals; .5 where nothing can be learnt (no boxes, or none of them found).

    Raises:
        InvalidExample: the two sequences differ in length.
    """
    cut = _best_cut(judge(detections_per_image, examples, [0.5], max_per_class=None))
    return _DEFAULT_SCORE_THRESHOLD if cut is None else cut[0]


def best_score_thresholds(
    detections_per_image: Sequence[Detections],
    examples: Sequence[Example],
    classes: Sequence[str],
    *,
    enough_boxes: int = ENOUGH_BOXES,
) -> dict[str, Any]:
    """Give the score threshold with the best F1 at IoU .5 for each class.

    A class with n boxes, fewer than ``enough_boxes``, is drawn towards the threshold over all classes: its
    own has the weight n / ``enough_boxes``. One of which nothing can be learnt gets that over all classes.

    Args:
        detections_per_image: one per example, in the same order, from a low score on.
        examples: the labelled images; boxes marked ``ignore`` count neither way.
        classes: names without the background, in the order of the class indices.
        enough_boxes: from this many boxes on a class keeps its own threshold.

    Returns:
        ``{"overall": threshold, "per_class": {name: {"threshold", "own", "F1", "boxes"}}}``: the threshold to
        use, the class's own with the best F1 and the F1 there (None where nothing can be learnt), and the
        number of its boxes that count.

    Raises:
        InvalidExample: the two sequences differ in length, or a class index has no name.
    """
    check_pairing(detections_per_image, examples, classes)
    judged = judge(detections_per_image, examples, [0.5], max_per_class=None)
    cut = _best_cut(judged)
    overall = _DEFAULT_SCORE_THRESHOLD if cut is None else cut[0]
    per_class: dict[str, dict[str, float | None]] = {}
    for class_id, name in enumerate(classes):
        boxes, cut = judged.boxes(class_id), _best_cut(judged, class_id)
        if cut is None:
            per_class[name] = {"threshold": overall, "own": None, "F1": None, "boxes": boxes}
            continue
        own, f1 = cut
        weight = min(boxes / max(enough_boxes, 1), 1)
        threshold = round(weight * own + (1 - weight) * overall, 2)
        per_class[name] = {"threshold": threshold, "own": own, "F1": f1, "boxes": boxes}
    return {"overall": overall, "per_class": per_class}


def _best_cut(judged: Judged, class_id: int | None = None) -> tuple[float, float] | None:
    """Give the best threshold and the F1 there, of one class or of all; None where nothing can be learnt."""
    rows = judged.best_first(class_id)
    rows = rows[judged.counted[0, rows]]
    scores: NDArray[np.float32] = judged.scores[rows]
    right = judged.right[0, rows]
    if not right.any():
        return None
    f1 = 2 * np.cumsum(right) / (np.arange(1, len(right) + 1) + judged.boxes(class_id))
    # A threshold cannot separate equal scores, so only the last detection of each score is a possible cut.
    parted = np.append(scores[:-1] != scores[1:], True)
    best = int(np.where(parted, f1, -1).argmax())
    below = float(scores[best + 1]) if best + 1 < len(scores) else 0.0
    threshold = round(min(max((float(scores[best]) + below) / 2, 0.05), 0.95), 2)
    kept = int((scores >= np.float32(threshold)).sum())
    return threshold, float(f1[kept - 1]) if kept else 0.0
