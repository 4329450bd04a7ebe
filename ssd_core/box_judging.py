"""Which labelled box each detection takes: COCO's greedy matching, for all images and IoU thresholds at once.

Precision and recall, score thresholds, the confusion matrix, resampling and error types all start from here.
VOC matches otherwise and does so itself (`ssd_core.voc_metric`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ssd_core.errors import InvalidExample
from ssd_core.example import Example
from ssd_core.nms import Detections

#: COCO's IoU .50:.05:.95, to the bit.
COCO_IOU_THRESHOLDS = tuple(np.linspace(0.5, 0.95, 10).tolist())
#: Detections of one class in one image that COCO counts, best first.
COCO_MAX_DETECTIONS = 100


@dataclass(frozen=True, eq=False, slots=True)
class Truths:
    """The labelled boxes of all images, one row each, in the order given.

    Args:
        image_ids: int64 [M]; index of the image.
        box_ids: int64 [M]; index of the box within its image.
        class_ids: int64 [M]; 0-based, without the background.
        ignore: bool [M]; True for boxes that count neither way.
    """

    image_ids: NDArray[np.int64]
    box_ids: NDArray[np.int64]
    class_ids: NDArray[np.int64]
    ignore: NDArray[np.bool_]


@dataclass(frozen=True, eq=False, slots=True)
class Judged:
    """Every detection and the labelled box it takes, at T IoU thresholds.

    Rows are ordered by image, then by score, best first, equal scores as given.

    Args:
        image_ids: int64 [N]; index of the image.
        detection_ids: int64 [N]; index of the detection within its image.
        class_ids: int64 [N]; 0-based, without the background.
        scores: float32 [N].
        taken: int64 [T, N]; row of ``truths``, -1 where none is taken.
        counted: bool [T, N]; False where an ignored box is taken, so that it is neither right nor wrong.
        truths: the labelled boxes.
        image_count: number of images, those without boxes and detections included.
    """

    image_ids: NDArray[np.int64]
    detection_ids: NDArray[np.int64]
    class_ids: NDArray[np.int64]
    scores: NDArray[np.float32]
    taken: NDArray[np.int64]
    counted: NDArray[np.bool_]
    truths: Truths
    image_count: int

    @property
    def right(self) -> NDArray[np.bool_]:
        """Where a detection takes a box that counts: bool [T, N]."""
        return (self.taken >= 0) & self.counted

    def best_first(self, class_id: int | None = None) -> NDArray[np.int64]:
        """Rows of one class (None: of all), by score over all images; equal scores stay in order of rows."""
        rows = np.arange(len(self.scores)) if class_id is None else np.flatnonzero(self.class_ids == class_id)
        return rows[np.argsort(-self.scores[rows], kind="stable")]

    def boxes(self, class_id: int | None = None) -> int:
        """The number of boxes that count, of one class (None: of all)."""
        counts = ~self.truths.ignore
        return int((counts if class_id is None else counts & (self.truths.class_ids == class_id)).sum())


def judge(
    detections_per_image: Sequence[Detections],
    examples: Sequence[Example],
    iou_thresholds: Sequence[float] = COCO_IOU_THRESHOLDS,
    *,
    across_classes: bool = False,
    score_threshold: float = 0.0,
    max_per_class: int | None = COCO_MAX_DETECTIONS,
) -> Judged:
    """Match detections with labelled boxes as COCO does (``COCOeval.evaluateImg`` of pycocotools).

    In each image the detections choose in order of score: each takes the free box of its class with the
    largest IoU that reaches the threshold, the later one of equals. Only one that finds none looks at ignored
    boxes, whose overlap is the detection's own part within; those may be taken again and again.

    Args:
        detections_per_image: one per example, in the same order.
        examples: the labelled images; their pixels are not read.
        iou_thresholds: T of them, each in 0..1 and above 0.
        across_classes: let a detection take boxes of any class; of boxes that overlap it equally, one of its
            own class.
        score_threshold: detections below it are left out.
        max_per_class: detections of one class in one image that take part, best first; None for all.

    Returns:
        The detections that take part.

    Raises:
        InvalidExample: the two sequences differ in length.
    """
    check_pairing(detections_per_image, examples)
    limits = np.minimum(np.asarray(iou_thresholds, np.float64), 1 - 1e-10)
    truths = _truths(examples)
    image_ids, rows, class_ids, scores = [], [], [], []
    taken = [np.zeros((len(limits), 0), np.int64)]
    first_truth = 0
    for image_id, (found, example) in enumerate(zip(detections_per_image, examples, strict=True)):
        kept = _taking_part(found, score_threshold, max_per_class)
        image_ids.append(np.full(len(kept), image_id))
        rows.append(kept)
        class_ids.append(found.class_ids[kept])
        scores.append(found.scores[kept])
        overlaps = overlap_matrix(found.boxes_xyxy[kept], example.boxes_xyxy, example.ignore)
        same_class = found.class_ids[kept, None] == example.class_ids
        if not across_classes:
            overlaps[~same_class] = 0
        boxes = _choose(overlaps, same_class, example.ignore, limits)
        taken.append(np.where(boxes >= 0, boxes + first_truth, -1))
        first_truth += len(example.class_ids)
    taken_rows = np.concatenate(taken, axis=1)
    return Judged(
        image_ids=_joined(image_ids, np.int64),
        detection_ids=_joined(rows, np.int64),
        class_ids=_joined(class_ids, np.int64),
        scores=_joined(scores, np.float32),
        taken=taken_rows,
        counted=~np.append(truths.ignore, False)[taken_rows],
        truths=truths,
        image_count=len(examples),
    )


def overlap_matrix(
    boxes_xyxy: NDArray[np.float32], truths_xyxy: NDArray[np.float32], regions: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """IoU of boxes with labelled ones, in float64 as pycocotools computes it.

    Args:
        boxes_xyxy: float [K, 4], pixels.
        truths_xyxy: float [M, 4], pixels.
        regions: bool [M]; for these the part of the box that lies within is given instead of the IoU.

    Returns:
        float64 [K, M] in 0..1.
    """
    first = np.asarray(boxes_xyxy, np.float64).reshape(-1, 1, 4)
    second = np.asarray(truths_xyxy, np.float64).reshape(1, -1, 4)
    sides = np.minimum(first[..., 2:], second[..., 2:]) - np.maximum(first[..., :2], second[..., :2])
    shared = np.where((sides > 0).all(axis=-1), sides[..., 0] * sides[..., 1], 0)
    own, other = (np.prod(boxes[..., 2:] - boxes[..., :2], axis=-1) for boxes in (first, second))
    whole = np.where(regions, own, own + other - shared)
    return np.divide(shared, whole, out=np.zeros_like(shared), where=shared > 0)


def check_pairing(
    detections_per_image: Sequence[Detections],
    examples: Sequence[Example],
    classes: Sequence[str] | None = None,
) -> None:
    """Check that there are detections for each example, and a name for each class index.

    Args:
        detections_per_image: one per example, in the same order.
        examples: the labelled images.
        classes: names without the background; None to check no index.

    Raises:
        InvalidExample: the two sequences differ in length, or a class index has no name.
    """
    if len(detections_per_image) != len(examples):
        raise InvalidExample(
            f"There are detections of {len(detections_per_image)} images for {len(examples)} labelled ones; "
            f"give one per image, in the same order."
        )
    if classes is None:
        return
    for found, example in zip(detections_per_image, examples, strict=True):
        for index in np.concatenate([found.class_ids, example.class_ids]).tolist():
            if not 0 <= index < len(classes):
                raise InvalidExample(
                    f"Image {example.name!r} has class index {index}, but there are {len(classes)} classes."
                )


def _choose(
    overlaps: NDArray[np.float64],
    same_class: NDArray[np.bool_],
    ignore: NDArray[np.bool_],
    limits: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Give the box that each detection of one image takes at each threshold: int64 [T, K], -1 for none."""
    taken = np.full((len(limits), len(overlaps)), -1, np.int64)
    free = np.ones((len(limits), len(ignore)), np.bool_)
    near = overlaps >= limits.min()
    for detection in np.flatnonzero(near.any(axis=1)).tolist():
        boxes = np.flatnonzero(near[detection])
        order = np.lexsort((same_class[detection, boxes], overlaps[detection, boxes], ~ignore[boxes]))
        # Backwards: the best choice first, and of equals the later box.
        boxes = boxes[order[::-1]]
        possible = free[:, boxes] & (overlaps[detection, boxes] >= limits[:, None])
        levels = np.flatnonzero(possible.any(axis=1))
        chosen = boxes[possible[levels].argmax(axis=1)]
        taken[levels, detection] = chosen
        free[levels, chosen] = ignore[chosen]
    return taken


def _taking_part(found: Detections, score_threshold: float, max_per_class: int | None) -> NDArray[np.int64]:
    """Give the indices of the detections that count, best first."""
    order = np.argsort(-found.scores, kind="stable")
    order = order[found.scores[order] >= np.float32(score_threshold)]
    if max_per_class is None or len(order) <= max_per_class:
        return order
    class_ids = found.class_ids[order]
    by_class = np.argsort(class_ids, kind="stable")
    grouped = class_ids[by_class]
    rank = np.empty(len(order), np.int64)
    rank[by_class] = np.arange(len(order)) - np.searchsorted(grouped, grouped)
    return order[rank < max_per_class]


def _truths(examples: Sequence[Example]) -> Truths:
    counts = [len(example.class_ids) for example in examples]
    return Truths(
        image_ids=np.repeat(np.arange(len(examples)), counts),
        box_ids=_joined([np.arange(count) for count in counts], np.int64),
        class_ids=_joined([example.class_ids for example in examples], np.int64),
        ignore=_joined([example.ignore for example in examples], np.bool_),
    )


def _joined(parts: Sequence[ArrayLike], dtype: type[np.generic]) -> NDArray:
    return np.concatenate([np.zeros(0, dtype), *parts]).astype(dtype)
