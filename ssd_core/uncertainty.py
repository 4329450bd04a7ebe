"""How unsure a model is of an image: what its boxes say about what a label would teach it.

A detector trained on few images fails in two ways that its own answer tells of. It is torn: boxes have scores
near the threshold. Or it is blind: no box reaches it where most images of the project hold something. Both
count here, as chances that at least one of the answers is wrong. NumPy only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ssd_core.candidates import Candidates
from ssd_core.nms import IOU_THRESHOLD, SCORE_THRESHOLD, non_max_suppression

#: Boxes below this score say nothing: a young model gives some of them on any image.
LEAST_SCORE = 0.1
#: From an even score this far up and down, a box counts as one that the model is unsure of.
UNSURE_MARGIN = 0.2
#: Boxes of an image that count, the best first: a hundred doubtful ones teach hardly more than a few.
MOST_BOXES = 5
#: Part of its doubt that a single box adds to its image's.
_WEIGHT_OF_A_BOX = 0.5
_LARGEST_LOGIT = 20.0


@dataclass(frozen=True, slots=True)
class Doubt:
    """How unsure a model is of one image.

    Args:
        uncertainty: 0 (sure of everything) to 1 (a guess).
        unsure_scores: of the boxes near the threshold, best first, as the model gave them.
        best_score: of the best box; None if none reaches `LEAST_SCORE`.
    """

    uncertainty: float
    unsure_scores: tuple[float, ...]
    best_score: float | None


def doubt(candidates: Candidates, threshold: float = SCORE_THRESHOLD, expected: float = 1.0) -> Doubt:
    """Tell how unsure a model is of an image.

    Args:
        candidates: what it found, before suppression.
        threshold: the score at which the model is right as often as wrong, such as the one that it suggests;
            scores are shifted so that this one becomes even.
        expected: part of the project's labelled images that hold an object, by which finding nothing weighs.
    """
    found = non_max_suppression(candidates, LEAST_SCORE, IOU_THRESHOLD, MOST_BOXES)
    scores = [float(score) for score in found.scores]
    even = [_shifted(score, threshold) for score in scores]
    # As a person counts them: each thing once, whatever it may be, and all of them.
    things = non_max_suppression(candidates, LEAST_SCORE, IOU_THRESHOLD, class_agnostic=True)
    missed = expected * (1 - max(even, default=0.0))
    sure = (1 - missed) * math.prod(1 - _WEIGHT_OF_A_BOX * _entropy(chance) for chance in even)
    unsure = tuple(
        score for score in map(float, things.scores) if abs(_shifted(score, threshold) - 0.5) <= UNSURE_MARGIN
    )
    return Doubt(min(1.0, max(0.0, 1 - sure)), unsure, scores[0] if scores else None)


def _shifted(score: float, threshold: float) -> float:
    """Move a score along the logistic curve so that the threshold comes to lie at one half."""
    logit = _logit(score) - _logit(threshold)
    return 1 / (1 + math.exp(-min(_LARGEST_LOGIT, max(-_LARGEST_LOGIT, logit))))


def _logit(chance: float) -> float:
    least = 1e-6
    inside = float(np.clip(chance, least, 1 - least))
    return math.log(inside / (1 - inside))


def _entropy(chance: float) -> float:
    """Bits of doubt about a yes or no, 1 at one half."""
    if chance <= 0 or chance >= 1:
        return 0.0
    return -(chance * math.log2(chance) + (1 - chance) * math.log2(1 - chance))
