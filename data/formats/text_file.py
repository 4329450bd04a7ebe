"""Reading annotation files from disk: whole, within a limit, as text of a known encoding."""

from __future__ import annotations

import codecs
from pathlib import Path

from data.errors import AnnotationRejected

#: Largest annotation file read, in bytes; COCO's own largest has 470 MB.
MAX_BYTES = 512 * 1024 * 1024

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_bytes(path: Path, limit: int = MAX_BYTES) -> bytes:
    """Read a file that has at most ``limit`` bytes.

    Raises:
        AnnotationRejected: it is larger, or cannot be read.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
    except OSError as error:
        raise AnnotationRejected(
            f"The file cannot be read: {error.strerror}.", "Check its rights."
        ) from error
    if len(data) > limit:
        raise AnnotationRejected(f"The file has more than {limit:,} bytes.", "Split it.")
    return data


def decode(data: bytes) -> str:
    """Turn bytes into text: UTF-8, or what a byte order mark says.

    Raises:
        AnnotationRejected: the bytes are no such text.
    """
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise AnnotationRejected(
            f"The file is not {encoding.removesuffix('-sig').upper()} text.", "Save it as UTF-8.", line
        ) from error


def read_text(path: Path, limit: int = MAX_BYTES) -> str:
    """Read a text file of at most ``limit`` bytes.

    Raises:
        AnnotationRejected: it is too large, cannot be read, or is no text.
    """
    return decode(read_bytes(path, limit))
