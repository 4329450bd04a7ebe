"""The one bridge from the dataset's records to the detector's examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from data.blobs import Blobs
from data.records import SnapshotImage

if TYPE_CHECKING:
    from ssd_core.example import Example


def example_of(
    image: SnapshotImage, names: Mapping[int, str], classes: Sequence[str], blobs: Blobs
) -> Example:
    """Turn a frozen image into what the detector trains on and is measured by.

    Args:
        image: the image with its boxes in float xyxy pixels.
        names: class name by class id of the project.
        classes: the network's classes in order; a box of another class is left out.
        blobs: where the image's file lies.
    """
    from ssd_core.example import Example

    index = {name: position for position, name in enumerate(classes)}
    boxes = [box for box in image.boxes if names.get(box.class_id) in index]
    return Example(
        name=image.name,
        image=blobs.path(image.sha256),
        boxes_xyxy=np.array([box.xyxy for box in boxes], np.float32).reshape(-1, 4),
        class_ids=np.array([index[names[box.class_id]] for box in boxes], np.int64),
        ignore=np.array([box.difficult or box.crowd for box in boxes], bool),
        negative_boxes_xyxy=np.array(image.rejected_xyxy, np.float32).reshape(-1, 4),
    )
