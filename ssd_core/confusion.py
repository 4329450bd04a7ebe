"""The confusion matrix of a detector: which class is taken for which, and what is missed or made up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ssd_core.box_judging import check_pairing, judge
from ssd_core.example import Example
from ssd_core.nms import SCORE_THRESHOLD, Detections


def confusion_matrix(
    detections_per_image: Sequence[Detections],
    examples: Sequence[Example],
    classes: Sequence[str],
    *,
    score_threshold: float = SCORE_THRESHOLD,
    iou_threshold: float = 0.5,
) -> dict[str, Any]:
    """Count labelled boxes by their class and the class they were detected as.

    In each image the detections choose in order of score, whatever their class: each takes the free box with
    the largest IoU that reaches ``iou_threshold`` (of boxes that overlap equally, one of its own class). A
    box nobody takes was detected as background; a detection that takes none was background, unless an
    ignored box of any class covers enough of it: then it does not count.

    Args:
        detections_per_image: one per example, in the same order.
        examples: the labelled images; boxes marked ``ignore`` count neither way.
        classes: names without the background, in the order of the class indices.
        score_threshold: detections below it are left out. The default is what a person sees at first, so
            that the matrix counts the mistakes that show.
        iou_threshold: the least overlap that makes a detection one of a box.

    Returns:
        ``{"labels", "matrix", "records", "score_threshold", "iou_threshold"}``: the classes and
        ``"background"`` last; rows of true classes, columns of predicted ones; and for everything counted
        ``{"image", "truth", "detection", "true", "predicted"}``, the last two being row and column, the first
        three indices into the sequences given (None for what is not there), ordered by image.

    Raises:
        InvalidExample: the two sequences differ in length, or a class index has no name.
    """
    check_pairing(detections_per_image, examples, classes)
    judged = judge(
        detections_per_image,
        examples,
        [iou_threshold],
        across_classes=True,
        score_threshold=score_threshold,
    )
    truths, background = judged.truths, len(classes)
    records: list[dict[str, Any]] = []
    for row in np.flatnonzero(judged.counted[0]).tolist():
        truth = int(judged.taken[0, row])
        records.append(
            {
                "image": int(judged.image_ids[row]),
                "truth": int(truths.box_ids[truth]) if truth >= 0 else None,
                "detection": int(judged.detection_ids[row]),
                "true": int(truths.class_ids[truth]) if truth >= 0 else background,
                "predicted": int(judged.class_ids[row]),
            }
        )
    missed = ~truths.ignore
    missed[judged.taken[0][judged.right[0]]] = False
    records += [
        {
            "image": int(truths.image_ids[truth]),
            "truth": int(truths.box_ids[truth]),
            "detection": None,
            "true": int(truths.class_ids[truth]),
            "predicted": background,
        }
        for truth in np.flatnonzero(missed).tolist()
    ]
    matrix = np.zeros((background + 1, background + 1), np.int64)
    for record in records:
        matrix[record["true"], record["predicted"]] += 1
    return {
        "labels": [*classes, "background"],
        "matrix": matrix.tolist(),
        "records": sorted(records, key=lambda record: record["image"]),
        "score_threshold": score_threshold,
        "iou_threshold": iou_threshold,
    }
