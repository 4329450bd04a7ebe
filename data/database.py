"""The database: one engine that writes, one that reads a snapshot, for SQLite and PostgreSQL alike."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from data import migrate
from data.errors import DatabaseAway, DatabaseUnusable, DiskFull
from data.network_drives import network_drive
from data.sqlite_copy import copy_sqlite

log = logging.getLogger(__name__)

#: First SQLite without the bug that can corrupt a WAL database written by several connections.
SAFE_SQLITE = (3, 51, 3)
BUSY_SECONDS = 30
#: The workspace's own SQLite file.
FILE_NAME = "studio.db"
#: Connections kept open, and opened beyond those in a rush.
CONNECTIONS, EXTRA_CONNECTIONS = 20, 60


class Database:
    """The open database of one workspace.

    ``write()`` and ``read()`` hand out sessions; nothing of a session may outlive its ``with`` block.
    """

    def __init__(self, url: str, engine: Engine) -> None:
        self.url = url
        self._writer = engine
        if engine.dialect.name == "sqlite":
            self._reader = engine.execution_options(sqlite_read=True)
        else:
            self._reader = engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )

    @classmethod
    def open(cls, url: str | None, folder: Path) -> Database:
        """Open the database, create it where there is none, and bring its schema up to date.

        Args:
            url: ``sqlite:///…`` or ``postgresql://…``; None means ``studio.db`` in the folder.
            folder: the workspace; backups made before an upgrade go to its ``backups``.

        Raises:
            DatabaseUnusable: it cannot be reached, is no database, lies on a network drive, or was written by
                a newer program.
        """
        folder.mkdir(parents=True, exist_ok=True)
        address = url or f"sqlite:///{(folder / FILE_NAME).resolve().as_posix()}"
        engine = engine_for(address)
        try:
            _refuse_network_drive(engine)
            _warn_of_old_sqlite(engine)
            migrate.upgrade(engine, folder / "backups")
        except DBAPIError as error:
            engine.dispose()
            raise _explain(error) from error
        except BaseException:
            engine.dispose()
            raise
        return cls(address, engine)

    @property
    def kind(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self._writer.dialect.name

    def copy_to(self, target: Path) -> Path:
        """Copy an SQLite database as it is at one moment, while others write to it.

        Raises:
            DiskFull: the target's disk has no room.
            DatabaseUnusable: it cannot be read, or the target cannot be written.
        """
        try:
            return copy_sqlite(self._writer, target)
        except (OSError, self._writer.dialect.loaded_dbapi.Error) as error:
            if "is full" in str(error) or "No space left" in str(error):
                raise DiskFull(
                    f"The disk of {target.parent} is full: the database was not copied."
                ) from error
            raise DatabaseUnusable(f"The database could not be copied to {target}: {error}.") from error

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Give a session that may write: commits at the end of the block, rolls back on any error.

        On SQLite it holds the one write lock from its first statement on, so keep the block short.

        Raises:
            DiskFull: nothing was saved, for want of room.
            DatabaseUnusable: the database stayed locked or cannot be reached.
        """
        with _explained(), Session(self._writer) as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Give a session that sees one moment of the database, blocks nobody, and refuses to write.

        Raises:
            DatabaseUnusable: something tried to write, or the database cannot be reached.
        """
        with _explained(), Session(self._reader) as session, session.begin():
            yield session

    def queue_engine(self) -> Engine:
        """Build an engine of its own for the job queue, which manages its transactions itself.

        The caller disposes of it.
        """
        engine = create_engine(self.url, pool_pre_ping=True, **_driver(self.url))
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _prepare_queue_connection)
        return engine

    def close(self) -> None:
        """Close every pooled connection."""
        self._writer.dispose()


@contextmanager
def look_into(path: Path) -> Iterator[Session]:
    """Give a session that reads an SQLite file which nobody else has open, such as a copy, as it is.

    Raises:
        DatabaseUnusable: the file is damaged or is no database.
    """
    url = URL.create("sqlite", database=str(path))
    engine = create_engine(url, poolclass=NullPool, json_serializer=dump_json, **_driver("sqlite://"))
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA query_only=ON"))
    try:
        with _explained(), Session(engine) as session:
            yield session
    finally:
        engine.dispose()


def engine_for(address: str) -> Engine:
    """Build the writing engine of an address, without looking at the database.

    Raises:
        DatabaseUnusable: the address cannot be used.
    """
    try:
        sqlite = make_url(address).get_backend_name() == "sqlite"
        engine = create_engine(
            address,
            pool_pre_ping=not sqlite,
            pool_size=CONNECTIONS,
            max_overflow=EXTRA_CONNECTIONS,
            json_serializer=dump_json,
            **_driver(address),
        )
    except (ArgumentError, ImportError, TypeError) as error:
        raise DatabaseUnusable(
            f"The database address cannot be used: {error}. Write sqlite:///path or postgresql://user@host/name."
        ) from error
    if sqlite:
        event.listen(engine, "connect", _prepare_connection)
        event.listen(engine, "begin", _begin)
    return engine


def _driver(address: str) -> dict[str, Any]:
    """Prefer the bundled SQLite over the interpreter's, which on many systems still has the WAL bug."""
    if make_url(address).get_backend_name() != "sqlite":
        return {}
    try:
        from pysqlite3 import dbapi2
    except ImportError:
        return {}
    return {"module": dbapi2}


def _prepare_connection(connection: Any, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # SQLAlchemy's begin event says BEGIN, not the driver.
    for pragma in (
        f"busy_timeout={BUSY_SECONDS * 1000}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")
    # SQLite's own knows the letters of ASCII alone, and a search must find "Äpfel" by "äpfel".
    connection.create_function("lower", 1, _lower, deterministic=True)


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _prepare_queue_connection(connection: Any, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = "IMMEDIATE"
    for pragma in (f"busy_timeout={BUSY_SECONDS * 1000}", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    # Immediate for writers: a deferred transaction that turns into a write fails at once when another wrote
    # meanwhile. Deferred for readers: an open reader must not hold the write lock.
    read_only = bool(connection.get_execution_options().get("sqlite_read", False))
    connection.exec_driver_sql(f"PRAGMA query_only={int(read_only)}")
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _refuse_network_drive(engine: Engine) -> None:
    """Keep SQLite off network drives: its locks do not hold there, and two writers would ruin the file."""
    database = engine.url.database
    if engine.dialect.name != "sqlite" or not database or database == ":memory:":
        return
    folder = Path(database).parent
    drive = network_drive(folder)
    if drive is not None:
        raise DatabaseUnusable(
            f"{folder} lies on a network drive ({drive}), where an SQLite database can be ruined. Choose a "
            "workspace on a disk of this machine with --workspace or SSD_STUDIO_WORKSPACE, or keep the data "
            "set in PostgreSQL: SSD_STUDIO_DATABASE_URL=postgresql://user@host/name."
        )


def _warn_of_old_sqlite(engine: Engine) -> None:
    if engine.dialect.name != "sqlite":
        return
    version: tuple[int, ...] = getattr(engine.dialect.dbapi, "sqlite_version_info", SAFE_SQLITE)
    if version < SAFE_SQLITE:
        log.warning(
            "SQLite %s can, rarely, corrupt a database that several programs write to; %s is the first "
            "without that fault. Install the package pysqlite3, or a newer Python.",
            ".".join(map(str, version)),
            ".".join(map(str, SAFE_SQLITE)),
        )


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except (IntegrityError, ProgrammingError):
        raise  # A fault of this program: its trace is worth more than a sentence.
    except DBAPIError as error:
        raise _explain(error) from error
    except PoolTimeout as error:
        raise DatabaseAway(
            f"All {CONNECTIONS + EXTRA_CONNECTIONS} connections to the database are in use; "
            "nothing was saved. Try again in a moment."
        ) from error


def _explain(error: DBAPIError) -> DatabaseUnusable:
    cause = " ".join(str(_first_cause(error).orig).split())
    lowered = cause.lower()
    if "is full" in lowered or "no space left" in lowered:
        return DiskFull("The disk is full: nothing was saved. Free some space and try again.")
    if "locked" in lowered:
        return DatabaseAway(
            f"The database stayed locked by another program for {BUSY_SECONDS} seconds; "
            "nothing was saved. Try again."
        )
    if "readonly" in lowered or "read-only" in lowered:
        return DatabaseUnusable(
            "The database can only be read here: nothing was saved. Check the rights on the workspace folder."
        )
    if "not a database" in lowered or "malformed" in lowered:
        return DatabaseUnusable(
            f"The database file is damaged or is none ({cause}). Restore it from the workspace's backups."
        )
    if "unable to open" in lowered:
        return DatabaseUnusable(
            f"The database file cannot be opened ({cause}). Check that its folder may be written to."
        )
    return DatabaseAway(f"The database cannot be used now: {cause}.")


def _first_cause(error: DBAPIError) -> DBAPIError:
    """Find what went wrong first: SQLite ends a transaction by itself, and the tidying up then fails too."""
    first, seen = error, error.__context__
    while seen is not None:
        if isinstance(seen, DBAPIError):
            first = seen
        seen = seen.__context__
    return first


class WrittenJson(str):
    """JSON that is written already, to be stored in a JSON column as it is."""

    __slots__ = ()


def dump_json(value: Any) -> str:
    """Write a value as JSON, with numbers that are not finite as null, because JSON has no word for them."""
    if isinstance(value, WrittenJson):
        return str(value)
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except ValueError:
        return json.dumps(_finite(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value
