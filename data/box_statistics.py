"""How large and of what shape a project's boxes and images are, in numbers for a plot."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from data import projects
from data.images import PRESENT
from data.schema import BoxRow, ImageRow

#: Bounds of the bins of width ÷ height, of which the first is below 1:4 and the last from 4:1 on.
SHAPE_BOUNDS = (0.25, 0.5, 2 / 3, 1.0, 1.5, 2.0, 4.0)
#: Bounds of the bins of the part of the image that a box covers, as the side of a square of that area.
PART_BOUNDS = (0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75)
#: Areas in square pixels below which COCO calls a box small, and medium.
SMALL, MEDIUM = 32.0**2, 96.0**2
#: So many sizes of images are told, the most frequent first.
SIZES_TOLD = 10


@dataclass(frozen=True, slots=True)
class BoxStatistics:
    """Counts of boxes; bins have one number more than bounds, the n-th bin ending before the n-th bound.

    ``image_sizes`` holds (width, height, number of images) in pixels, ``sizes`` counts the different ones.
    """

    boxes: int
    small: int
    medium: int
    large: int
    shapes: tuple[int, ...]
    parts: tuple[int, ...]
    image_sizes: tuple[tuple[int, int, int], ...]
    sizes: int


def of(session: Session, project_id: int) -> BoxStatistics:
    """Measure a project's boxes in one pass.

    Raises:
        NotFound: there is no such project.
    """
    projects.require(session, project_id)
    mine = (ImageRow.project_id == project_id, PRESENT)
    width, height = BoxRow.x1 - BoxRow.x0, BoxRow.y1 - BoxRow.y0
    area = width * height
    # Without a root, which not every SQLite can draw: the bounds are squared instead.
    part = area / (ImageRow.width * ImageRow.height)
    conditions = [
        *(area < bound for bound in (SMALL, MEDIUM)),
        *(width < bound * height for bound in SHAPE_BOUNDS),
        *(part < bound**2 for bound in PART_BOUNDS),
    ]
    counted = select(func.count(), *map(_number_of, conditions))
    row = session.execute(
        counted.select_from(ImageRow).join(BoxRow, BoxRow.image_id == ImageRow.id).where(*mine)
    ).one()
    boxes, *below = (int(number or 0) for number in row)
    shapes = below[2 : 2 + len(SHAPE_BOUNDS)]
    sizes = session.execute(
        select(ImageRow.width, ImageRow.height, func.count())
        .where(*mine)
        .group_by(ImageRow.width, ImageRow.height)
        .order_by(func.count().desc(), ImageRow.width, ImageRow.height)
    ).all()
    small, medium, large = _bins(below[:2], boxes)
    return BoxStatistics(
        boxes=boxes,
        small=small,
        medium=medium,
        large=large,
        shapes=_bins(shapes, boxes),
        parts=_bins(below[2 + len(SHAPE_BOUNDS) :], boxes),
        image_sizes=tuple((width, height, number) for width, height, number in sizes[:SIZES_TOLD]),
        sizes=len(sizes),
    )


def _number_of(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _bins(below: list[int], total: int) -> tuple[int, ...]:
    """Turn counts of what lies below each bound into counts of what lies between them."""
    return tuple(upper - lower for lower, upper in zip([0, *below], [*below, total], strict=True))
