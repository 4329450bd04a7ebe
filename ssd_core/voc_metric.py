"""Average precision as the Pascal VOC challenges compute it, for comparison with papers of their time.

Source: the VOC development kit (``VOCevaldet.m``) and Everingham et al., "The Pascal Visual Object Classes
Challenge", IJCV 2010, section 4.2. Boxes here are half-open, so no pixel is added to their sides.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ssd_core.box_judging import check_pairing, overlap_matrix
from ssd_core.example import Example
from ssd_core.nms import Detections

_ELEVEN_RECALLS = np.arange(11) / 10


def voc_metrics(
    detections_per_image: Sequence[Detections],
    examples: Sequence[Example],
    classes: Sequence[str],
    *,
    iou_threshold: float = 0.5,
) -> dict[str, Any]:
    """Average precision by 11 points (VOC 2007) and by all points (from VOC 2010 on).

    Each detection belongs to the box of its class and image with the largest IoU, ignored ones included, the
    first of equals. Below ``iou_threshold`` it is wrong; on an ignored (difficult) box it does not count; it
    is right where it is the first in order of score on its box, and wrong where it comes later, even if
    another box is free.

    Args:
        detections_per_image: one per example, in the same order, from a low score on.
        examples: the labelled images; boxes marked ``ignore`` are VOC's difficult ones.
        classes: names without the background, in the order of the class indices.
        iou_threshold: the overlap from which on (≥) a detection belongs to its box.

    Returns:
        ``{"AP11", "AP_all_points", "per_class": {name: {"AP11", "AP_all_points"}}}``: means over the classes
        with boxes; None without boxes.

    Raises:
        InvalidExample: the two sequences differ in length, or a class index has no name.
    """
    check_pairing(detections_per_image, examples, classes)
    scores, class_ids, targets, ignored = _targets(detections_per_image, examples, iou_threshold)
    per_class: dict[str, dict[str, float | None]] = {}
    for class_id, name in enumerate(classes):
        boxes = sum(int(((one.class_ids == class_id) & ~one.ignore).sum()) for one in examples)
        if not boxes:
            per_class[name] = {"AP11": None, "AP_all_points": None}
            continue
        rows = np.flatnonzero((class_ids == class_id) & ~ignored)
        rows = rows[np.argsort(-scores[rows], kind="stable")]
        right = np.zeros(len(rows), np.bool_)
        right[np.unique(targets[rows], return_index=True)[1]] = True
        right &= targets[rows] >= 0
        recall = np.cumsum(right) / boxes
        precision = np.cumsum(right) / np.arange(1, len(rows) + 1)
        per_class[name] = {
            "AP11": eleven_point_average(recall, precision),
            "AP_all_points": all_point_average(recall, precision),
        }
    return {key: _mean([of[key] for of in per_class.values()]) for key in ("AP11", "AP_all_points")} | {
        "per_class": per_class
    }


def eleven_point_average(recall: NDArray[np.float64], precision: NDArray[np.float64]) -> float:
    """Mean over the recalls 0, .1 … 1 of the best precision at that recall or more.

    Args:
        recall: float [N], rising with each detection, best score first.
        precision: float [N].

    Returns:
        A value in 0..1.
    """
    best = [precision[recall >= point].max(initial=0.0) for point in _ELEVEN_RECALLS]
    return float(np.mean(best))


def all_point_average(recall: NDArray[np.float64], precision: NDArray[np.float64]) -> float:
    """Area under the curve whose precision is the best at each recall or more.

    Args:
        recall: float [N], rising with each detection, best score first.
        precision: float [N].

    Returns:
        A value in 0..1.
    """
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float((np.diff(recall, prepend=0) * envelope).sum())


def _targets(
    detections_per_image: Sequence[Detections], examples: Sequence[Example], iou_threshold: float
) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Give score, class, box it belongs to (-1: none) and whether that is ignored, for every detection."""
    scores: list[NDArray] = [np.zeros(0, np.float32)]
    class_ids: list[NDArray] = [np.zeros(0, np.int64)]
    targets: list[NDArray] = [np.zeros(0, np.int64)]
    ignored: list[NDArray] = [np.zeros(0, np.bool_)]
    first_box = 0
    for found, example in zip(detections_per_image, examples, strict=True):
        target = np.full(len(found), -1, np.int64)
        on_ignored = np.zeros(len(found), np.bool_)
        if len(found) and len(example.class_ids):
            overlaps = overlap_matrix(
                found.boxes_xyxy, example.boxes_xyxy, np.zeros(len(example.class_ids), np.bool_)
            )
            overlaps[found.class_ids[:, None] != example.class_ids] = -1
            nearest = overlaps.argmax(axis=1)
            belongs = overlaps.max(axis=1) >= iou_threshold
            target[belongs] = first_box + nearest[belongs]
            on_ignored = belongs & example.ignore[nearest]
        first_box += len(example.class_ids)
        scores.append(found.scores)
        class_ids.append(found.class_ids)
        targets.append(target)
        ignored.append(on_ignored)
    return np.concatenate(scores), np.concatenate(class_ids), np.concatenate(targets), np.concatenate(ignored)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
