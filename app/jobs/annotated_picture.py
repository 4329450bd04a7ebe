"""A picture with the boxes that were found drawn into it."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from data.palette import colour_for, luminance

QUALITY = 92
#: The comment in a JPEG by which a drawn picture is known again.
DRAWN = b"Boxes drawn by SSD Studio"
#: The height of letters, and the width of lines, as parts of the longer side.
LETTERS, LINES = 1 / 55, 1 / 400
SMALLEST_LETTERS, THINNEST_LINE = 11, 2
#: Colours lighter than this carry dark letters.
LIGHT = 0.4


def annotated_picture(
    image: Path | bytes, detections: Sequence[Mapping[str, Any]], class_names: Sequence[str]
) -> bytes:
    """Draw boxes with class and score, each class in the colour that its place in the order gives it.

    Args:
        image: a picture's file, or its bytes.
        detections: ``class``, ``score`` and ``box`` in pixels of the upright picture; the first is on top.
        class_names: the model's classes in order.

    Returns:
        A JPEG of the upright picture.

    Raises:
        InvalidExample: the picture cannot be decoded.
    """
    from ssd_core.preprocess import load_rgb

    # A copy, since pixels are drawn over.
    picture = Image.fromarray(load_rgb(image)).copy()
    draw_detections(picture, detections, class_names)
    stored = io.BytesIO()
    picture.save(stored, "JPEG", quality=QUALITY, comment=DRAWN)
    return stored.getvalue()


def is_drawn(path: Path) -> bool:
    """Whether a file is one that `annotated_picture` made, and no photograph of somebody's."""
    try:
        with Image.open(path, formats=["JPEG"]) as opened:
            return opened.info.get("comment") == DRAWN
    except (OSError, Image.DecompressionBombError):
        return False


def draw_detections(
    picture: Image.Image, detections: Sequence[Mapping[str, Any]], class_names: Sequence[str]
) -> None:
    """Draw boxes over a picture; the first is on top, and classes are as for `annotated_picture`."""
    draw = ImageDraw.Draw(picture)
    longer = max(picture.size)
    font = ImageFont.load_default(max(SMALLEST_LETTERS, round(longer * LETTERS)))
    line = max(THINNEST_LINE, round(longer * LINES))
    for found in reversed(detections):
        colour = colour_for(class_names.index(found["class"]))
        x0, y0, x1, y1 = found["box"]
        draw.rectangle((x0, y0, max(x0, x1 - 1), max(y0, y1 - 1)), outline=colour, width=line)
        _write(draw, (x0, y0), f"{found['class']} {found['score']:.2f}", colour, font)


def _write(draw: ImageDraw.ImageDraw, corner: tuple[float, float], text: str, colour: str, font: Any) -> None:
    """Write on a ground of the box's colour, above the box, or inside it where there is no room above."""
    left, top, right, bottom = draw.textbbox((0, 0), text, font=font)
    pad = max(2, (bottom - top) // 4)
    width, height = right - left + 2 * pad, bottom - top + 2 * pad
    x = max(0.0, min(corner[0], draw.im.size[0] - width))
    y = corner[1] - height if corner[1] >= height else corner[1]
    draw.rectangle((x, y, x + width, y + height), fill=colour)
    letters = "#111111" if luminance(colour) > LIGHT else "#ffffff"
    draw.text((x + pad - left, y + pad - top), text, fill=letters, font=font)
