"""Giving classes of a data set other names, merging them, leaving them out; seeing which may be one."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from data.formats.annotated import Labels, Reading
from data.names import tidy_name

#: From the name in the files to the one wanted here; None leaves the class out.
ClassMap = Mapping[str, str | None]

_ALIKE = 0.85
# Comparing each with each grows fast; long lists are of other people's names anyway.
_MOST_COMPARED = 200
_BETWEEN_WORDS = re.compile(r"[\s_-]+")
_DIGITS = re.compile(r"[0-9]+")


def mapped(reading: Reading, wanted: ClassMap) -> Reading:
    """Give a reading the names that a map wants.

    An image whose boxes are all of classes left out becomes one that shows nothing to find.

    Raises:
        InvalidName: a name wanted cannot be stored.
    """
    names = {
        tidy_name(written, "class"): None if name is None else tidy_name(name, "class")
        for written, name in wanted.items()
    }
    if not names:
        return reading
    present = {*reading.classes, *_used(reading)}
    unknown = [written for written in names if written not in present]
    notes = [f"No class is named {written!r} in the data set." for written in unknown]
    return replace(
        reading,
        files=tuple(
            file if file.labels is None else replace(file, labels=_renamed(file.labels, names))
            for file in reading.files
        ),
        classes=tuple(
            dict.fromkeys(
                name for written in reading.classes if (name := names.get(written, written)) is not None
            )
        ),
        notes=(*reading.notes, *notes),
    )


def similar(name: str, others: Iterable[str]) -> tuple[str, ...]:
    """Give those of other names that differ so little that the same may be meant: case, plural, a typo."""
    rest = [other for other in others if other != name]
    equal = [other for other in rest if _plain(other) == _plain(name)]
    near: Sequence[str] = ()
    if len(rest) <= _MOST_COMPARED:
        forms = {_plain(other): other for other in rest}
        close = difflib.get_close_matches(_plain(name), forms, n=3, cutoff=_ALIKE)
        # Numbered names are meant to be alike.
        near = [forms[form] for form in close if _DIGITS.findall(form) == _DIGITS.findall(_plain(name))]
    return tuple(dict.fromkeys((*equal, *near)))


def _used(reading: Reading) -> set[str]:
    return {box.class_name for file in reading.files if file.labels for box in file.labels.boxes}


def _renamed(labels: Labels, names: Mapping[str, str | None]) -> Labels:
    boxes = tuple(
        replace(box, class_name=name)
        for box in labels.boxes
        if (name := names.get(box.class_name, box.class_name)) is not None
    )
    left_out = len(labels.boxes) - len(boxes)
    listed = None if labels.listed is None else labels.listed - left_out
    return replace(labels, boxes=boxes, listed=listed)


def _plain(name: str) -> str:
    return _BETWEEN_WORDS.sub("", unicodedata.normalize("NFKC", name).casefold())
