"""The JSON files of a data set that hold one format; others are passed over with a note."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from data.errors import AnnotationRejected
from data.formats.gathering import Gathering
from data.formats.json_text import read_json
from data.formats.written_names import NAMES_FILE


def json_documents(
    paths: Iterable[Path], found: Gathering, fits: Callable[[Any], bool], holds: str
) -> Iterator[tuple[Path, str, Any]]:
    """Read the files one after the other; what cannot be read is refused by name.

    Args:
        paths: the JSON files.
        found: hears of what is refused or passed over.
        fits: whether a document is of the format.
        holds: what such a document holds, for the note.

    Yields:
        path, its name in messages, and the document, of those that fit.
    """
    for path in paths:
        name = found.name_of(path)
        if name == NAMES_FILE:
            continue
        try:
            document = read_json(path)
        except AnnotationRejected as error:
            found.refuse(name, error)
            continue
        if fits(document):
            yield path, name, document
        else:
            found.notes.append(f"{name} has no {holds}, and was passed over.")
