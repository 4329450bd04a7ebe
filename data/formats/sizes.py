"""The size of an image: as an annotation states it, or as the file's header tells without decoding it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image

from data.errors import ImageRejected
from data.formats.corners import finite
from data.heic import is_heic, open_heic
from data.intake import DAMAGE, FORMATS, MAX_BYTES, MAX_PIXELS

_ORIENTATION_TAG = 0x0112
_SIDEWAYS = {5, 6, 7, 8}
_LARGEST = 1_000_000
_HEAD = 12

Size = tuple[int, int]


def stated_size(width: Any, height: Any) -> Size | None:
    """Give (width, height) in pixels as an annotation states them; many tools write 0 for unknown."""
    sides = (_side(width), _side(height))
    return (sides[0], sides[1]) if sides[0] and sides[1] else None


def upright_size(path: Path) -> Size | None:
    """Give (width, height) of the picture with its EXIF orientation applied; None if it cannot be read."""
    try:
        with path.open("rb") as stream:
            if is_heic(stream.read(_HEAD)):
                return _heic_size(path)
        with Image.open(path, formats=FORMATS) as picture:
            width, height = picture.size
            sideways = picture.getexif().get(_ORIENTATION_TAG) in _SIDEWAYS
    except (*DAMAGE, Image.DecompressionBombError, Image.DecompressionBombWarning, UserWarning):
        return None
    return (height, width) if sideways else (width, height)


def _heic_size(path: Path) -> Size | None:
    """Give the size of a HEIC picture, which only its reader can tell."""
    with path.open("rb") as stream:
        data = stream.read(MAX_BYTES)
    try:
        picture = open_heic(data, MAX_PIXELS)
    except ImageRejected:
        return None
    return None if picture is None else picture.size


def _side(value: Any) -> int:
    if isinstance(value, str):
        value = finite(value.strip())
    if not isinstance(value, int | float) or isinstance(value, bool):
        return 0
    # Neither NaN nor a number too large for a float lies between.
    return int(value) if 1 <= value <= _LARGEST else 0
