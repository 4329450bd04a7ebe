"""What is to be done with a video, and the files that come of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ssd_core.thresholds import Thresholds

VIDEO, TABLE, COCO, DETECTIONS = "video.mp4", "detections.csv", "coco.json", "detections.json"


class Enough(Exception):
    """Nobody wants further frames: what was found until now is the result."""


@dataclass(frozen=True, slots=True)
class VideoWork:
    """What is to be done with a video.

    Args:
        source: its file.
        name: what the person calls it.
        folder: where the results go; it exists.
        model: the id or name of the model, for the results.
        thresholds: what counts.
        every: only each frame of so many is looked at, and is in the annotated video.
        tiles: each frame is looked at in so many tiles a side; 1 for as a whole.
        draws: whether the annotated video is wanted.
    """

    source: Path
    name: str
    folder: Path
    model: str
    thresholds: Thresholds
    every: int = 1
    tiles: int = 1
    draws: bool = True


def thresholds_shape(thresholds: Thresholds) -> dict[str, Any]:
    """Thresholds as JSON has them."""
    return {**asdict(replace(thresholds, class_scores={})), "class_scores": dict(thresholds.class_scores)}


def thresholds_of(shape: Mapping[str, Any]) -> Thresholds:
    """The thresholds that `thresholds_shape` made this of."""
    from ssd_core.thresholds import Thresholds

    classes = shape["classes"]
    return Thresholds(**{**shape, "classes": None if classes is None else tuple(classes)})
