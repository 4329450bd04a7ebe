"""Bounding boxes of what is no upright rectangle: polygons, rotated boxes, ellipses, masks.

Corners are (x0, y0, x1, y1) in whatever unit the points have; angles are degrees, clockwise on the screen.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from data.errors import AnnotationRejected

Corners = tuple[float, float, float, float]
Point = tuple[float, float]

#: Longest side of a mask, in pixels.
_LONGEST_SIDE = 100_000
_LONGEST_RUN_DIGITS = 8


def of_points(points: Sequence[Point]) -> Corners:
    """Give the bounding box of points, of which there is at least one."""
    across, down = [x for x, _ in points], [y for _, y in points]
    return min(across), min(down), max(across), max(down)


def is_upright(points: Sequence[Point]) -> bool:
    """Tell whether points are the corners of an upright rectangle: two opposite ones, or all four."""
    if len(points) == 2:
        return True
    x0, y0, x1, y1 = of_points(points)
    ring = [points[0], *points[1:]] if points[0] != points[-1] else points[:-1]
    return len(ring) == 4 and set(ring) == {(x0, y0), (x1, y0), (x1, y1), (x0, y1)}


def of_rotated(corners: Corners, degrees: float, about: Point | None = None) -> Corners:
    """Give the bounding box of a box turned about a point, its centre if none is given."""
    x0, y0, x1, y1 = corners
    centre_x, centre_y = about or ((x0 + x1) / 2, (y0 + y1) / 2)
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return of_points(
        [
            (
                centre_x + (x - centre_x) * cosine - (y - centre_y) * sine,
                centre_y + (x - centre_x) * sine + (y - centre_y) * cosine,
            )
            for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
        ]
    )


def of_ellipse(centre: Point, radii: Point, degrees: float = 0.0) -> Corners:
    """Give the bounding box of an ellipse turned about its centre."""
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    half_width = math.hypot(radii[0] * cosine, radii[1] * sine)
    half_height = math.hypot(radii[0] * sine, radii[1] * cosine)
    x, y = centre
    return x - half_width, y - half_height, x + half_width, y + half_height


def of_run_lengths(counts: Iterable[int], height: int, width: int) -> Corners:
    """Give the bounding box of a mask as COCO encodes it: runs of 0 and 1 by turns, down the columns.

    Raises:
        AnnotationRejected: the runs do not fit the mask's size, or none of them is set.
    """
    if not (0 < height <= _LONGEST_SIDE and 0 < width <= _LONGEST_SIDE):
        raise AnnotationRejected("A mask has a senseless size.", "Export it again, or draw a box.")
    boxes: list[Corners] = []
    position = 0
    for number, length in enumerate(counts):
        if length < 0 or position + length > height * width:
            raise AnnotationRejected("A mask's runs do not fit its size.", "Export it again, or draw a box.")
        start, position = position, position + length
        if number % 2 == 0 or length == 0:
            continue
        first, last = start // height, (position - 1) // height
        top, bottom = (start % height, (position - 1) % height + 1) if first == last else (0, height)
        boxes.append((first, top, last + 1, bottom))
    if not boxes:
        raise AnnotationRejected("A mask is empty.", "Delete it, or draw a box.")
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )


def run_lengths(text: str) -> list[int]:
    """Unpack COCO's compressed run lengths.

    They are signed numbers, five bits a character, from the fourth on as the difference to the last but one.

    Raises:
        AnnotationRejected: the text is none of these.
    """
    counts: list[int] = []
    value, digits = 0, 0
    for letter in text:
        code = ord(letter) - 48
        if not 0 <= code < 64 or digits >= _LONGEST_RUN_DIGITS:
            raise AnnotationRejected("A mask's runs are damaged.", "Export it again, or draw a box.")
        value |= (code & 0x1F) << (5 * digits)
        digits += 1
        if code & 0x20:
            continue
        if code & 0x10:
            value -= 1 << (5 * digits)
        counts.append(value + counts[-2] if len(counts) > 2 else value)
        value, digits = 0, 0
    return counts
