"""The times of an MP4 file's frames: OpenCV writes them evenly, a telephone films them as they come.

Boxes as ISO/IEC 14496-12 describes them. The frames themselves are not touched: only the table at the end of
the file that says how long each is shown.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import BinaryIO

from data.errors import DataError

#: Units in a second: whole numbers of them make the frames of 24, 25, 29.97, 30, 50 and 60 a second.
UNITS = 30_000
_LONGEST = 2**32 - 1
_HOLDERS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl"})
#: Where the duration stands in the body of a box of version 0; before it, in two of them, the units.
_DURATIONS = {b"mvhd": 16, b"mdhd": 16, b"tkhd": 20}


class VideoNotWritten(DataError):
    """The annotated video did not become what was put into it."""


def set_times(path: Path, seconds: Sequence[float], end: float) -> None:
    """Have each frame of a video shown at its own time.

    Args:
        path: an MP4 file of one track, as OpenCV writes it: its table is the last box.
        seconds: of each frame, rising; the first is shown from the beginning on.
        end: when the last one is not shown any more.

    Raises:
        VideoNotWritten: the file has another number of frames, or no table.
    """
    starts = [0, *(round(each * UNITS) for each in seconds[1:])]
    stops = [*starts[1:], round(end * UNITS)]
    # A damaged file may leap by years.
    shown = [min(max(1, stop - start), _LONGEST) for start, stop in zip(starts, stops, strict=True)]
    with path.open("r+b") as file:
        place = _place_of_table(file, path)
        file.seek(place)
        body = file.read()[8:]
        if _number_of_frames(body) != len(shown):
            raise _not_written(path)
        file.seek(place)
        file.write(_box(b"moov", _rewritten(body, shown)))
        file.truncate()


def _place_of_table(file: BinaryIO, path: Path) -> int:
    place = 0
    while len(head := file.read(16)) >= 8:
        size, kind = struct.unpack_from(">I4s", head)
        if kind == b"moov":
            return place
        if size == 1 and len(head) == 16:  # The true size, of a box of more than 4 GB, follows.
            (size,) = struct.unpack_from(">Q", head, 8)
        if size < 8:
            break
        place += size
        file.seek(place)
    raise _not_written(path)


def _not_written(path: Path) -> VideoNotWritten:
    return VideoNotWritten(
        f"The annotated video {path.name} was not written whole. See whether the disk is full, and try again."
    )


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 0
    while place + 8 <= len(content):
        size, kind = struct.unpack_from(">I4s", content, place)
        yield kind, content[place + 8 : place + size]
        place += max(8, size)


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body) + 8, kind) + body


def _number_of_frames(content: bytes) -> int:
    for kind, body in _boxes(content):
        if kind == b"stsz":
            return int(struct.unpack_from(">I", body, 8)[0])
        if kind in _HOLDERS and (inside := _number_of_frames(body)):
            return inside
    return 0


def _rewritten(content: bytes, shown: Sequence[int]) -> bytes:
    total = min(sum(shown), _LONGEST)
    parts = []
    for kind, body in _boxes(content):
        if kind == b"edts":
            continue  # It cuts the beginning or end off by the old times.
        if kind in _HOLDERS:
            body = _rewritten(body, shown)
        elif kind == b"stts":
            runs = [(len(list(group)), units) for units, group in groupby(shown)]
            body = struct.pack(">II", 0, len(runs)) + b"".join(struct.pack(">II", *run) for run in runs)
        elif kind in _DURATIONS:
            body = _with_duration(body, _DURATIONS[kind], total, has_units=kind != b"tkhd")
        parts.append(_box(kind, body))
    return b"".join(parts)


def _with_duration(body: bytes, place: int, total: int, *, has_units: bool) -> bytes:
    start = place - 4 if has_units else place
    new = struct.pack(">II", UNITS, total) if has_units else struct.pack(">I", total)
    return body[:start] + new + body[start + len(new) :]
