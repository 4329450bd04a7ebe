"""The thresholds of a request for detections, as query parameters that mean the same on every route."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import Depends, HTTPException, Query

from ssd_core.nms import IOU_THRESHOLD, MAX_BOXES, SCORE_THRESHOLD
from ssd_core.thresholds import Thresholds


def thresholds_of(
    score: Annotated[float, Query(ge=0, le=1, description="Least score of a box.")] = SCORE_THRESHOLD,
    iou: Annotated[
        float, Query(ge=0, le=1, description="Overlap above which the weaker box goes.")
    ] = IOU_THRESHOLD,
    max_boxes: Annotated[int, Query(ge=1, le=1000, description="Most boxes of the picture.")] = MAX_BOXES,
    class_agnostic: Annotated[
        bool, Query(description="Boxes of different classes suppress each other too.")
    ] = False,
    classes: Annotated[
        list[str] | None, Query(description="Classes shown, by name; repeat it. Left out: all.")
    ] = None,
    class_score: Annotated[
        list[str] | None,
        Query(
            description="A class's own least score, as `name:0.4`; repeat it.",
            openapi_examples={"none": {"value": []}, "stricter cups": {"value": ["cup:0.7"]}},
        ),
    ] = None,
) -> Thresholds:
    """Read the thresholds of a request; raises 422 for a class's score that cannot be read."""
    shown = None if classes is None else tuple(classes)
    return Thresholds(score, iou, max_boxes, class_agnostic, shown, class_scores_of(class_score or ()))


def class_scores_of(written: Sequence[str]) -> dict[str, float]:
    """Read scores of single classes, each written as ``name:score``; raises 422."""
    scores = {}
    for text in written:
        name, _, number = text.rpartition(":")
        try:
            value = float(number)
        except ValueError:
            value = -1.0
        if not name or not 0 <= value <= 1:
            raise HTTPException(
                422, f"class_score: {text!r} is not a class's name and a score, as in cup:0.4."
            )
        scores[name] = value
    return scores


#: A route's parameter that reads them.
AskedThresholds = Annotated[Thresholds, Depends(thresholds_of)]
