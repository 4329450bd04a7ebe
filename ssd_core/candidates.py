"""From the network's raw output to candidates: boxes with a score, before any suppression.

A candidate is a pair of a default box and a class other than the background whose score reaches a floor. The
browser receives candidates and applies its sliders to them, so this is the border between network and people.
NumPy only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ssd_core.boxes import clip_boxes, decode_boxes

#: Candidates below this score are never shown (the live view's sliders start here).
SCORE_FLOOR = 0.05
#: Candidates kept for one image, best first.
CANDIDATE_LIMIT = 1000
#: Score, candidates per class and boxes per image of the SSD paper (arXiv 1512.02325, section 3.1).
EVALUATION_SCORE = 0.01
EVALUATION_PER_CLASS = 400


@dataclass(frozen=True, eq=False, slots=True)
class Candidates:
    """Boxes of one image before suppression, best first.

    Args:
        boxes_xyxy: float32 [K, 4]; pixels of the image given, clipped to it.
        scores: float32 [K], descending.
        class_ids: int64 [K]; 0-based into the classes without the background.
    """

    boxes_xyxy: NDArray[np.float32]
    scores: NDArray[np.float32]
    class_ids: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.scores)

    @classmethod
    def from_rows(cls, rows: Sequence[Sequence[float]] | NDArray[np.float32]) -> Candidates:
        """Make candidates of what `rows` gave, or of float32 [K, 6] of the same columns."""
        table = np.asarray(rows, np.float32).reshape(-1, 6)
        return cls(table[:, :4], table[:, 4], table[:, 5].astype(np.int64))

    def rows(self) -> list[list[float]]:
        """Give ``[x0, y0, x1, y1, score, class_id]`` per candidate, each float exactly its float32 value."""
        numbers = zip(self.boxes_xyxy.tolist(), self.scores.tolist(), self.class_ids.tolist(), strict=True)
        return [[*box, score, class_id] for box, score, class_id in numbers]


def candidates(
    prediction: NDArray[np.float32],
    default_boxes_cxcywh: NDArray[np.float32],
    variances: tuple[float, float],
    input_size_hw: tuple[int, int],
    image_size_hw: tuple[int, int],
    *,
    score_floor: float = SCORE_FLOOR,
    limit: int | None = CANDIDATE_LIMIT,
    limit_per_class: int | None = None,
) -> Candidates:
    """Give the candidates of one image.

    Scores are the softmax over all classes in float32, and the floor is rounded to float32 before the
    comparison. The order is by score, descending; ties by the lower index of the default box, then by class.
    A side grows to at most 62.5 times its default box's.

    Args:
        prediction: float32 [D, 4 + C]; offsets first, then C logits with the background at 0.
        default_boxes_cxcywh: float32 [D, 4]; pixels of the network's input.
        variances: divisors of the centre offsets and of the log sizes.
        input_size_hw: (height, width) of the network's input.
        image_size_hw: (height, width) of the image that boxes are wanted for.
        score_floor: the lowest score of a candidate.
        limit: the most candidates of the image; None for all.
        limit_per_class: the most candidates of each class, taken before ``limit``; None for all.

    Returns:
        The candidates; a candidate whose score or box is not a number is none.
    """
    scores, box_indices, class_ids = _scored_pairs(prediction[:, 4:], score_floor)
    if limit is not None and limit_per_class is None:
        best = _at_least_kth(scores, limit)
        scores, box_indices, class_ids = scores[best], box_indices[best], class_ids[best]
    order = np.lexsort((class_ids, box_indices, -scores))
    if limit_per_class is not None:
        order = order[_rank_within(class_ids[order]) < limit_per_class]
    order = order[:limit]
    scores, box_indices, class_ids = scores[order], box_indices[order], class_ids[order]
    boxes_xyxy = _decode(
        prediction[box_indices, :4],
        default_boxes_cxcywh[box_indices],
        variances,
        input_size_hw,
        image_size_hw,
    )
    finite = np.isfinite(boxes_xyxy).all(axis=1)
    return Candidates(boxes_xyxy[finite], scores[finite], class_ids[finite])


def _scored_pairs(
    logits: NDArray[np.float32], score_floor: float
) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.int64]]:
    # Class-major, because NumPy reduces over a long contiguous axis many times faster than over a short one.
    by_class = np.ascontiguousarray(logits.T, dtype=np.float32)
    by_class = np.exp(by_class - by_class.max(axis=0))
    probabilities = by_class[1:] / by_class.sum(axis=0)
    class_ids, box_indices = np.nonzero(probabilities >= np.float32(score_floor))
    return probabilities[class_ids, box_indices], box_indices, class_ids


def _at_least_kth(scores: NDArray[np.float32], count: int) -> NDArray[np.bool_]:
    """Mark the ``count`` highest scores and whatever ties with the lowest of them."""
    if len(scores) <= count:
        return np.ones(len(scores), np.bool_)
    if count <= 0:
        return np.zeros(len(scores), np.bool_)
    return scores >= np.partition(scores, len(scores) - count)[len(scores) - count]


def _rank_within(class_ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give each element's position among the elements of its own class, 0 for the first."""
    by_class = np.argsort(class_ids, kind="stable")
    grouped = class_ids[by_class]
    starts = np.searchsorted(grouped, grouped, side="left")
    ranks = np.empty(len(class_ids), np.int64)
    ranks[by_class] = np.arange(len(class_ids)) - starts
    return ranks


def _decode(
    offsets: NDArray[np.float32],
    default_boxes_cxcywh: NDArray[np.float32],
    variances: tuple[float, float],
    input_size_hw: tuple[int, int],
    image_size_hw: tuple[int, int],
) -> NDArray[np.float32]:
    on_input = decode_boxes(offsets, default_boxes_cxcywh, variances)
    scale_wh = np.array(image_size_hw[::-1], np.float32) / np.array(input_size_hw[::-1], np.float32)
    return clip_boxes(on_input * np.concatenate([scale_wh, scale_wh]), image_size_hw)
