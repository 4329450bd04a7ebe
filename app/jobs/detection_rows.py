"""Detections as they are given and written: by name, as COCO annotations, and as cells of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ssd_core.candidates import Candidates
    from ssd_core.nms import Detections
    from ssd_core.runtime import Detector
    from ssd_core.thresholds import Thresholds

#: The columns of a detection in a table; where nothing was found they are empty.
BOX_HEADER = ("class", "score", "x0", "y0", "x1", "y1")


def named(shown: Detections, class_names: Sequence[str]) -> list[dict[str, Any]]:
    """Detections as every face gives them: ``class``, ``score`` and ``box`` in xyxy pixels, best first."""
    return [
        {"class": class_names[class_id], "score": score, "box": box}
        for box, score, class_id in zip(
            shown.boxes_xyxy.tolist(), shown.scores.tolist(), shown.class_ids.tolist(), strict=True
        )
    ]


def found_in(
    detector: Detector, rgb: NDArray[np.uint8], thresholds: Thresholds, tiles: int = 1
) -> list[dict[str, Any]]:
    """Look at a frame, uint8 RGB, in so many tiles a side, and give `named` detections."""
    from ssd_core.thresholds import detections
    from ssd_core.tiling import tiled_candidates

    def look(picture: NDArray[np.uint8]) -> Candidates:
        return detector.candidates(picture)[0]

    candidates = tiled_candidates(look, rgb, tiles) if tiles > 1 else look(rgb)
    return named(detections(candidates, thresholds, detector.classes), detector.classes)


def coco_categories(class_names: Sequence[str]) -> list[dict[str, Any]]:
    """The model's classes in order, counted from 1."""
    return [{"id": number, "name": name} for number, name in enumerate(class_names, start=1)]


def coco_annotation(
    annotation_id: int, image_id: int, found: Mapping[str, Any], class_names: Sequence[str]
) -> dict[str, Any]:
    """A detection with its score; a list of these alone is a COCO results file.

    Args:
        annotation_id: a number of its own.
        image_id: the number of its image.
        found: ``class``, ``score`` and ``box`` as float xyxy pixels.
        class_names: the model's classes in order.
    """
    x0, y0, x1, y1 = found["box"]
    return {
        "id": annotation_id,
        "image_id": image_id,
        "category_id": class_names.index(found["class"]) + 1,
        "bbox": [x0, y0, x1 - x0, y1 - y0],
        "area": (x1 - x0) * (y1 - y0),
        "iscrowd": 0,
        "score": found["score"],
    }


def box_cells(found: Mapping[str, Any]) -> tuple[str, ...]:
    """The cells under `BOX_HEADER`, with all the digits that a float32 has."""
    numbers = (found["score"], *found["box"])
    return (found["class"], *(format(value, ".9g") for value in numbers))
