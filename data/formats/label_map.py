"""``labelmap.txt``: the classes of a Pascal VOC data set in their order, as CVAT and Datumaro write it.

A line is ``name:colour:parts:actions``; the first is the background of the masks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from data.errors import AnnotationRejected, InvalidName
from data.formats.text_file import read_text
from data.names import tidy_name

FILE = "labelmap.txt"
_BACKGROUND = "background"
_LIMIT = 1024 * 1024
_LINE = re.compile(r"(?P<name>[^#].*?):[0-9, ]*:[^:]*:[^:]*")


def label_map(classes: Sequence[str]) -> bytes | None:
    """Write the classes; None if a name cannot be written so that it is read back."""
    lines = [f"{name}:::" for name in classes]
    if any(_name(line) != name for line, name in zip(lines, classes, strict=True)):
        return None
    return "".join(f"{line}\n" for line in (f"{_BACKGROUND}:0,0,0::", *lines)).encode()


def read_label_map(path: Path) -> tuple[str, ...]:
    """Read the classes without the background; none where the file is missing or something else."""
    if not path.is_file():
        return ()
    try:
        lines = read_text(path, _LIMIT).split("\n")
    except AnnotationRejected:
        return ()
    names = [name for line in lines if (name := _name(line.strip())) is not None]
    return tuple(dict.fromkeys(names[1:] if names[:1] == [_BACKGROUND] else names))


def _name(line: str) -> str | None:
    match = _LINE.fullmatch(line)
    try:
        return None if match is None else tidy_name(match["name"], "class")
    except InvalidName:
        return None
