"""Fitting an annotation's boxes to the upright image they belong to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from data.formats.annotated import Labels, NamedBox
from data.records import Problem

#: How far, in pixels, a box may reach over the image's edge and still be taken for a rounding fault.
TOLERANCE = 2.0

Point = tuple[float, float]
# Where a point of the picture as stored (width w, height h) lies in the upright one, for the EXIF
# orientations that swap width and height; the others cannot be told from the size alone.
_TURNS: dict[int, Callable[[float, float, int, int], Point]] = {
    5: lambda x, y, w, h: (y, x),
    6: lambda x, y, w, h: (h - y, x),
    7: lambda x, y, w, h: (h - y, w - x),
    8: lambda x, y, w, h: (y, w - x),
}


@dataclass(frozen=True, slots=True)
class Fitted:
    """Boxes that lie within their image, what was left out, and what was changed to get there."""

    boxes: tuple[NamedBox, ...]
    problems: tuple[Problem, ...] = ()
    clipped: int = 0
    turned: bool = False
    other_size: str = ""


def fit(labels: Labels, width: int, height: int, orientation: int) -> Fitted:
    """Turn, clip and check an annotation's boxes for the image they belong to.

    Where the annotation states the size the file had before its EXIF orientation was applied, its boxes were
    drawn on the unturned picture and are turned with it.

    Args:
        labels: the annotation.
        width: of the upright image, in pixels.
        height: of the upright image, in pixels.
        orientation: EXIF orientation 1–8 of the file as received.
    """
    boxes = labels.boxes
    turned = orientation in _TURNS and width != height and labels.size == (height, width)
    if turned:
        boxes = tuple(_turn(box, orientation, height, width) for box in boxes)
    kept: list[NamedBox] = []
    problems: list[Problem] = []
    clipped = 0
    for box in boxes:
        inside = _clip(box, width, height)
        if inside is None:
            problems.append(_outside(labels, box, width, height))
            continue
        clipped += inside != box
        kept.append(inside)
    other = ""
    if labels.size not in (None, (width, height)) and not turned and labels.size is not None:
        other = f"{labels.size[0]}×{labels.size[1]} instead of {width}×{height}"
    return Fitted(tuple(kept), tuple(problems), clipped, turned, other)


def _turn(box: NamedBox, orientation: int, width: int, height: int) -> NamedBox:
    turn = _TURNS[orientation]
    first, second = turn(box.x0, box.y0, width, height), turn(box.x1, box.y1, width, height)
    (x0, x1), (y0, y1) = sorted((first[0], second[0])), sorted((first[1], second[1]))
    return replace(box, x0=x0, y0=y0, x1=x1, y1=y1)


def _clip(box: NamedBox, width: int, height: int) -> NamedBox | None:
    over = max(-box.x0, -box.y0, box.x1 - width, box.y1 - height)
    if over <= 0:
        return box
    x0, y0, x1, y1 = max(box.x0, 0.0), max(box.y0, 0.0), min(box.x1, float(width)), min(box.y1, float(height))
    if over > TOLERANCE or x0 >= x1 or y0 >= y1:
        return None
    return replace(box, x0=x0, y0=y0, x1=x1, y1=y1)


def _outside(labels: Labels, box: NamedBox, width: int, height: int) -> Problem:
    corners = ", ".join(f"{value:g}" for value in (box.x0, box.y0, box.x1, box.y1))
    stated = labels.size
    if stated is not None and stated != (width, height):
        remedy = f"The file speaks of a {stated[0]}×{stated[1]} image: check that it belongs to this one."
    else:
        remedy = "Correct its corners, or draw it again."
    return Problem(
        file=labels.file,
        problem=f"The box of {box.class_name!r} ({corners}) reaches outside the {width}×{height} image.",
        remedy=remedy,
        line=box.line,
    )
