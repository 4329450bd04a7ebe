"""What a name typed by a person or found in a file may be, and the one form in which it is kept."""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path

from data.errors import InvalidName

LONGEST_NAME = 200
LONGEST_PATH = 500
LONGEST_NOTE = 2000
_DRIVES = re.compile(r"^([A-Za-z]:)+")


def tidy_name(name: str, kind: str) -> str:
    """Give a project's or class's name as it is stored: composed Unicode without outer blanks.

    Everything else is kept as it is: names are text, whatever they contain.

    Args:
        name: what was typed or read.
        kind: what it names, for the message (``class``, ``project``).

    Raises:
        InvalidName: it is empty, too long or has control characters.
    """
    tidy = _storable(name).strip()
    if not tidy:
        raise InvalidName(f"The {kind} needs a name: type at least one letter.")
    if len(tidy) > LONGEST_NAME:
        raise InvalidName(
            f"The {kind} name {tidy[:40]!r}… has {len(tidy)} characters; at most {LONGEST_NAME} fit."
        )
    if any(unicodedata.category(letter) == "Cc" for letter in tidy):
        raise InvalidName(f"The {kind} name {tidy!r} has a control character. Remove it.")
    return tidy


def tidy_path(path: str) -> str:
    """Give an image's name as it is stored: the relative path it came from, with forward slashes.

    Joined to a folder it stays below it on every system: drive letters, a leading slash and parts that mean
    this folder or the one above are left out.

    Raises:
        InvalidName: it is empty or too long.
    """
    parts: list[str] = []
    for written in _storable(path).replace("\\", "/").split("/"):
        part = written if parts else _DRIVES.sub("", written)
        # Windows drops outer dots and blanks, so that ".. " climbs too.
        if part.strip(". "):
            parts.append(part)
    tidy = "/".join(parts)
    if not tidy:
        raise InvalidName("The image needs a name.")
    if len(tidy) > LONGEST_PATH:
        raise InvalidName(
            f"The image path {tidy[:40]!r}… has {len(tidy)} characters; at most {LONGEST_PATH} fit. "
            "Shorten it."
        )
    return tidy


def tidy_note(note: str) -> str:
    """Give a note as it is stored: composed Unicode without outer blanks, of as many lines as it has.

    Raises:
        InvalidName: it is too long.
    """
    tidy = _storable(note).strip()
    if len(tidy) > LONGEST_NOTE:
        raise InvalidName(f"The note has {len(tidy)} characters; at most {LONGEST_NOTE} fit. Shorten it.")
    return tidy


def printable(path: str | Path) -> str:
    """Give a path as terminals, files and databases hold it: a sign in place of bytes that are no UTF-8."""
    return os.fsencode(path).decode("utf-8", "replace")


def _storable(name: str) -> str:
    """Replace what no database can hold: bytes of a file name that are not UTF-8, and the NUL character."""
    decoded = name.encode("utf-8", "surrogateescape" if _from_file_system(name) else "replace")
    return unicodedata.normalize("NFC", decoded.decode("utf-8", "replace").replace("\x00", "\ufffd"))


def _from_file_system(name: str) -> bool:
    return all(not 0xD800 <= ord(letter) <= 0xDFFF or 0xDC80 <= ord(letter) <= 0xDCFF for letter in name)
