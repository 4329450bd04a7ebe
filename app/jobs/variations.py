"""Pictures of what an augmentation makes of an image, for people to look at; made by an errand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.jobs.evaluation import write_json

if TYPE_CHECKING:
    from ssd_core.example import Example

#: Of each policy so many are made at once: a child that loads TensorFlow should be worth its seconds.
COUNT = 6
_QUALITY = 88


def make_variations(
    folder: Path, example: Example, others: Sequence[Example], class_ids: Sequence[int], side: int
) -> None:
    """Write variations of every policy into a folder: ``<policy>-<seed>.jpg``, and ``.json`` with the boxes.

    Args:
        folder: for the pictures; made if needed.
        example: the image.
        others: images that parts may come from.
        class_ids: the project's id of each of the detector's classes.
        side: of each picture in pixels.
    """
    from PIL import Image

    from ssd_core.policies import POLICIES
    from ssd_core.preview import preview

    folder.mkdir(parents=True, exist_ok=True)
    for policy in POLICIES:
        for seed in range(COUNT):
            (varied,) = preview(example, policy, 1, size_hw=(side, side), seed=seed, others=others)
            boxes: list[dict[str, Any]] = [
                {"class_id": class_ids[int(each)], "box": [round(float(value), 1) for value in box]}
                for box, each in zip(varied.boxes_xyxy, varied.class_ids, strict=True)
            ]
            write_json(folder / f"{policy}-{seed}.json", {"width": side, "height": side, "boxes": boxes})
            making = folder / f".{policy}-{seed}.jpg"
            Image.fromarray(varied.rgb).save(making, "JPEG", quality=_QUALITY)
            # The picture last: it stands for both.
            making.replace(folder / f"{policy}-{seed}.jpg")
