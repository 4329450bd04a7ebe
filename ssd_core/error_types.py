"""What kind of mistakes a detector makes, and what each kind costs.

Source: Bolya et al., "TIDE: A General Toolbox for Identifying Object Detection Errors" (arXiv 2008.08115),
section 2.2 for the types and section 2.3 for what mending them would gain.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ssd_core.box_judging import Judged, check_pairing, judge, overlap_matrix
from ssd_core.example import Example
from ssd_core.nms import Detections
from ssd_core.precision_recall import average_precision_of

FOREGROUND_IOU = 0.5
BACKGROUND_IOU = 0.1
ERROR_TYPES = ("cls", "loc", "both", "dupe", "bkg", "miss")

_RIGHT = "right"
_UNCOUNTED = "uncounted"


def error_types(
    detections_per_image: Sequence[Detections],
    examples: Sequence[Example],
    classes: Sequence[str],
    *,
    score_threshold: float = 0.0,
) -> dict[str, Any]:
    """Sort every mistake into one of TIDE's six types, and say what AP50 each type costs.

    A detection is wrong where COCO's matching at IoU .5 gives it no box. Its type follows from the labelled
    box it overlaps most, of any class (of equals, one of its own class)::

        IoU         own class              another class
        ≥ .5        dupe (already taken)   cls
        .1 … .5     loc                    both
        < .1        bkg                    bkg

    A box that no detection takes is a ``miss``, unless some detection is a ``cls`` or ``loc`` error on it.
    The paper does not say which type wins where a detection overlaps boxes of several classes. Its authors'
    program then prefers ``loc``; here the largest overlap decides, so that a detection right on one box is
    not said to be a bad fit for its neighbour. Boxes marked ``ignore`` cause no misses, and detections that
    take them are no mistakes.

    Mending a type (the paper's oracles): ``cls`` and ``loc`` errors become right detections of their box, and
    where that makes several of one box only the best score stays; ``both``, ``dupe`` and ``bkg`` errors go
    away; boxes missed are not asked for (a class whose boxes were all missed then has 1 without detections,
    else 0). Each is mended alone, so the gains do not add up to 1 − AP50. But for rounding none is negative.

    Args:
        detections_per_image: one per example, in the same order.
        examples: the labelled images; their pixels are not read.
        classes: names without the background, in the order of the class indices.
        score_threshold: detections below it are left out. Leave it at 0 for the gains of the paper; give what
            a person works with to list the mistakes that show.

    Returns:
        ``{"AP50", "counts": {type: number}, "delta_AP50": {type: gain}, "records"}`` with a record
        ``{"image", "type", "detection", "truth", "iou", "score"}`` for each mistake, ordered by image.
        ``detection`` is None for a miss, ``truth`` for background; both are indices into the image's own.
        AP50 and the gains are None where no box counts.

    Raises:
        InvalidExample: the two sequences differ in length, or a class index has no name.
    """
    check_pairing(detections_per_image, examples, classes)
    judged = judge(detections_per_image, examples, [FOREGROUND_IOU], score_threshold=score_threshold)
    ranking = _type_all(judged, detections_per_image, examples)
    missed = _missed(ranking)
    mended = {
        "cls": ranking.corrected("cls"),
        "loc": ranking.corrected("loc"),
        "both": ranking.without("both"),
        "dupe": ranking.without("dupe"),
        "bkg": ranking.without("bkg"),
        "miss": replace(ranking, asked=ranking.asked & ~missed),
    }
    base = ranking.ap50(len(classes))
    gains = {kind: mended[kind].ap50(len(classes)) - base for kind in ERROR_TYPES}
    records = _records(ranking, missed)
    found = Counter(record["type"] for record in records)
    return {
        "AP50": _number(base),
        "counts": {kind: found[kind] for kind in ERROR_TYPES},
        "delta_AP50": {kind: _number(gain) for kind, gain in gains.items()},
        "records": records,
    }


@dataclass(frozen=True, eq=False, slots=True)
class _Ranking:
    """Type, class and box of each detection, in the rows of ``judged``, and the boxes asked for."""

    judged: Judged
    kinds: NDArray[np.str_]
    class_ids: NDArray[np.int64]
    truths: NDArray[np.int64]
    overlaps: NDArray[np.float64]
    asked: NDArray[np.bool_]

    def without(self, kind: str) -> _Ranking:
        """The ranking with all errors of a type gone."""
        return replace(self, kinds=np.where(self.kinds == kind, _UNCOUNTED, self.kinds))

    def corrected(self, kind: str) -> _Ranking:
        """The ranking with all errors of a type made right, and the best one kept on each box."""
        claims = np.flatnonzero((self.kinds == kind) | (self.kinds == _RIGHT))
        claims = claims[np.argsort(-self.judged.scores[claims], kind="stable")]
        first = np.unique(self.truths[claims], return_index=True)[1]
        kinds, class_ids = self.kinds.copy(), self.class_ids.copy()
        kinds[claims] = _UNCOUNTED
        kinds[claims[first]] = _RIGHT
        class_ids[claims] = self.judged.truths.class_ids[self.truths[claims]]
        return replace(self, kinds=kinds, class_ids=class_ids)

    def ap50(self, class_count: int) -> float:
        """Average precision over the classes with boxes; not a number without any."""
        values = []
        for class_id in range(class_count):
            if not self.judged.boxes(class_id):
                continue
            rows = np.flatnonzero((self.class_ids == class_id) & (self.kinds != _UNCOUNTED))
            rows = rows[np.argsort(-self.judged.scores[rows], kind="stable")]
            boxes = int((self.asked & (self.judged.truths.class_ids == class_id)).sum())
            right = self.kinds[rows] == _RIGHT
            values.append(average_precision_of(right, boxes) if boxes else float(not len(rows)))
        return float(np.mean(values)) if values else math.nan


def _type_all(
    judged: Judged, detections_per_image: Sequence[Detections], examples: Sequence[Example]
) -> _Ranking:
    kinds = np.where(judged.right[0], _RIGHT, np.where(judged.counted[0], "bkg", _UNCOUNTED))
    truths = judged.taken[0].copy()
    overlaps = np.zeros(len(truths), np.float64)
    wrong = np.flatnonzero(kinds == "bkg")
    first_truth = np.searchsorted(judged.truths.image_ids, np.arange(len(examples)))
    starts = np.searchsorted(judged.image_ids[wrong], np.arange(len(examples) + 1))
    for image_id in np.flatnonzero(np.diff(starts)).tolist():
        example, found = examples[image_id], detections_per_image[image_id]
        if example.ignore.all():
            continue
        rows = wrong[starts[image_id] : starts[image_id + 1]]
        overlap = overlap_matrix(
            found.boxes_xyxy[judged.detection_ids[rows]], example.boxes_xyxy, example.ignore
        )
        overlap[:, example.ignore] = -1
        same = judged.class_ids[rows, None] == example.class_ids
        best = overlap.max(axis=1)
        box = ((overlap == best[:, None]) * (1 + same)).argmax(axis=1)
        own = same[np.arange(len(rows)), box]
        kinds[rows] = np.select(
            [best < BACKGROUND_IOU, best < FOREGROUND_IOU],
            ["bkg", np.where(own, "loc", "both")],
            np.where(own, "dupe", "cls"),
        )
        truths[rows] = np.where(best < BACKGROUND_IOU, -1, first_truth[image_id] + box)
        overlaps[rows] = best
    return _Ranking(judged, kinds, judged.class_ids, truths, overlaps, ~judged.truths.ignore)


def _missed(ranking: _Ranking) -> NDArray[np.bool_]:
    missed = ranking.asked.copy()
    missed[ranking.truths[np.isin(ranking.kinds, [_RIGHT, "cls", "loc"])]] = False
    return missed


def _records(ranking: _Ranking, missed: NDArray[np.bool_]) -> list[dict[str, Any]]:
    judged, records = ranking.judged, []
    for row in np.flatnonzero(~np.isin(ranking.kinds, [_RIGHT, _UNCOUNTED])).tolist():
        truth = int(ranking.truths[row])
        records.append(
            {
                "image": int(judged.image_ids[row]),
                "type": str(ranking.kinds[row]),
                "detection": int(judged.detection_ids[row]),
                "truth": int(judged.truths.box_ids[truth]) if truth >= 0 else None,
                "iou": float(ranking.overlaps[row]),
                "score": float(judged.scores[row]),
            }
        )
    records += [
        {
            "image": int(judged.truths.image_ids[truth]),
            "type": "miss",
            "detection": None,
            "truth": int(judged.truths.box_ids[truth]),
            "iou": None,
            "score": None,
        }
        for truth in np.flatnonzero(missed).tolist()
    ]
    return sorted(records, key=lambda record: record["image"])


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value
