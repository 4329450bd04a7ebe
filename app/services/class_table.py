"""Class table: a project's classes and a model's, brought together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from data.findings import Doubt
from data.labelled_images import Labelled
from data.records import Box

if TYPE_CHECKING:
    from ssd_core.example import Example
    from ssd_core.label_errors import LabelError


class ClassTable:
    """Makes examples of labelled images, and doubts of what is wrong with them.

    Args:
        class_names: the model's classes, in the order of their indices.
        class_ids: the ids of the project's, by name.
    """

    def __init__(self, class_names: Sequence[str], class_ids: Mapping[str, int]) -> None:
        self._ids = [class_ids.get(name) for name in class_names]
        self._index = {class_id: index for index, class_id in enumerate(self._ids) if class_id is not None}

    def example(self, image: Labelled) -> Example:
        """The image for the comparison, its boxes in their order.

        A box of a class that the model does not know is there to be left out: what lies in it is no error.
        """
        import numpy as np

        from ssd_core.example import Example

        boxes = image.boxes
        return Example(
            image.name,
            b"",
            np.array([box.xyxy for box in boxes], np.float32).reshape(-1, 4),
            np.array([self._index.get(box.class_id, 0) for box in boxes], np.int64),
            np.array([box.difficult or box.crowd or box.class_id not in self._index for box in boxes], bool),
        )

    def doubt(self, error: LabelError, image: Labelled) -> Doubt | None:
        """A doubt in the project's terms; None for one that it has no class for, or that cannot be drawn."""
        class_id = self._ids[error.class_id]
        box_id = None if error.truth is None else image.boxes[error.truth].id
        if class_id is None or Box("", class_id, *error.box_xyxy).fault(image.width, image.height):
            return None
        return Doubt(error.kind, class_id, error.box_xyxy, error.badness, error.score, box_id)
