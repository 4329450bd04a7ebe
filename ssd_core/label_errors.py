"""Which labels of an image a model doubts: boxes that seem to be missing, and boxes that it does not see.

Everything found is ordered by one number across kinds, the badness: how likely a person who looks will change
the label. It grows with how sure the model is, and shrinks where the model is known to be weak. NumPy only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ssd_core.box_judging import judge, overlap_matrix
from ssd_core.candidates import Candidates
from ssd_core.example import Example
from ssd_core.nms import IOU_THRESHOLD, MAX_BOXES, kept_indices, non_max_suppression
from ssd_core.score_thresholds import ENOUGH_BOXES, best_score_thresholds

LabelErrorKind = Literal["missing_box", "unseen_box", "other_class", "poor_fit"]
#: From this overlap on, a detection is about a box.
SEEN_IOU = 0.5
#: Below this overlap a detection is about no box at all; in between it fits a box badly.
NEAR_IOU = 0.1
#: How sure a model must be of what it sees at least, for it to be missed.
LEAST_SURE = 0.15
#: Doubts below this badness are not worth anybody's time.
LEAST_BADNESS = 0.08
#: Objects whose side is shorter than this on the network's input are often missed though they are there.
PLAIN_SIDE = 30.0
#: Part of the labels that are wrong, before anything is known about them.
_USUAL_ERRORS = 0.05
#: Overlap from which candidates of one class say the same of any box.
_SAME_IOU = 0.75


@dataclass(frozen=True, eq=False, slots=True)
class Reliability:
    """How far a model is to be believed, by class.

    Args:
        thresholds: float64 [C]; the scores from which a detection is rather right than wrong.
        recalls: float64 [C] in 0..1; the part of the drawn boxes that it finds with them.
        confusions: float64 [C] in 0..1; of the boxes where it sees this class, the part drawn as another.
        recall: in 0..1; the part of all boxes that it finds, whatever their class; None where none is drawn.
    """

    thresholds: NDArray[np.float64]
    recalls: NDArray[np.float64]
    confusions: NDArray[np.float64]
    recall: float | None = None

    def sureness(self, seen: Candidates) -> NDArray[np.float64]:
        """Scores brought to one scale for all classes: 0 at 0, .5 at the class's threshold, 1 at 1."""
        scores, limits = seen.scores.astype(np.float64), self.thresholds[seen.class_ids]
        above = 0.5 + 0.5 * (scores - limits) / (1 - limits)
        return np.where(scores < limits, 0.5 * scores / limits, above)

    def belief_in_silence(self) -> NDArray[np.float64]:
        """How likely a box is wrong that the model does not see: float64 [C], small at a low recall."""
        return _belief(1 - self.recalls)

    def belief_in_class(self) -> NDArray[np.float64]:
        """How likely a box is wrong on which the model sees this class instead: float64 [C]."""
        return _belief(self.confusions)


def _belief(mistakes: NDArray[np.float64]) -> NDArray[np.float64]:
    """How likely the label is wrong where it and a model disagree that is mistaken so often."""
    return _USUAL_ERRORS / (_USUAL_ERRORS + (1 - _USUAL_ERRORS) * mistakes)


@dataclass(frozen=True, slots=True)
class LabelError:
    """One doubt about an image's labels.

    Args:
        kind: ``missing_box``: the model sees something where nothing is drawn. ``unseen_box``: nothing there
            looks to it like what is drawn. ``other_class``: it sees another class there. ``poor_fit``: it
            sees the thing, in a box that overlaps the drawn one by less than `SEEN_IOU`.
        class_id: the drawn class for ``unseen_box``, else the model's; 0-based, without the background.
        box_xyxy: the drawn box for ``unseen_box``, else the model's; pixels of the image.
        truth: index of the drawn box it is about; None for ``missing_box``.
        score: the model's score of what it sees; for ``unseen_box`` the best of the drawn class there, None
            if there is no candidate at all.
        badness: 0..1; how much it is worth a look.
    """

    kind: LabelErrorKind
    class_id: int
    box_xyxy: tuple[float, float, float, float]
    truth: int | None
    score: float | None
    badness: float


def condensed(candidates: Candidates) -> Candidates:
    """Leave out candidates that say the same as a better one of their class: all that a look needs kept."""
    kept = kept_indices(candidates, 0, _SAME_IOU, MAX_BOXES)
    return Candidates(candidates.boxes_xyxy[kept], candidates.scores[kept], candidates.class_ids[kept])


def reliability(
    seen_per_image: Sequence[Candidates], examples: Sequence[Example], classes: Sequence[str]
) -> Reliability:
    """Measure how far a model is to be believed, on the very labels that are in doubt: most are right.

    A class with few boxes is drawn towards all classes together.

    Args:
        seen_per_image: from `condensed`, one per example, in the same order.
        examples: the labelled images; their pixels are not read.
        classes: names without the background, in the order of the class indices.

    Raises:
        InvalidExample: the two sequences differ in length, or a class index has no name.
    """
    found = [non_max_suppression(seen, 0, IOU_THRESHOLD) for seen in seen_per_image]
    suggested = best_score_thresholds(found, examples, classes)["per_class"]
    thresholds = np.array([suggested[name]["threshold"] for name in classes], np.float64)
    judged = judge(found, examples, [SEEN_IOU], across_classes=True, max_per_class=None)
    on_box = np.flatnonzero(judged.right[0] & (judged.scores >= thresholds[judged.class_ids]))
    seen_as, drawn_as = judged.class_ids[on_box], judged.truths.class_ids[judged.taken[0, on_box]]
    same = seen_as == drawn_as
    boxes = np.array([judged.boxes(class_id) for class_id in range(len(classes))])

    def count(class_ids: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.bincount(class_ids, minlength=len(classes))

    recalls = _part(count(seen_as[same]), boxes)
    confusions = _part(count(seen_as[~same]), count(seen_as))
    recall = float(same.sum() / boxes.sum()) if boxes.any() else None
    return Reliability(thresholds, recalls, confusions, recall)


def _part(counted: NDArray[np.int64], of: NDArray[np.int64]) -> NDArray[np.float64]:
    """The part of each class; one of which there are few is drawn towards that of all together."""
    overall = counted.sum() / max(of.sum(), 1)
    return (counted + ENOUGH_BOXES * overall) / (of + ENOUGH_BOXES)


def label_errors(
    seen: Candidates,
    example: Example,
    reliability: Reliability,
    image_size_hw: tuple[int, int],
    input_size_hw: tuple[int, int],
) -> list[LabelError]:
    """Compare an image's labels with what a model sees, and tell what it doubts.

    Boxes marked ``ignore`` are never doubted, and what lies within them is no missing box. An unseen box
    counts less the smaller it is on the network's input, and the more of such boxes the model misses anyway;
    another class less the more often the model confuses it; a missing box less where it lies within a drawn
    box of its class.

    Args:
        seen: from `condensed`.
        example: the image with its labels; its pixels are not read.
        reliability: of the model.
        image_size_hw: (height, width) of the image in pixels.
        input_size_hw: (height, width) of the network's input.

    Returns:
        The doubts of at least `LEAST_BADNESS`, worst first.
    """
    look = _Look(seen, example, reliability)
    scale_wh = np.array(input_size_hw[::-1], np.float64) / np.array(image_size_hw[::-1], np.float64)
    doubts: list[LabelError] = []
    explained: set[int] = set()
    for truth in np.flatnonzero(~example.ignore).tolist():
        doubt, row = look.about(truth, scale_wh)
        if doubt is not None:
            doubts.append(doubt)
        if row is not None:
            explained.add(row)
    doubts += look.missing(explained)
    told = [doubt for doubt in doubts if doubt.badness >= LEAST_BADNESS]
    return sorted(told, key=lambda doubt: -doubt.badness)


class _Look:
    """What a model sees on one image, laid over its labels."""

    def __init__(self, seen: Candidates, example: Example, reliability: Reliability) -> None:
        self._seen = seen
        self._example = example
        self._sure = reliability.sureness(seen)
        self._in_silence = reliability.belief_in_silence()
        self._in_class = reliability.belief_in_class()
        self._overlaps = overlap_matrix(seen.boxes_xyxy, example.boxes_xyxy, example.ignore)
        self._same = seen.class_ids[:, None] == example.class_ids
        # What is seen of a drawn box of its class says nothing of another thing that overlaps that.
        self._on_own = np.where(self._same, self._overlaps, 0).max(axis=1, initial=0) >= SEEN_IOU

    def about(self, truth: int, scale_wh: NDArray[np.float64]) -> tuple[LabelError | None, int | None]:
        """The doubt about a drawn box, if any, and the row that it is said by."""
        overlaps, same = self._overlaps[:, truth], self._same[:, truth]
        on_it = overlaps >= SEEN_IOU
        own = self._best(on_it & same)
        seen_at = 0.0 if own is None else float(self._sure[own])
        other = self._best(on_it & ~same & ~self._on_own)
        if other is not None and self._sure[other] >= max(0.5, seen_at):
            badness = float(self._sure[other] * self._in_class[self._seen.class_ids[other]]) * (1 - seen_at)
            return self._doubt("other_class", other, truth, badness), other
        if seen_at >= 0.5:
            return None, own
        beside = self._best((overlaps >= NEAR_IOU) & ~on_it & same & self._nearest_to(truth))
        if beside is not None and self._sure[beside] >= 0.5:
            return self._doubt("poor_fit", beside, truth, float(self._sure[beside]) * (1 - seen_at)), beside
        class_id = int(self._example.class_ids[truth])
        box = self._example.boxes_xyxy[truth]
        side = float(np.sqrt(np.prod((box[2:] - box[:2]) * scale_wh)))
        plain = min(1.0, side / PLAIN_SIDE) ** 2
        badness = (1 - 2 * seen_at) * float(self._in_silence[class_id]) * plain
        score = None if own is None else float(self._seen.scores[own])
        return LabelError("unseen_box", class_id, _corners(box), truth, score, badness), own

    def missing(self, explained: set[int]) -> list[LabelError]:
        """The doubts about places without a box, but for rows that say something of a box already."""
        doubts = []
        for row in kept_indices(self._seen, 0, IOU_THRESHOLD, class_agnostic=True).tolist():
            overlap = float(self._overlaps[row].max(initial=0))
            if row in explained or self._sure[row] < LEAST_SURE:
                continue
            # Nothing is left of it where it is about a drawn box.
            apart = 1 - (overlap / SEEN_IOU) ** 2
            badness = float(self._sure[row]) * apart * (1 - 0.5 * self._part_of_its_class(row))
            doubts.append(self._doubt("missing_box", row, None, badness))
        return doubts

    def _best(self, rows: NDArray[np.bool_]) -> int | None:
        return int(np.where(rows, self._sure, -1).argmax()) if rows.any() else None

    def _nearest_to(self, truth: int) -> NDArray[np.bool_]:
        """Where no other box of the row's class is overlapped more than this one."""
        own = np.where(self._same, self._overlaps, 0)
        return own.argmax(axis=1) == truth

    def _part_of_its_class(self, row: int) -> float:
        """The largest part of a row's box that lies within one drawn box of its class."""
        mine = self._same[row] & ~self._example.ignore
        if not mine.any():
            return 0.0
        boxes = self._example.boxes_xyxy[mine]
        return float(overlap_matrix(self._seen.boxes_xyxy[[row]], boxes, np.ones(len(boxes), np.bool_)).max())

    def _doubt(self, kind: LabelErrorKind, row: int, truth: int | None, badness: float) -> LabelError:
        box, score = _corners(self._seen.boxes_xyxy[row]), float(self._seen.scores[row])
        return LabelError(kind, int(self._seen.class_ids[row]), box, truth, score, badness)


def _corners(box_xyxy: NDArray[np.float32]) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = box_xyxy.tolist()
    return x0, y0, x1, y1
