"""A text file with the name of a class in each line, in the classes' order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from data.errors import AnnotationRejected
from data.formats.corners import class_name
from data.formats.text_file import read_text

_LIMIT = 1024 * 1024


def read_class_list(path: Path) -> tuple[str, ...]:
    """Read the classes; none where the file is missing or is no such list."""
    if not path.is_file():
        return ()
    try:
        lines = read_text(path, _LIMIT).split("\n")
        return tuple(dict.fromkeys(class_name(line) for line in lines if line.strip()))
    except AnnotationRejected:
        return ()


def write_class_list(classes: Sequence[str]) -> bytes:
    """Write the classes."""
    return "".join(f"{name}\n" for name in classes).encode()
