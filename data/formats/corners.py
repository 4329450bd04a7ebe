"""From numbers as files have them to a box: finite, with an area, float xyxy in pixels."""

from __future__ import annotations

import math
import re
from typing import Any

from data.errors import AnnotationRejected, InvalidName
from data.formats.annotated import NamedBox
from data.formats.json_text import shown
from data.names import tidy_name

#: Decimals kept of a pixel; what is computed from fractions would be off in the last bits otherwise.
DECIMALS = 6
_NUMBER = re.compile(
    r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?(nan|inf|infinity)", re.IGNORECASE
)
_YES = {"1", "true", "yes"}
REDRAW = "Correct the numbers, or draw the box again."


def pixels(value: float) -> float:
    """Round to a millionth of a pixel, without a negative zero."""
    return round(value, DECIMALS) + 0.0


def pixel_text(value: float) -> str:
    """Write a coordinate: whole numbers without a point, others to a millionth of a pixel."""
    rounded = pixels(value)
    return str(int(rounded)) if rounded.is_integer() else repr(rounded)


def finite(text: str) -> float | None:
    """Read a number written with a point; None if the text is none, or one that is not finite."""
    value = float(text) if _NUMBER.fullmatch(text) else math.nan
    return value if math.isfinite(value) else None


def number(value: Any, what: str, line: int | None = None) -> float:
    """Read a number that JSON or a text holds.

    Args:
        value: as the file has it.
        what: what it is, for the message.
        line: where it stands.

    Raises:
        AnnotationRejected: it is no finite number.
    """
    found: float | None = None
    if isinstance(value, str):
        found = finite(value.strip())
    elif isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        found = float(value)
    if found is None:
        raise AnnotationRejected(
            f"{what} is {shown(value)}, which is no finite number.",
            "Write a number with a point, or draw the box again.",
            line,
        )
    return found


def yes(value: Any) -> bool:
    """Tell whether a mark is set: true, 1 and their texts are, everything else is not."""
    return str(value).strip().lower() in _YES if isinstance(value, str | int | float) else False


def class_name(value: Any, line: int | None = None) -> str:
    """Read a class's name as it is stored.

    Raises:
        AnnotationRejected: there is none, or it cannot be stored.
    """
    if not isinstance(value, str):
        raise AnnotationRejected(f"A class is named {shown(value)}, which is no text.", "Name it.", line)
    try:
        return tidy_name(value, "class")
    except InvalidName as error:
        raise AnnotationRejected(
            f"The name of a class cannot be used: {error}", "Name the class.", line
        ) from error


def checked_box(
    name: str,
    corners: tuple[float, float, float, float],
    *,
    difficult: bool = False,
    crowd: bool = False,
    line: int | None = None,
) -> NamedBox:
    """Make a box of (x0, y0, x1, y1), rounded to a millionth of a pixel.

    Raises:
        AnnotationRejected: a corner is not finite, or the box has no area.
    """
    if not all(map(math.isfinite, corners)):
        raise AnnotationRejected(f"The box of {name!r} has a corner that is no finite number.", REDRAW, line)
    x0, y0, x1, y1 = map(pixels, corners)
    if not (x0 < x1 and y0 < y1):
        written = ", ".join(f"{value:g}" for value in (x0, y0, x1, y1))
        raise AnnotationRejected(f"The box of {name!r} ({written}) holds nothing.", REDRAW, line)
    return NamedBox(name, x0, y0, x1, y1, difficult=difficult, crowd=crowd, line=line)
