"""How good detections are: COCO's average precision and recall.

The numbers come from ``faster-coco-eval``; the tests hold them against ``pycocotools``. This is cheap enough
to run after each epoch; `ssd_core.evaluation_report` adds what a person wants to read once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from faster_coco_eval import COCO, COCOeval_faster
from numpy.typing import NDArray

from ssd_core.box_judging import COCO_MAX_DETECTIONS, check_pairing
from ssd_core.example import Example
from ssd_core.nms import Detections
from ssd_core.score_thresholds import suggest_score_threshold

__all__ = ["coco_dataset", "coco_results", "evaluate", "suggest_score_threshold"]

#: COCO's areas in pixels of the image: an object is small up to 32², medium up to 96², large from there on.
_AREAS = {"all": [0.0, 1e10], "small": [0.0, 32.0**2], "medium": [32.0**2, 96.0**2], "large": [96.0**2, 1e10]}
_DETECTIONS_PER_IMAGE = (1, 10, COCO_MAX_DETECTIONS)


def evaluate(
    detections_per_image: Sequence[Detections], examples: Sequence[Example], classes: Sequence[str]
) -> dict[str, Any]:
    """Compare detections with the labelled boxes.

    Boxes marked ``ignore`` are treated as COCO treats crowds: finding them is neither right nor wrong. Give
    detections from a low score on (`Detector.predict_for_evaluation`), since a cut takes recall away.

    Args:
        detections_per_image: one per example, in the same order.
        examples: the labelled images; their pixels are not read.
        classes: names without the background, in the order of the class indices.

    Returns:
        ``{"AP", "AP50", "AP75", "AP_small", "AP_medium", "AP_large", "AR1", "AR10", "AR100", "AR_small",
        "AR_medium", "AR_large", "per_class": {name: {"AP", "AP50", "AR100", "boxes"}}, "images", "boxes"}``:
        AP and AR over IoU .50:.05:.95, AR with so many detections per image and class (100 where none is
        named), small, medium and large parted at 32² and 96² pixels of the image, and the number of images
        and of boxes that count. A value is None where no box counts, and 0.0 where boxes count but none was
        found.

    Raises:
        InvalidExample: the two sequences differ in length, or a class index has no name.
    """
    check_pairing(detections_per_image, examples, classes)
    boxes = np.zeros(len(classes), np.int64)
    for example in examples:
        boxes += np.bincount(example.class_ids[~example.ignore], minlength=len(classes))
    areas, most = len(_AREAS), len(_DETECTIONS_PER_IMAGE)
    precision: NDArray[np.float64] = np.full((10, 101, len(classes), areas, most), -1.0)
    recall: NDArray[np.float64] = np.full((10, len(classes), areas, most), -1.0)
    if boxes.any():
        precision, recall = _coco_curves(detections_per_image, examples, len(classes))
    overall = precision[:, :, :, 0, -1]
    return {
        "AP": _mean(overall),
        "AP50": _mean(overall[0]),
        "AP75": _mean(overall[5]),
        **{f"AP_{area}": _mean(precision[:, :, :, at, -1]) for at, area in enumerate(_AREAS) if at},
        **{f"AR{count}": _mean(recall[:, :, 0, at]) for at, count in enumerate(_DETECTIONS_PER_IMAGE)},
        **{f"AR_{area}": _mean(recall[:, :, at, -1]) for at, area in enumerate(_AREAS) if at},
        "per_class": {
            name: {
                "AP": _mean(overall[:, :, index]),
                "AP50": _mean(overall[0, :, index]),
                "AR100": _mean(recall[:, index, 0, -1]),
                "boxes": int(boxes[index]),
            }
            for index, name in enumerate(classes)
        },
        "images": len(examples),
        "boxes": int(boxes.sum()),
    }


def _coco_curves(
    detections_per_image: Sequence[Detections], examples: Sequence[Example], class_count: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give precision [IoU, recall point, class, area, count] and recall [IoU, class, area, count].

    Both are -1 where a class has no boxes.
    """
    truth = COCO(coco_dataset(examples, class_count))
    judged = COCOeval_faster(truth, truth.loadRes(coco_results(detections_per_image)), iouType="bbox")
    judged.params.areaRng, judged.params.areaRngLbl = list(_AREAS.values()), list(_AREAS)
    judged.params.maxDets = list(_DETECTIONS_PER_IMAGE)
    judged.evaluate()
    judged.accumulate()
    return judged.eval["precision"], judged.eval["recall"]


def coco_dataset(examples: Sequence[Example], class_count: int) -> dict[str, Any]:
    """Give the labelled boxes as COCO's dictionary: image ids from 1, category id = class index + 1."""
    annotations: list[dict[str, Any]] = []
    for image_id, example in enumerate(examples, start=1):
        for box, class_id, ignore in zip(
            example.boxes_xyxy.tolist(), example.class_ids.tolist(), example.ignore.tolist(), strict=True
        ):
            xywh = [box[0], box[1], box[2] - box[0], box[3] - box[1]]
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": image_id,
                    "category_id": class_id + 1,
                    "bbox": xywh,
                    "area": xywh[2] * xywh[3],
                    "iscrowd": int(ignore),
                }
            )
    return {
        "info": {},
        "images": [{"id": image_id} for image_id in range(1, len(examples) + 1)],
        "categories": [{"id": index, "name": str(index)} for index in range(1, class_count + 1)],
        "annotations": annotations,
    }


def coco_results(detections_per_image: Sequence[Detections]) -> list[dict[str, Any]]:
    """Give detections as COCO's list of results, for `coco_dataset` of the same images."""
    return [
        {
            "image_id": image_id,
            "category_id": class_id + 1,
            "bbox": [box[0], box[1], box[2] - box[0], box[3] - box[1]],
            "score": score,
        }
        for image_id, found in enumerate(detections_per_image, start=1)
        for box, score, class_id in zip(
            found.boxes_xyxy.tolist(), found.scores.tolist(), found.class_ids.tolist(), strict=True
        )
    ]


def _mean(values: NDArray[np.float64]) -> float | None:
    known = values[values > -1]
    return float(known.mean()) if known.size else None
