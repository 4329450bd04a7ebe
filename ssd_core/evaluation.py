"""How good detections are: COCO's average precision and recall, and the score threshold to start from.

The numbers come from ``faster-coco-eval``; the tests hold them against ``pycocotools``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from faster_coco_eval import COCO, COCOeval_faster
from numpy.typing import NDArray

from ssd_core.boxes import area_xyxy, iou_matrix_xyxy
from ssd_core.errors import InvalidExample
from ssd_core.example import Example
from ssd_core.nms import Detections

#: Detections of one class in one image that COCO counts, best first.
_MAX_DETECTIONS = 100
_EVERY_AREA = [0.0, 1e10]
_DEFAULT_SCORE_THRESHOLD = 0.5


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
        ``{"AP", "AP50", "AP75", "AR100", "per_class": {name: {"AP", "AP50"}}, "images", "boxes"}``: AP over
        IoU .50:.05:.95, AR with 100 detections per image and class, the number of images and of boxes that
        count. A value is None where no box counts, and 0.0 where boxes count but none was found.

    Raises:
        InvalidExample: the two sequences differ in length, or a class index has no name.
    """
    _check(detections_per_image, examples, classes)
    boxes = sum(int((~example.ignore).sum()) for example in examples)
    if boxes == 0:
        precision: NDArray[np.float64] = np.full((10, 101, len(classes)), -1.0)
        recall: NDArray[np.float64] = np.full((10, len(classes)), -1.0)
    else:
        precision, recall = _coco_curves(detections_per_image, examples, len(classes))
    per_class = {
        name: {"AP": _mean(precision[:, :, index]), "AP50": _mean(precision[0, :, index])}
        for index, name in enumerate(classes)
    }
    return {
        "AP": _mean(precision),
        "AP50": _mean(precision[0]),
        "AP75": _mean(precision[5]),
        "AR100": _mean(recall),
        "per_class": per_class,
        "images": len(examples),
        "boxes": boxes,
    }


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
    _check(detections_per_image, examples, None)
    boxes = sum(int((~example.ignore).sum()) for example in examples)
    judged = [_judge(found, example) for found, example in zip(detections_per_image, examples, strict=True)]
    if boxes == 0 or not judged:
        return _DEFAULT_SCORE_THRESHOLD
    scores, right = (np.concatenate(parts) for parts in zip(*judged, strict=True))
    order = np.argsort(-scores, kind="stable")
    scores, right = scores[order], right[order]
    if not right.any():
        return _DEFAULT_SCORE_THRESHOLD
    f1 = 2 * np.cumsum(right) / (np.arange(1, len(right) + 1) + boxes)
    # A threshold cannot separate equal scores, so only the last detection of each score is a possible cut.
    f1[:-1][scores[:-1] == scores[1:]] = -1
    best = int(f1.argmax())
    below = float(scores[best + 1]) if best + 1 < len(scores) else 0.0
    return round(min(max((float(scores[best]) + below) / 2, 0.05), 0.95), 2)


def _check(
    detections_per_image: Sequence[Detections], examples: Sequence[Example], classes: Sequence[str] | None
) -> None:
    if len(detections_per_image) != len(examples):
        raise InvalidExample(
            f"There are detections of {len(detections_per_image)} images for {len(examples)} labelled ones; "
            f"give one per image, in the same order."
        )
    for found, example in zip(detections_per_image, examples, strict=True):
        for index in np.concatenate([found.class_ids, example.class_ids]).tolist():
            if classes is not None and not 0 <= index < len(classes):
                raise InvalidExample(
                    f"Image {example.name!r} has class index {index}, but there are {len(classes)} classes."
                )


def _coco_curves(
    detections_per_image: Sequence[Detections], examples: Sequence[Example], class_count: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give precision [IoU, recall, class] and recall [IoU, class]; -1 where a class has no boxes."""
    truth = COCO(coco_dataset(examples, class_count))
    judged = COCOeval_faster(truth, truth.loadRes(coco_results(detections_per_image)), iouType="bbox")
    judged.params.areaRng, judged.params.areaRngLbl = [_EVERY_AREA], ["all"]
    judged.params.maxDets = [_MAX_DETECTIONS]
    judged.evaluate()
    judged.accumulate()
    return judged.eval["precision"][:, :, :, 0, 0], judged.eval["recall"][:, :, 0, 0]


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


def _judge(found: Detections, example: Example) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Give score and rightness of each detection that counts, best first, matched greedily at IoU ≥ .5."""
    free = ~example.ignore
    scores, right = [], []
    overlaps = iou_matrix_xyxy(found.boxes_xyxy, example.boxes_xyxy)
    within = _share_within(found.boxes_xyxy, example.boxes_xyxy)
    for index in np.argsort(-found.scores, kind="stable"):
        same_class = example.class_ids == found.class_ids[index]
        reachable = np.where(same_class & free, overlaps[index], 0)
        if reachable.size and reachable.max() >= 0.5:
            free[reachable.argmax()] = False
            right.append(True)
        elif (same_class & example.ignore & (within[index] >= 0.5)).any():
            continue
        else:
            right.append(False)
        scores.append(found.scores[index])
    return np.array(scores, np.float32), np.array(right, np.bool_)


def _share_within(boxes_xyxy: NDArray[np.float32], regions_xyxy: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give the part of each box [N] that lies in each region [M], 0..1."""
    first, second = boxes_xyxy[:, None], regions_xyxy[None]
    corners = np.concatenate(
        [np.maximum(first[..., :2], second[..., :2]), np.minimum(first[..., 2:], second[..., 2:])], axis=-1
    )
    areas = area_xyxy(first)
    return np.where(areas > 0, area_xyxy(corners) / np.where(areas > 0, areas, 1), 0).astype(np.float32)
