"""How large, of what shape and where a project's boxes are, and how they spread over images and classes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Integer, case, cast, func, select
from sqlalchemy.orm import Session

from data import projects
from data.images import PRESENT
from data.schema import BoxRow, ImageRow, LabelClassRow

#: Bounds of the bins of width ÷ height, of which the first is below 1:4 and the last from 4:1 on.
SHAPE_BOUNDS = (0.25, 0.5, 2 / 3, 1.0, 1.5, 2.0, 4.0)
#: Bounds of the bins of the part of the image that a box covers, as the side of a square of that area.
PART_BOUNDS = (0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75)
#: Areas in square pixels below which COCO calls a box small, and medium.
SMALL, MEDIUM = 32.0**2, 96.0**2
#: So many sizes of images are told, the most frequent first.
SIZES_TOLD = 10
#: Columns and rows of the grid of positions, which lies over each image as a whole.
GRID = 24
#: From so many boxes on, images are counted together.
MANY_BOXES = 10


@dataclass(frozen=True, slots=True)
class BoxStatistics:
    """Counts of boxes; bins have one number more than bounds, the n-th bin ending before the n-th bound.

    ``positions`` counts the boxes' centres in a grid of ``GRID`` columns and rows, row by row from the top.
    ``boxes_per_image`` counts the images with 0, 1, 2, … boxes, the last those with ``MANY_BOXES`` and more;
    ``class_images`` the images that have a box of a class, by its id. ``image_sizes`` holds (width, height,
    number of images) in pixels, ``sizes`` counts the different ones.
    """

    boxes: int
    small: int
    medium: int
    large: int
    shapes: tuple[int, ...]
    parts: tuple[int, ...]
    positions: tuple[int, ...]
    boxes_per_image: tuple[int, ...]
    class_images: dict[int, int]
    image_sizes: tuple[tuple[int, int, int], ...]
    sizes: int


def of(session: Session, project_id: int) -> BoxStatistics:
    """Measure a project's boxes; all that needs their corners comes from one pass over them.

    Raises:
        NotFound: there is no such project.
    """
    projects.require(session, project_id)
    areas, shapes, parts, positions = _measured(session, project_id)
    small, medium, large = areas
    sizes = session.execute(
        select(ImageRow.width, ImageRow.height, func.count())
        .where(ImageRow.project_id == project_id, PRESENT)
        .group_by(ImageRow.width, ImageRow.height)
        .order_by(func.count().desc(), ImageRow.width, ImageRow.height)
    ).all()
    return BoxStatistics(
        boxes=sum(areas),
        small=small,
        medium=medium,
        large=large,
        shapes=shapes,
        parts=parts,
        positions=positions,
        boxes_per_image=_boxes_per_image(session, project_id),
        class_images=_class_images(session, project_id),
        image_sizes=tuple((width, height, number) for width, height, number in sizes[:SIZES_TOLD]),
        sizes=len(sizes),
    )


def _measured(session: Session, project_id: int) -> list[tuple[int, ...]]:
    """Count the boxes by area, by shape, by part of the image and by position."""
    width, height = BoxRow.x1 - BoxRow.x0, BoxRow.y1 - BoxRow.y0
    area = width * height
    # Without a root, which not every SQLite can draw: the bounds are squared instead.
    whole = ImageRow.width * ImageRow.height
    column = _whole_part(session, (BoxRow.x0 + BoxRow.x1) * GRID / (2 * ImageRow.width))
    row = _whole_part(session, (BoxRow.y0 + BoxRow.y1) * GRID / (2 * ImageRow.height))
    bins: tuple[tuple[ColumnElement[int], int], ...] = (
        (_bin([area < bound for bound in (SMALL, MEDIUM)]), 3),
        (_bin([width < bound * height for bound in SHAPE_BOUNDS]), len(SHAPE_BOUNDS) + 1),
        (_bin([area < bound**2 * whole for bound in PART_BOUNDS]), len(PART_BOUNDS) + 1),
        (row * GRID + column, GRID * GRID),
    )
    # All bins of a box as one number: to group by it costs a fraction of what grouping by several does.
    code = bins[-1][0]
    for expression, number in bins[-2::-1]:
        code = code * number + expression
    counted = (
        select(code.label("code"), func.count())
        .select_from(ImageRow)
        .join(BoxRow, BoxRow.image_id == ImageRow.id)
        .where(ImageRow.project_id == project_id, PRESENT)
        .group_by("code")
    )
    found = [Counter[int]() for _ in bins]
    for each, number in session.execute(counted):
        rest = int(each)
        for counter, (_, numbers) in zip(found, bins, strict=True):
            rest, place = divmod(rest, numbers)
            counter[place] += number
    return [
        tuple(counter[n] for n in range(numbers)) for counter, (_, numbers) in zip(found, bins, strict=True)
    ]


def _boxes_per_image(session: Session, project_id: int) -> tuple[int, ...]:
    boxes = select(func.count()).where(BoxRow.image_id == ImageRow.id).scalar_subquery()
    each = select(boxes.label("boxes")).where(ImageRow.project_id == project_id, PRESENT).subquery()
    counted: Counter[int] = Counter()
    for number, images in session.execute(select(each.c.boxes, func.count()).group_by(each.c.boxes)):
        counted[min(number, MANY_BOXES)] += images
    return tuple(counted[number] for number in range(MANY_BOXES + 1))


def _class_images(session: Session, project_id: int) -> dict[int, int]:
    """Count each class's images from the index of classes alone, and take off the few in the bin."""
    images = func.count(BoxRow.image_id.distinct())
    mine = select(LabelClassRow.id).where(LabelClassRow.project_id == project_id)
    everywhere = select(BoxRow.class_id, images).where(BoxRow.class_id.in_(mine)).group_by(BoxRow.class_id)
    in_bin = (
        select(BoxRow.class_id, images)
        .join(ImageRow, ImageRow.id == BoxRow.image_id)
        .where(ImageRow.project_id == project_id, ImageRow.deleted.is_not(None))
        .group_by(BoxRow.class_id)
    )
    found: dict[int, int] = {row[0]: row[1] for row in session.execute(everywhere)}
    for class_id, number in session.execute(in_bin):
        found[class_id] -= number
    return found


def _bin(below: Sequence[ColumnElement[bool]]) -> ColumnElement[int]:
    """Give the number of the first condition that holds, and that behind the last where none does."""
    return case(*((condition, number) for number, condition in enumerate(below)), else_=len(below))


def _whole_part(session: Session, position: ColumnElement[float]) -> ColumnElement[int]:
    """Cut a position of the grid to its column or row; the outermost edge belongs to the last one."""
    # PostgreSQL rounds where it turns into whole numbers, and not every SQLite knows floor().
    postgres = session.get_bind().dialect.name == "postgresql"
    cut = cast(func.floor(position) if postgres else position, Integer)
    return case((cut < GRID, cut), else_=GRID - 1)
