"""Bringing a database's schema up to date: under a lock, after a backup, in one transaction."""

from __future__ import annotations

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

LOCK_SECONDS = 300
# Any fixed number will do: it names this program's lock on a PostgreSQL server.
ADVISORY_LOCK = 738_201_944


def upgrade(engine: Engine, backups: Path) -> None:
    """Bring the schema to this program's version, or leave the database exactly as it was.

    Args:
        engine: the writing engine.
        backups: folder for the copy taken before an existing SQLite database is changed.

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


def _config() -> Config:
    config = Config()
    folder = Path(__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _is_current(connection: Connection) -> bool:
    script = ScriptDirectory.from_config(_config())
    inside = connection.in_transaction()
    present, newest = _revision(connection), script.get_current_head()
    if not inside:
        connection.rollback()
    if present == newest:
        return True
    if present is not None and present not in {entry.revision for entry in script.walk_revisions()}:
        raise DatabaseUnusable(
            f"The database has schema {present}, which is newer than this program's {newest}. "
            "Upgrade the program: pip install --upgrade ssd-studio"
        )
    return False


def _migrate(connection: Connection, backup: Path | None) -> None:
    config = _config()
    config.attributes["connection"] = connection
    kept = f" A copy from before lies at {backup}." if backup else ""
    try:
        command.upgrade(config, "head")
    except DatabaseError as error:
        raise DatabaseUnusable(
            f"The database could not be upgraded and is unchanged: {error.orig}.{kept} Please report this."
        ) from error
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise DatabaseUnusable(
                f"The upgrade would leave {len(broken)} rows pointing nowhere, so the database is unchanged."
                f"{kept} Please report this."
            )


def _back_up(connection: Connection, backups: Path) -> Path | None:
    """Copy an existing SQLite database aside; a new one has nothing to lose, a server has its own backups."""
    present = _revision(connection)
    if connection.dialect.name != "sqlite" or present is None:
        return None
    backups.mkdir(parents=True, exist_ok=True)
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    target = backups / f"studio.{present}.{moment}.db"
    partial = target.with_suffix(".partial")
    driver: Any = connection.dialect.dbapi
    # A second, reading connection: the migrating one is in the midst of its transaction.
    source = driver.connect(connection.engine.url.database)
    copy = driver.connect(str(partial))
    try:
        source.backup(copy)
    finally:
        copy.close()
        source.close()
    with partial.open("rb+") as stream:
        os.fsync(stream.fileno())
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
