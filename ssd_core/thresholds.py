"""What of the candidates is shown: one definition for the library, the server, the command line and the page.

``tests/golden/threshold_vectors.json`` holds cases that this module and the page must both answer alike.
NumPy only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, cast

import numpy as np

from ssd_core.candidates import Candidates
from ssd_core.errors import InvalidConfig
from ssd_core.nms import IOU_THRESHOLD, MAX_BOXES, SCORE_THRESHOLD, Detections, non_max_suppression


@dataclass(frozen=True, slots=True)
class Thresholds:
    """A person's choice of what to see.

    Args:
        score: scores from here on count, for classes without one of their own.
        iou: a box that overlaps a better rival by more than this goes.
        max_boxes: the most boxes of an image.
        class_agnostic: boxes of all classes are rivals, not only those of one class.
        classes: names of the classes shown; None for all.
        class_scores: by class name, the score from which that class counts.

    Raises:
        InvalidConfig: a score or ``iou`` is not from 0 to 1, or ``max_boxes`` not at least 1.
    """

    score: float = SCORE_THRESHOLD
    iou: float = IOU_THRESHOLD
    max_boxes: int = MAX_BOXES
    class_agnostic: bool = False
    classes: tuple[str, ...] | None = None
    class_scores: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        # Of any kind: they come from people's programs as they are.
        most, by_class = cast("tuple[Any, Any]", (self.max_boxes, self.class_scores))
        if not isinstance(by_class, Mapping):
            raise InvalidConfig(f"class_scores is {by_class!r}: give a score by each class's name.")
        of_classes = {f"the score of {name!r}": score for name, score in by_class.items()}
        for name, value in {"score": self.score, "iou": self.iou, **of_classes}.items():
            if not (isinstance(value, (int, float, np.number)) and 0 <= value <= 1):
                raise InvalidConfig(f"{name} is {value!r}: give a number from 0 to 1.")
        if not (isinstance(most, (int, np.integer)) and most >= 1):
            raise InvalidConfig(f"max_boxes is {most!r}: give a whole number from 1 on.")


def detections(candidates: Candidates, thresholds: Thresholds, class_names: Sequence[str]) -> Detections:
    """Give what is shown of an image's candidates, best first.

    Candidates of classes that are not shown go first, so that they suppress nobody; then those below the
    score of their class, which is rounded to float32; then suppression as `ssd_core.nms.kept_indices` says.

    Args:
        candidates: everything found, before suppression.
        thresholds: what to show.
        class_names: the model's classes in order, without the background.

    Raises:
        InvalidConfig: the thresholds name a class that the model does not know.
    """
    check_classes(thresholds, class_names)
    shown = thresholds.classes
    least = np.array(
        [
            thresholds.class_scores.get(name, thresholds.score) if shown is None or name in shown else np.inf
            for name in class_names
        ],
        np.float32,
    )
    counted = candidates.scores >= least[candidates.class_ids]
    left = Candidates(
        candidates.boxes_xyxy[counted], candidates.scores[counted], candidates.class_ids[counted]
    )
    return non_max_suppression(
        left, 0, thresholds.iou, thresholds.max_boxes, class_agnostic=thresholds.class_agnostic
    )


def check_classes(thresholds: Thresholds, class_names: Sequence[str]) -> None:
    """Check that a model knows the classes that thresholds name.

    Raises:
        InvalidConfig: it does not know one; the message names it and those that there are.
    """
    for name in (*(thresholds.classes or ()), *thresholds.class_scores):
        if name not in class_names:
            raise InvalidConfig(
                f"The model knows no class {name!r}: it has {', '.join(map(repr, class_names))}."
            )
