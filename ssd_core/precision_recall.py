"""From right and wrong detections to precision over recall, and to COCO's average precision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ssd_core.box_judging import check_pairing, judge
from ssd_core.example import Example
from ssd_core.nms import Detections

#: The recalls at which COCO reads the curve, to the bit.
RECALL_POINTS = np.linspace(0.0, 1.0, 101)


def average_precision(hits: ArrayLike, seen: ArrayLike, boxes: ArrayLike) -> NDArray[np.float64]:
    """Mean of the precision at 101 recalls, each the best at that recall or more (COCO's definition).

    The curve is read at right detections only, since it peaks there and recall grows nowhere else.

    Args:
        hits: [..., J]; for each right detection, best first: right ones up to it, itself included.
        seen: [..., J]; all detections up to it, right or wrong.
        boxes: [...]; the number of boxes there are to find.

    Returns:
        float64 [...] in 0..1; not a number where there are no boxes.
    """
    hits, boxes = np.asarray(hits, np.float64), np.asarray(boxes, np.float64)
    envelope, recall = _curve(hits, np.asarray(seen, np.float64), boxes)
    passed = np.searchsorted(RECALL_POINTS, recall, side="right")
    total = (envelope * np.diff(passed, axis=-1, prepend=0)).sum(axis=-1)
    return np.where(boxes > 0, total / len(RECALL_POINTS), np.nan)


def average_precision_of(right_best_first: NDArray[np.bool_], boxes: int) -> float:
    """COCO's average precision of one ranking.

    Args:
        right_best_first: bool [N]; whether each detection that counts is right, best score first.
        boxes: the number of boxes there are to find.

    Returns:
        A value in 0..1; not a number without boxes.
    """
    places = np.flatnonzero(right_best_first) + 1
    return float(average_precision(np.arange(1, len(places) + 1), places, boxes))


def precision_recall_curves(
    detections_per_image: Sequence[Detections], examples: Sequence[Example], classes: Sequence[str]
) -> dict[str, dict[str, list[float | None]]]:
    """Precision and score at 101 recalls for each class, at IoU .5.

    Args:
        detections_per_image: one per example, in the same order, from a low score on.
        examples: the labelled images; boxes marked ``ignore`` count neither way.
        classes: names without the background, in the order of the class indices.

    Returns:
        ``{name: {"recall", "precision", "score"}}``, each a list of 101. The precision is COCO's: the best at
        that recall or more. The score is that of the detection which reaches the recall: a threshold there
        finds that share of the boxes. Beyond the highest recall reached the precision is 0 and the score
        None; for a class without boxes both lists hold None.

    Raises:
        InvalidExample: the two sequences differ in length, or a class index has no name.
    """
    check_pairing(detections_per_image, examples, classes)
    judged = judge(detections_per_image, examples, [0.5])
    curves: dict[str, Any] = {}
    for class_id, name in enumerate(classes):
        boxes = judged.boxes(class_id)
        precision: list[float | None] = [None] * len(RECALL_POINTS)
        score: list[float | None] = [None] * len(RECALL_POINTS)
        if boxes:
            rows = judged.best_first(class_id)
            rows = rows[judged.counted[0, rows]]
            places = np.flatnonzero(judged.right[0, rows])
            hits = np.arange(1.0, len(places) + 1)
            envelope, recall = _curve(hits, places + 1.0, np.array(float(boxes)))
            reaching = np.searchsorted(recall, RECALL_POINTS)
            reached = int((reaching < len(places)).sum())
            precision = envelope[reaching[:reached]].tolist() + [0.0] * (len(RECALL_POINTS) - reached)
            score[:reached] = judged.scores[rows[places[reaching[:reached]]]].tolist()
        curves[name] = {"recall": RECALL_POINTS.round(2).tolist(), "precision": precision, "score": score}
    return curves


def _curve(
    hits: NDArray[np.floating], seen: NDArray[np.floating], boxes: NDArray[np.floating]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the best precision from each right detection on, and the recall there."""
    precision = hits / (seen + np.spacing(1))
    envelope = np.maximum.accumulate(precision[..., ::-1], axis=-1)[..., ::-1]
    return envelope, hits / np.maximum(boxes, 1)[..., None]
