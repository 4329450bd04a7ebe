"""What database and files owe each other: files that nobody needs, files that are missing, and what to do."""

from __future__ import annotations

import shutil
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.backup import UNFINISHED
from data.backup_manifest import sum_of
from data.blobs import LEFTOVER_SECONDS, Blobs, relative_path
from data.database import Database
from data.schema import ImageRow, ModelRow, RunRow
from data.stored_files import named_files

_BATCH = 500
#: A folder of a run or a model this old has its row, or never gets one.
_FOLDER_SECONDS = 24 * 3600.0
#: By the folder in which the folders of its rows lie.
_ROW_OF: Mapping[str, type[RunRow] | type[ModelRow]] = {"runs": RunRow, "models": ModelRow}


@dataclass(frozen=True, slots=True)
class MissingFile:
    """An image file that is named but not there, or not what it was.

    ``images`` are the ids and names of images that need it; none where only a snapshot does. ``copy`` is
    where a backup has it, None where none does.
    """

    sha256: str
    damaged: bool
    images: tuple[tuple[int, str], ...]
    copy: Path | None


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found.

    ``unneeded`` are image files that nothing names, with their lengths; ``unneeded_folders`` those of runs
    and models that are not in the database: left by a process that was killed while it deleted or added one.
    """

    unneeded: tuple[tuple[str, int], ...]
    unneeded_folders: tuple[Path, ...]
    missing: tuple[MissingFile, ...]
    missing_models: tuple[tuple[str, str], ...]
    unfinished_backups: tuple[Path, ...]

    @property
    def is_well(self) -> bool:
        """Whether every file that is needed is there, as it was."""
        return not self.missing and not self.missing_models


@dataclass(frozen=True, slots=True)
class Repaired:
    """What was done."""

    removed: int
    removed_bytes: int
    brought_back: int
    removed_folders: int
    removed_backups: int


def survey(database: Database, blobs: Blobs, root: Path, *, thorough: bool = False) -> Survey:
    """Compare the database with the files; changes nothing.

    Files stored within the last hour do not count as unneeded: their images may be about to be added.

    Args:
        database: the workspace's database.
        blobs: its image files.
        root: the workspace.
        thorough: read every image file through, which finds damage too.
    """
    # The files first: what is stored later has its row later too, and is not taken for missing.
    stored = dict(blobs.each())
    with database.read() as session:
        named = named_files(session)
        lacking = {name: False for name in named if name not in stored and not blobs.has(name)}
        for name in sorted(named - lacking.keys()) if thorough else ():
            if sum_of(blobs.path(name)).sha256 != name:
                lacking[name] = True
        users = _users(session, sorted(lacking))
        models = session.execute(select(ModelRow.id, ModelRow.name).order_by(ModelRow.created)).all()
        folders = _unneeded_folders(session, root)
    old = time.time() - LEFTOVER_SECONDS
    return Survey(
        unneeded=tuple(
            (name, stat.st_size) for name, stat in stored.items() if name not in named and stat.st_mtime < old
        ),
        unneeded_folders=folders,
        missing=tuple(
            MissingFile(name, damaged, tuple(users[name]), _copy_of(root, name))
            for name, damaged in sorted(lacking.items())
        ),
        missing_models=tuple((id_, name) for id_, name in models if not (root / "models" / id_).is_dir()),
        unfinished_backups=tuple(
            path
            for path in sorted((root / "backups").glob(f"*{UNFINISHED}*"))
            if path.is_dir() and path.stat().st_mtime < old
        ),
    )


def repair(database: Database, blobs: Blobs, found: Survey) -> Repaired:
    """Remove what is unneeded and bring back what a backup has; the rest of the survey stays as it is.

    What was needed again since the survey is left alone.
    """
    brought_back = 0
    for each in found.missing:
        if each.copy is not None:
            data = each.copy.read_bytes()
            if each.damaged:
                # Storing takes a file of the right length for the right one.
                blobs.remove(each.sha256, older_than=0.0)
            brought_back += blobs.put(data) == each.sha256
    with database.read() as session:
        named = named_files(session)
        folders = [each for each in found.unneeded_folders if not _has_row(session, each)]
    removed = removed_bytes = 0
    for name, length in found.unneeded:
        if name not in named and blobs.remove(name):
            removed += 1
            removed_bytes += length
    for path in (*folders, *found.unfinished_backups):
        shutil.rmtree(path, ignore_errors=True)
    return Repaired(removed, removed_bytes, brought_back, len(folders), len(found.unfinished_backups))


def _unneeded_folders(session: Session, root: Path) -> tuple[Path, ...]:
    old = time.time() - _FOLDER_SECONDS
    return tuple(
        path
        for kind, row in _ROW_OF.items()
        # Of a database that knows none at all, it may be the wrong one.
        if session.scalar(select(row.id).limit(1)) is not None
        for path in sorted((root / kind).glob("[!.]*"))
        # What the studio made itself: its ids are plain letters.
        if path.name.isascii()
        and path.is_dir()
        and not path.is_symlink()
        and path.stat().st_mtime < old
        and not _has_row(session, path)
    )


def _has_row(session: Session, folder: Path) -> bool:
    return session.get(_ROW_OF[folder.parent.name], folder.name) is not None


def _users(session: Session, names: Sequence[str]) -> dict[str, list[tuple[int, str]]]:
    users: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for start in range(0, len(names), _BATCH):
        query = select(ImageRow.sha256, ImageRow.id, ImageRow.name)
        wanted = query.where(ImageRow.sha256.in_(names[start : start + _BATCH])).order_by(ImageRow.id)
        for sha256, image_id, name in session.execute(wanted):
            users[sha256].append((image_id, name))
    return users


def _copy_of(root: Path, sha256: str) -> Path | None:
    """Find a file in the workspace's backups, the newest first, whose bytes are the right ones."""
    for backup in sorted((root / "backups").glob("*/blobs"), reverse=True):
        path = backup / relative_path(sha256)
        if path.is_file() and sum_of(path).sha256 == sha256:
            return path
    return None
