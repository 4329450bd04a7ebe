"""Backups of a workspace that is in use: a folder with the database as of one moment and every file it names.

    manifest.json       what this is, and the SHA-256 and length of each file below
    studio.db           the database, or database.dump of pg_dump, or rows.jsonl.gz (``data.portable``)
    blobs/ models/ runs/

Image files never change, so on one disk the backup links to them; elsewhere it holds copies. The database
comes first: every file that it names was stored before its row, and is there to be brought along.
"""

from __future__ import annotations

import gzip
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from data import migrate, portable, postgres_programs
from data.backup_manifest import DATABASE_FILES, DatabaseKind, FileSum, Manifest, carry, sum_of
from data.blobs import NO_ROOM, relative_path
from data.database import Database, look_into
from data.errors import AlreadyExists, BackupUnusable, DatabaseUnusable, DiskFull
from data.stored_files import named_files

#: Folders of the workspace that are copied as they are.
COPIED = ("models", "runs")
#: Told the number of files done and their total.
OnProgress = Callable[[int, int], None]
#: How an unfinished backup's folder begins behind its name; a killed one leaves it.
UNFINISHED = ".unfinished-"


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made; ``notes`` are facts worth telling, ``manifest.missing`` what it lacks."""

    path: Path
    manifest: Manifest
    notes: tuple[str, ...] = ()


def create(
    database: Database,
    root: Path,
    target: Path | None = None,
    *,
    rows: bool = False,
    on_progress: OnProgress | None = None,
) -> Backup:
    """Make a backup while others work, and check every image file by its name.

    Args:
        database: the workspace's database.
        root: the workspace.
        target: the new folder; None takes one in ``backups`` named by the time.
        rows: write the database as lines of JSON, which SQLite and PostgreSQL can both take in.
        on_progress: hears how many files are done, and of how many.

    Returns:
        The backup. A file that the database names but the workspace lacks, or has damaged, is in
        ``manifest.missing``: it cannot be saved any more, and must not keep the rest from being saved.

    Raises:
        AlreadyExists: the target is there already.
        DiskFull: it has no room; says how much is needed.
        DatabaseUnusable: the database cannot be read, or the target not be written to.
    """
    moment = datetime.now(UTC)
    place = target or root / "backups" / f"backup-{moment:%Y%m%dT%H%M%SZ}"
    if place.exists():
        raise AlreadyExists(f"{place} exists already. Name a folder that does not.")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f"{place.name}{UNFINISHED}", dir=place.parent))
    except OSError as error:
        raise DatabaseUnusable(f"No backup can be written to {place.parent}: {error.strerror}.") from error
    try:
        backup = _fill(database, root, partial, moment, rows, on_progress)
        _make_durable(partial)
        partial.chmod(0o700)
        partial.rename(place)
    except BaseException as error:
        shutil.rmtree(partial, ignore_errors=True)
        if isinstance(error, OSError):
            kind = DiskFull if error.errno in NO_ROOM else DatabaseUnusable
            raise kind(f"The backup could not be written to {place.parent}: {error.strerror}.") from error
        raise
    return Backup(place, backup.manifest, backup.notes)


def verify(folder: Path, on_progress: OnProgress | None = None) -> tuple[str, ...]:
    """Read a backup through and tell what is wrong with it, a sentence each; nothing is well.

    Raises:
        BackupUnusable: the folder holds no backup.
    """
    manifest = Manifest.read(folder)
    faults = []
    for number, (name, told) in enumerate(manifest.files.items(), start=1):
        try:
            found = sum_of(folder / name)
        except OSError as error:
            faults.append(f"{name} cannot be read: {error.strerror}.")
        else:
            if found != told:
                faults.append(f"{name} is damaged: its bytes are not those that were saved.")
        if on_progress:
            on_progress(number, len(manifest.files))
    if manifest.database == "sqlite" and not faults:
        faults += faults_of_sqlite(folder / DATABASE_FILES["sqlite"])
    return tuple(faults)


def faults_of_sqlite(path: Path) -> list[str]:
    """Let SQLite check a database file that nobody has open, its pages and its references."""
    try:
        with look_into(path) as session:
            told = [row for row in session.execute(text("PRAGMA integrity_check")).scalars() if row != "ok"]
            loose = session.execute(text("PRAGMA foreign_key_check")).all()
    except DatabaseUnusable as error:
        return [str(error)]
    faults = [f"The database {path.name} is damaged: {line}." for line in told[:10]]
    if loose:
        faults.append(f"The database {path.name} has {len(loose)} rows that point nowhere.")
    return faults


def _fill(
    database: Database, root: Path, folder: Path, moment: datetime, rows: bool, on_progress: OnProgress | None
) -> Backup:
    kind, schema, names, notes = _save_database(database, folder, rows)
    files: dict[str, FileSum] = {}
    missing: list[str] = []
    database_file = DATABASE_FILES[kind]
    files[database_file] = sum_of(folder / database_file)
    others = list(_others(root))
    _require_room(root, folder, sorted(names), others)
    total = len(names) + len(others)
    for number, sha256 in enumerate(sorted(names), start=1):
        name = f"blobs/{relative_path(sha256)}"
        try:
            carried = carry(root / name, folder / name, link=True)
        except FileNotFoundError:
            missing.append(name)
        else:
            if carried.sha256 == sha256:
                files[name] = carried
            else:
                missing.append(name)
                (folder / name).unlink()
        if on_progress:
            on_progress(number, total)
    for number, path in enumerate(others, start=len(names) + 1):
        name = path.relative_to(root).as_posix()
        # A run that goes on removes its older checkpoints.
        try:
            files[name] = carry(path, folder / name, link=False)
        except FileNotFoundError:
            continue
        finally:
            if on_progress:
                on_progress(number, total)
    manifest = Manifest(moment, schema, kind, files, tuple(missing))
    manifest.write(folder)
    return Backup(folder, manifest, tuple(notes))


def _save_database(
    database: Database, folder: Path, rows: bool
) -> tuple[DatabaseKind, str, set[str], list[str]]:
    """Write the database into the folder; gives its kind, schema, the files it names, and what to tell."""
    if database.kind == "sqlite" and not rows:
        path = database.copy_to(folder / DATABASE_FILES["sqlite"])
        with look_into(path) as session:
            return "sqlite", _schema(session), named_files(session), []
    notes: list[str] = []
    # One session, and so one moment, for the rows and for the names.
    with database.read() as session:
        schema, names = _schema(session), named_files(session)
        if database.kind == "postgresql" and not rows:
            snapshot = session.execute(text("SELECT pg_export_snapshot()")).scalar_one()
            target = folder / DATABASE_FILES["postgresql"]
            problem = postgres_programs.dump(session.connection(), snapshot, target)
            if problem is None:
                return "postgresql", schema, names, notes
            notes.append(f"pg_dump could not be used ({problem}), so the database was written as rows.")
        with gzip.open(folder / DATABASE_FILES["rows"], "wt", encoding="utf-8") as stream:
            stream.writelines(portable.lines_of(session.connection(), schema))
    return "rows", schema, names, notes


def _schema(session: Session) -> str:
    schema = migrate.revision(session.connection())
    if schema is None:
        raise BackupUnusable("The database has no tables of ssd-studio, so there is nothing to save.")
    return schema


def _others(root: Path) -> Iterator[Path]:
    for name in COPIED:
        for path in sorted((root / name).rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield path


def _require_room(root: Path, folder: Path, names: list[str], others: list[Path]) -> None:
    blobs = [root / "blobs" / relative_path(sha256) for sha256 in names]
    linked = not blobs or _device(root / "blobs") == _device(folder)
    needed = sum(_length(path) for path in (others if linked else [*blobs, *others]))
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise DiskFull(
            f"The backup needs {needed / 1e9:.1f} GB, and {folder.parent} has {free / 1e9:.1f} GB left. "
            "Free some space or name a folder on another disk; nothing was saved."
        )


def _device(path: Path) -> int | None:
    try:
        return path.stat().st_dev
    except FileNotFoundError:
        return None


def _length(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _make_durable(folder: Path) -> None:
    if hasattr(os, "sync"):
        os.sync()
        return
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb+") as stream:
                os.fsync(stream.fileno())
