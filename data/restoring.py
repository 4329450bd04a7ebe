"""Putting a backup into an empty workspace: checked before anything is written, the database last of all."""

from __future__ import annotations

import gzip
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, inspect
from sqlalchemy.engine import make_url

from data import backup, migrate, portable, postgres_programs, runs
from data.backup_manifest import DATABASE_FILES, Manifest, carry
from data.database import FILE_NAME, Database, engine_for
from data.errors import BackupUnusable, DatabaseUnusable

#: The database's name until it is whole.
_UNFINISHED = "studio.db.restoring"


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back: the backup's contents, and how many runs were under way when it was made."""

    manifest: Manifest
    interrupted: int


def restore(
    folder: Path, url: str | None, root: Path, on_progress: backup.OnProgress | None = None
) -> Restored:
    """Bring a backup into an empty workspace.

    A restore that is killed can simply be started again. Runs that were under way are marked as interrupted,
    to be resumed from their last checkpoint.

    Args:
        folder: the backup.
        url: of an empty database; None means ``studio.db`` in the workspace.
        root: the workspace.
        on_progress: hears how many files are done, and of how many: each is checked, then brought.

    Raises:
        BackupUnusable: it is none, is damaged, does not fit the database, or the workspace is not empty.
        DatabaseUnusable: a newer program made it, or workspace or database cannot be written to.
    """
    manifest = Manifest.read(folder)
    migrate.require_known(manifest.schema)
    sqlite = url is None or make_url(url).get_backend_name() == "sqlite"
    _require_kind(manifest, sqlite)
    database_file = _sqlite_file(url, root) if sqlite else None
    _require_empty(url, database_file)
    faults = backup.verify(folder, on_progress)
    if faults:
        raise BackupUnusable(
            f"The backup in {folder} is damaged, so nothing was restored. {' '.join(faults[:5])} "
            "Use another backup."
        )
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        _bring_files(manifest, folder, root, on_progress)
    except OSError as error:
        raise DatabaseUnusable(f"The backup could not be written to {root}: {error}.") from error
    if database_file is not None:
        interrupted = _restore_sqlite(manifest, folder, root, database_file)
    else:
        interrupted = _restore_postgresql(manifest, folder, root, str(url))
    return Restored(manifest, interrupted)


def _require_kind(manifest: Manifest, sqlite: bool) -> None:
    if manifest.database == "rows" or (manifest.database == "sqlite") == sqlite:
        return
    here, there = ("SQLite", "PostgreSQL") if sqlite else ("PostgreSQL", "SQLite")
    raise BackupUnusable(
        f"The backup was made from {there} and cannot go into {here}. Restore it into {there}, or make one "
        "that fits both: ssd-studio backup create --rows"
    )


def _sqlite_file(url: str | None, root: Path) -> Path:
    named = make_url(url).database if url else None
    return Path(named) if named else root / FILE_NAME


def _require_empty(url: str | None, database_file: Path | None) -> None:
    if database_file is not None:
        if database_file.exists():
            raise BackupUnusable(
                f"There is a database in {database_file} already. Restore into an empty workspace: "
                "--workspace DIR"
            )
        return
    engine = engine_for(str(url))
    try:
        with engine.connect() as connection:
            if inspect(connection).get_table_names():
                raise BackupUnusable(
                    f"The database {engine.url.database} has tables already. Restore into an empty one: "
                    "CREATE DATABASE makes it, SSD_STUDIO_DATABASE_URL names it."
                )
    finally:
        engine.dispose()


def _bring_files(manifest: Manifest, folder: Path, root: Path, on_progress: backup.OnProgress | None) -> None:
    names = [name for name in manifest.files if name not in DATABASE_FILES.values()]
    for number, name in enumerate(names, start=1):
        arrived = carry(folder / name, root / name, link=name.startswith("blobs/"))
        if arrived != manifest.files[name]:
            raise BackupUnusable(f"{name} changed while it was restored. Check the disk and try again.")
        if on_progress:
            on_progress(number, len(names))
    if hasattr(os, "sync"):
        os.sync()


def _restore_sqlite(manifest: Manifest, folder: Path, root: Path, target: Path) -> int:
    """Finish the database under another name, so that it appears whole."""
    unfinished = target.with_name(_UNFINISHED)
    address = f"sqlite:///{unfinished.resolve().as_posix()}"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove_sqlite(unfinished)
        if manifest.database == "sqlite":
            shutil.copyfile(folder / DATABASE_FILES["sqlite"], unfinished)
        else:
            _enter_rows(engine_for(address), manifest, folder)
        interrupted = _finish(address, root, manifest, target)
        _remove_sqlite(unfinished)
    except OSError as error:
        raise DatabaseUnusable(f"The database could not be written to {target}: {error}.") from error
    return interrupted


def _restore_postgresql(manifest: Manifest, folder: Path, root: Path, url: str) -> int:
    engine = engine_for(url)
    if manifest.database == "rows":
        _enter_rows(engine, manifest, folder)
        return _finish(url, root, manifest)
    try:
        with engine.connect() as connection:
            postgres_programs.load(connection, folder / DATABASE_FILES["postgresql"])
    finally:
        engine.dispose()
    return _finish(url, root, manifest)


def _enter_rows(engine: Engine, manifest: Manifest, folder: Path) -> None:
    """Make the tables as they were and fill them, all in one transaction."""
    path = folder / DATABASE_FILES["rows"]
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines, engine.begin() as connection:
            migrate.build(connection, manifest.schema)
            portable.read_lines(connection, lines)
    finally:
        engine.dispose()


def _finish(address: str, root: Path, manifest: Manifest, target: Path | None = None) -> int:
    """Bring the schema up to date, end the runs that were under way, and copy the result to its place."""
    database = Database.open(address, root)
    try:
        with database.write() as session:
            sentence = f"Interrupted: restored from a backup of {manifest.created:%Y-%m-%d %H:%M} UTC."
            interrupted = runs.interrupt_unfinished(session, sentence, time.time())
        if target is not None:
            _require_empty(None, target)
            database.copy_to(target)
        return interrupted
    finally:
        database.close()


def _remove_sqlite(path: Path) -> None:
    for ending in ("", "-wal", "-shm", ".lock", ".partial"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
