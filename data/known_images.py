"""Which photographs of a data set a project has already, be it under another path: they come in once.

Tools keep photographs in folders, and those that were sent one by one came without. As its path is part of
what an image is, such a one would be there twice, labelled and not.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from data import projects
from data.backup_manifest import sum_of
from data.blobs import Blobs
from data.database import Database
from data.errors import InvalidName, NotFound
from data.formats.annotated import AnnotatedFile
from data.images import PRESENT
from data.names import tidy_path
from data.schema import ImageRow, known_id

#: An image's name, and the hashes of the bytes received and of those stored.
Here = tuple[str, str, str]


def read(session: Session, project_id: int) -> list[Here]:
    """Read what tells a project's images from others, without those in the bin."""
    query = select(ImageRow.name, ImageRow.received_sha256, ImageRow.sha256)
    mine = query.where(ImageRow.project_id == known_id(project_id, "project"), PRESENT)
    return [(name, received, stored) for name, received, stored in session.execute(mine)]


def files(database: Database, blobs: Blobs, project_name: str) -> dict[str, Path]:
    """Give the files of a project's images by name; none of those that share a name or lack their file."""
    with database.read() as session:
        try:
            here = read(session, projects.by_name(session, project_name).id)
        except NotFound:
            return {}
    number = Counter(name for name, *_ in here)
    found = {}
    for name, _, stored in here:
        if number[name] == 1:
            with suppress(NotFound):
                found[name] = blobs.path(stored)
    return found


class KnownImages:
    """Tells which image of a project a file of a data set is.

    It is the one with its path and its bytes. Under another path it is the one with its file name and its
    bytes, if only one such image is here, only one such file in the data set, and neither has its counterpart
    by the whole path. A name alone decides nothing: cameras begin at 1.

    Args:
        here: the project's images, from `read`.
        files: all of the data set's.
    """

    def __init__(self, here: Iterable[Here], files: Sequence[AnnotatedFile]) -> None:
        self._files: dict[str, list[AnnotatedFile]] = defaultdict(list)
        for file in files:
            self._files[_last(file.name)].append(file)
        paths = {_tidy(file.name) for file in files}
        self._same_path: dict[str, set[str]] = defaultdict(set)
        # By file name and hash: in some data sets all files have one name.
        self._elsewhere: dict[str, dict[str, set[str]]] = {}
        for name, *hashes in here:
            if name in paths:
                self._same_path[name].update(hashes)
            elif _last(name) in self._files:
                of_name = self._elsewhere.setdefault(_last(name), defaultdict(set))
                for sha256 in hashes:
                    of_name[sha256].add(name)
        self._hashes: dict[Path, str] = {}
        self._equal: dict[str, Counter[str]] = {}

    def has_name(self, file: AnnotatedFile) -> bool:
        """Whether an image here has the name of a file, with or without its folders."""
        return _tidy(file.name) in self._same_path or _last(file.name) in self._elsewhere

    def has(self, file: AnnotatedFile) -> bool:
        """Whether a file is an image here under its own path."""
        path = _tidy(file.name)
        return path in self._same_path and self._hash(file) in self._same_path[path]

    def elsewhere(self, file: AnnotatedFile) -> str | None:
        """Give the name of the image that a file is under another path; reads the file where one may be."""
        last = _last(file.name)
        if _tidy(file.name) in self._same_path or last not in self._elsewhere:
            return None
        found = self._elsewhere[last].get(self._hash(file), set())
        if len(found) != 1:
            return None
        if last not in self._equal:
            self._equal[last] = Counter(map(self._hash, self._files[last]))
        return next(iter(found)) if self._equal[last][self._hash(file)] == 1 else None

    def _hash(self, file: AnnotatedFile) -> str:
        if file.path not in self._hashes:
            self._hashes[file.path] = _hash_of(file.path)
        return self._hashes[file.path]


def _hash_of(path: Path) -> str:
    try:
        return sum_of(path).sha256
    except OSError:
        return ""  # The import tells of it.


def _last(name: str) -> str:
    # Some systems take upper and lower case for the same; the bytes decide.
    return _tidy(name).rpartition("/")[2].casefold()


def _tidy(name: str) -> str:
    try:
        return tidy_path(name)
    except InvalidName:
        return ""
