"""Bringing a database's schema up to date: under a lock, after a backup, in one transaction."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DatabaseError

from data.errors import DatabaseUnusable
from data.portable import lines_of, tables_of
from data.sqlite_copy import copy_sqlite

LOCK_SECONDS = 300
# Any fixed number will do: it names this program's lock on a PostgreSQL server.
ADVISORY_LOCK = 738_201_944


def upgrade(engine: Engine, backups: Path) -> None:
    """Bring the schema to this program's version, or leave the database exactly as it was.

    Args:
        engine: the writing engine.
        backups: folder for the copy taken before an existing database is changed.

    Raises:
        DatabaseUnusable: the database is newer than this program, another program holds the lock for too
            long, or a migration failed.
    """
    with _file_lock(engine), engine.connect() as connection:
        if _is_current(connection):
            return
        _switch_foreign_keys(connection, on=False)
        with connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
            if not _is_current(connection):
                _migrate(connection, _back_up(connection, backups))
        # A fresh connection starts with foreign keys enforced again.
        connection.invalidate()


def build(connection: Connection, wanted: str) -> None:
    """Make the tables of a revision in an empty database, inside the caller's transaction.

    Raises:
        DatabaseUnusable: this program does not know the revision.
    """
    require_known(wanted)
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, wanted)


def require_known(wanted: str) -> None:
    """Make sure that this program can bring a revision up to date.

    Raises:
        DatabaseUnusable: a newer program made it; says how to upgrade.
    """
    script = ScriptDirectory.from_config(_config())
    newest = script.get_current_head()
    if wanted not in {entry.revision for entry in script.walk_revisions()}:
        raise DatabaseUnusable(
            f"The database has schema {wanted}, which is newer than this program's {newest}. "
            "Upgrade the program: pip install --upgrade ssd-studio"
        )


def _config() -> Config:
    config = Config()
    folder = Path(__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def revision(connection: Connection) -> str | None:
    """Give the revision of the schema that a database has; None for one without tables of ours."""
    return MigrationContext.configure(connection).get_current_revision()


def _is_current(connection: Connection) -> bool:
    inside = connection.in_transaction()
    present = revision(connection)
    if not inside:
        connection.rollback()
    if present == ScriptDirectory.from_config(_config()).get_current_head():
        return True
    if present is not None:
        require_known(present)
    return False


def _migrate(connection: Connection, backup: Path | None) -> None:
    config = _config()
    config.attributes["connection"] = connection
    kept = f" A copy from before lies at {backup}." if backup else ""
    try:
        command.upgrade(config, "head")
    except DatabaseError as error:
        cause = " ".join(str(error.orig).split())
        raise DatabaseUnusable(
            f"The database could not be upgraded and is unchanged: {cause}.{kept} Please report this."
        ) from error
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise DatabaseUnusable(
                f"The upgrade would leave {len(broken)} rows pointing nowhere, so the database is unchanged."
                f"{kept} Please report this."
            )


def _back_up(connection: Connection, backups: Path) -> Path | None:
    """Copy an existing database aside; a new one has nothing to lose."""
    present = revision(connection)
    if present is None:
        return None
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    driver: Any = connection.dialect.dbapi
    try:
        if connection.dialect.name == "sqlite":
            return copy_sqlite(connection.engine, backups / f"studio.{present}.{moment}.db")
        return _write_rows(connection, present, backups / f"studio.{present}.{moment}.jsonl.gz")
    except (OSError, driver.Error) as error:
        raise DatabaseUnusable(
            f"The database must be upgraded, but no copy of it could be made in {backups} before ({error}): "
            "it is unchanged. Free some space or check the folder's rights, and start again."
        ) from error


def _write_rows(connection: Connection, revision: str, target: Path) -> Path:
    tables = ", ".join(connection.dialect.identifier_preparer.quote(t.name) for t in tables_of(connection))
    # Programs that still run must not write between one table and the next.
    connection.execute(text(f"LOCK TABLE {tables} IN SHARE MODE"))
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f"{target.name}.partial")
    with gzip.open(partial, "wt", encoding="utf-8") as stream:
        stream.writelines(lines_of(connection, revision))
    with partial.open("rb+") as written:
        os.fsync(written.fileno())
    return partial.replace(target)


def _switch_foreign_keys(connection: Connection, *, on: bool) -> None:
    # SQLite ignores this pragma inside a transaction, and SQLAlchemy would begin one: go to the driver.
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection
        driver.execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}")


@contextmanager
def _file_lock(engine: Engine) -> Iterator[None]:
    """Let one process at a time create or upgrade a SQLite file; a server has its own lock."""
    database = engine.url.database
    if engine.dialect.name != "sqlite" or not database or database == ":memory:":
        yield
        return
    path = Path(database)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path.with_name(f"{path.name}.lock"), timeout=LOCK_SECONDS)
        lock.acquire()
    except Timeout as error:
        raise DatabaseUnusable(
            f"Another program has been upgrading {path} for {LOCK_SECONDS // 60} minutes. "
            "Wait for it or stop it."
        ) from error
    except OSError as error:
        raise DatabaseUnusable(
            f"The folder {path.parent} cannot be written to: {error}. Choose another workspace."
        ) from error
    try:
        yield
    finally:
        lock.release()
