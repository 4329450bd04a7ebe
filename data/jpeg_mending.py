"""JPEG files that lost their last bytes: how much of the picture is there, and bytes every decoder reads."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

from PIL import Image, ImageChops

#: A JPEG cut short is kept when at least this share of its rows is there.
ENOUGH_ROWS = 0.9

_END = b"\xff\xd9"
# Behind the start of a scan come its numbers; 00 and D0–D7 stand inside scans, FF fills.
_MARKER = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")
_FRAMES = {0xC0, 0xC1, 0xC2}
_PROGRESSIVE = 0xC2
_START_OF_SCAN = 0xDA
_WITHOUT_LENGTH = {0x01, 0xD8, 0xD9}
_COEFFICIENTS = 64
# The decoder paints what it has no bytes for in the middle of each channel's range, CMYK inverted.
_NOTHING = {"L": (128,), "RGB": (128, 128, 128), "CMYK": (127, 127, 127, 127)}
_BLOCK = 16


@dataclass(frozen=True, slots=True)
class Mended:
    """A JPEG with its end put back: bytes that decode, and how many of its rows the file held.

    ``rows`` equals the picture's height when nothing can be seen to lack.
    """

    data: bytes
    rows: int
    height: int

    @property
    def enough(self) -> bool:
        """Whether only the tail is missing, so that the picture is worth keeping."""
        return self.rows >= ENOUGH_ROWS * self.height


def with_end(data: bytes) -> bytes:
    """Put back the end marker of a JPEG whose rows are all there; bytes that have one stay as they are.

    A decoder that has all rows may or may not look for the end, so it is no help here.
    """
    return data if data.find(_END, data.rfind(b"\xff\xda")) >= 0 else data + _END


def mend(data: bytes) -> Mended | None:
    """Put back the end of a JPEG that was cut short and measure what was lost.

    The bytes received stay; only the end marker is added. Of a progressive JPEG, whose scans each cover the
    whole picture, all scans must have begun: then it has every row, the lower ones a little coarser.

    Args:
        data: the bytes of a JPEG that a strict decoder takes for truncated.

    Returns:
        The mended file, or None where too little is left to tell.

    Raises:
        OSError, SyntaxError, ValueError: as Pillow does, for a file that is damaged in other ways too.
    """
    frame, components, scans = _structure(data)
    whole = data + _END
    if frame == _PROGRESSIVE and not _all_begun(components, scans):
        return None
    if frame != _PROGRESSIVE and len(scans) != 1:
        return None
    with Image.open(io.BytesIO(whole), formats=("JPEG", "MPO")) as picture:
        picture.load()
        height = picture.height
        return Mended(whole, height if frame == _PROGRESSIVE else _rows(picture), height)


def _rows(picture: Image.Image) -> int:
    """Count the rows that are there from edge to edge: down to the last whose right end shows anything."""
    right = picture.crop((max(0, picture.width - _BLOCK), 0, picture.width, picture.height))
    nothing = Image.new(picture.mode, right.size, _NOTHING[picture.mode])
    shows = [channel.getbbox() for channel in ImageChops.difference(right, nothing).split()]
    rows = max((area[3] for area in shows if area), default=0)
    # The decoder smooths colours over the seam, so a row of the missing part may be tinged.
    return rows if rows == picture.height else rows - rows % 8


def _structure(data: bytes) -> tuple[int, bytes, list[bytes]]:
    """Give the kind of frame, its components' numbers, and the parameters of each scan that has begun."""
    frame, components, scans, at = 0, b"", [], 0
    while (marker := _MARKER.search(data, at)) is not None:
        kind, at = marker[1][0], marker.end()
        if kind in _WITHOUT_LENGTH:
            continue
        end = at + int.from_bytes(data[at : at + 2])
        if kind in _FRAMES:
            frame, components = kind, data[at + 8 : end : 3]
        if kind == _START_OF_SCAN and end < len(data):
            scans.append(data[at + 2 : end])
        at = max(at, end)
    return frame, components, scans


def _all_begun(components: bytes, scans: list[bytes]) -> bool:
    """Tell whether scans down to the last bit of every coefficient of every component have begun.

    ITU-T T.81, B.2.3: a scan names its components, the coefficients from Ss to Se, and in Al the bit that it
    comes down to.
    """
    lowest: dict[tuple[int, int], int] = {}
    for scan in scans:
        count = scan[0]
        if len(scan) != 4 + 2 * count:
            return False
        first, last, bits = scan[-3:]
        for component in scan[1 : 1 + 2 * count : 2]:
            for coefficient in range(first, min(last + 1, _COEFFICIENTS)):
                lowest[component, coefficient] = bits & 15
    return bool(components) and all(
        lowest.get((component, coefficient)) == 0
        for component in components
        for coefficient in range(_COEFFICIENTS)
    )
