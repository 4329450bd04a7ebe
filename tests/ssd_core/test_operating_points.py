"""Right, wrong and missed at a threshold, counted by hand."""

from __future__ import annotations

import numpy as np

from ssd_core.example import Example
from ssd_core.nms import Detections
from ssd_core.operating_points import operating_points

PIXELS = np.zeros((100, 100, 3), np.uint8)
NUT, BOLT = 0, 1


def found(*rows: tuple[list[float], float, int]) -> Detections:
    boxes, scores, class_ids = zip(*rows, strict=True) if rows else ((), (), ())
    return Detections(
        np.array(boxes, np.float32).reshape(-1, 4),
        np.array(scores, np.float32),
        np.array(class_ids, np.int64),
    )


def test_detections_from_the_threshold_on_are_right_or_wrong_and_other_boxes_missed() -> None:
    examples = [
        Example("a", PIXELS, [[0, 0, 10, 10], [50, 50, 60, 60]], [NUT, NUT]),
        Example("b", PIXELS, [[0, 0, 10, 10]], [NUT]),
    ]
    detections = [
        found(([0, 0, 10, 10], 0.9, NUT), ([50, 50, 60, 60], 0.4, NUT), ([80, 80, 90, 90], 0.8, NUT)),
        found(([0, 0, 10, 10], 0.5, NUT)),
    ]
    points = operating_points(detections, examples, ("nut",), {"nut": 0.5})
    assert points["nut"] == {
        "threshold": 0.5,
        "right": 2,
        "wrong": 1,
        "missed": 1,
        "precision": 2 / 3,
        "recall": 2 / 3,
        "F1": 2 / 3,
    }


def test_each_class_has_its_own_threshold_and_ignored_boxes_count_neither_way() -> None:
    examples = [Example("a", PIXELS, [[0, 0, 10, 10], [50, 50, 60, 60]], [NUT, BOLT], [True, False])]
    detections = [found(([0, 0, 10, 10], 0.6, NUT), ([50, 50, 60, 60], 0.6, BOLT))]
    points = operating_points(detections, examples, ("nut", "bolt"), {"nut": 0.5, "bolt": 0.7})
    assert (points["nut"]["precision"], points["nut"]["recall"], points["nut"]["F1"]) == (None, None, None)
    assert (points["bolt"]["precision"], points["bolt"]["recall"], points["bolt"]["F1"]) == (None, 0.0, 0.0)
