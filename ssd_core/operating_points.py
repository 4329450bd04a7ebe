"""What a person gets who works with given score thresholds: right, wrong and missed, for each class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ssd_core.box_judging import check_pairing, judge
from ssd_core.example import Example
from ssd_core.nms import Detections


def operating_points(
    detections_per_image: Sequence[Detections],
    examples: Sequence[Example],
    classes: Sequence[str],
    thresholds: Mapping[str, float],
) -> dict[str, dict[str, Any]]:
    """Count each class's detections from its score threshold on, at IoU .5.

    Args:
        detections_per_image: one per example, in the same order, from a low score on.
        examples: the labelled images; boxes marked ``ignore`` count neither way.
        classes: names without the background, in the order of the class indices.
        thresholds: the least score that counts, by class name.

    Returns:
        ``{name: {"threshold", "right", "wrong", "missed", "precision", "recall", "F1"}}``. A precision is
        None without detections, a recall without boxes, and F1 where there is neither.

    Raises:
        InvalidExample: the two sequences differ in length, or a class index has no name.
    """
    check_pairing(detections_per_image, examples, classes)
    judged = judge(detections_per_image, examples, [0.5], max_per_class=None)
    points: dict[str, dict[str, Any]] = {}
    for class_id, name in enumerate(classes):
        shown = (judged.class_ids == class_id) & (judged.scores >= np.float32(thresholds[name]))
        right = int((shown & judged.right[0]).sum())
        wrong = int((shown & judged.counted[0]).sum()) - right
        missed = judged.boxes(class_id) - right
        points[name] = {
            "threshold": thresholds[name],
            "right": right,
            "wrong": wrong,
            "missed": missed,
            "precision": _share(right, right + wrong),
            "recall": _share(right, right + missed),
            "F1": _share(2 * right, 2 * right + wrong + missed),
        }
    return points


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
