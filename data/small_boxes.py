"""Which objects are too small for a detector that sees every image at one size."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from data.images import PRESENT
from data.schema import BoxRow, ImageRow, LabelClassRow, known_id


@dataclass(frozen=True, slots=True)
class ClassSizes:
    """Of one class on the images to learn from: on how many it is, its boxes, and how many are too small."""

    class_id: int
    name: str
    images: int
    boxes: int
    small: int
    small_at_larger: int


def of(
    session: Session, project_id: int, input_size: int, larger_input: int, smallest_side: float
) -> tuple[ClassSizes, ...]:
    """Count per class the boxes with less area than a square, once images are scaled to the network's input.

    Args:
        session: a reading session.
        project_id: the project.
        input_size: side of the input in pixels, to which each image is warped.
        larger_input: another one, for comparison.
        smallest_side: side of the square, in pixels of the input.
    """
    part = (BoxRow.x1 - BoxRow.x0) * (BoxRow.y1 - BoxRow.y0) / (ImageRow.width * ImageRow.height)
    small, at_larger = (
        func.sum(case((part < (smallest_side / side) ** 2, 1), else_=0))
        for side in (input_size, larger_input)
    )
    rows = session.execute(
        select(
            LabelClassRow.id,
            LabelClassRow.name,
            func.count(BoxRow.image_id.distinct()),
            func.count(),
            small,
            at_larger,
        )
        .select_from(BoxRow)
        .join(ImageRow, ImageRow.id == BoxRow.image_id)
        .join(LabelClassRow, LabelClassRow.id == BoxRow.class_id)
        .where(
            ImageRow.project_id == known_id(project_id, "project"),
            ImageRow.status == "labelled",
            ImageRow.split.is_distinct_from("test"),
            PRESENT,
            LabelClassRow.archived.is_(False),
        )
        .group_by(LabelClassRow.id, LabelClassRow.name, LabelClassRow.position)
        .order_by(LabelClassRow.position, LabelClassRow.id)
    )
    return tuple(
        ClassSizes(class_id, name, images, boxes, int(below or 0), int(below_larger or 0))
        for class_id, name, images, boxes, below, below_larger in rows
    )
