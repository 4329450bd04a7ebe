"""Four validation photographs with the boxes found on them as a run learns, in a file of the run's folder."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ssd_core.validation import Look

FILE = "progress-images.json"
IMAGES = 4
#: Boxes of lower scores would only cover the picture.
LOWEST_SCORE = 0.2
MOST_BOXES = 40


class ProgressImages:
    """Writes what a network sees at each validation on the same photographs.

    Args:
        folder: the run's.
        image_ids: of the validation images by name.
        classes: names in the network's order.
    """

    def __init__(self, folder: Path, image_ids: Mapping[str, int], classes: Sequence[str]) -> None:
        self._path = folder / FILE
        self._image_ids = image_ids
        self._classes = classes

    def look(self, look: Look) -> None:
        """Add a validation; one at the same step takes its place, as after a resume."""
        chosen = [index for index, example in enumerate(look.examples) if len(example.boxes_xyxy)]
        chosen = [chosen[number * len(chosen) // IMAGES] for number in range(IMAGES)] if chosen else []
        entries = read(self._path.parent)
        for index in dict.fromkeys(chosen):
            name = look.examples[index].name
            entry = next((entry for entry in entries if entry["name"] == name), None)
            if entry is None:
                height, width = look.examples[index].load().shape[:2]
                entry = {
                    "image_id": self._image_ids.get(name),
                    "name": name,
                    "width": width,
                    "height": height,
                    "steps": [],
                }
                entries.append(entry)
            seen = {"step": look.step, "detections": self._detections(look.detections[index])}
            earlier = [each for each in entry["steps"] if each["step"] < look.step]
            entry["steps"] = [*earlier, seen]
        # Only for the eye: a full disk must not end a run for it.
        with suppress(OSError):
            making = self._path.with_suffix(".making")
            making.write_text(json.dumps(entries), encoding="utf-8")
            making.replace(self._path)

    def _detections(self, found: Any) -> list[dict[str, Any]]:
        return [
            {
                "class": self._classes[int(class_id)],
                "score": round(float(score), 4),
                "box": [round(float(value), 1) for value in box],
            }
            for box, score, class_id in zip(
                found.boxes_xyxy[:MOST_BOXES], found.scores, found.class_ids, strict=False
            )
            if score >= LOWEST_SCORE
        ]


def read(folder: Path) -> list[dict[str, Any]]:
    """The photographs of a run's folder and what was found on them at each step; empty before the first."""
    try:
        found = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return found if isinstance(found, list) else []
