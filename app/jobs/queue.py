"""The queue of trainings: rows of DBOS in our own database, written in our own transactions."""

from __future__ import annotations

import threading
import uuid
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.database import Database

if TYPE_CHECKING:
    from dbos import DBOSClient, EnqueueOptions

APPLICATION = "ssd-studio"
#: Where runs wait; no worker takes jobs out of it by itself, see :func:`own_queue`.
QUEUE = "train"
WORKFLOW = "train"
#: Jobs are taken up only by workers of the same version; raise it when a job's steps change meaning.
VERSION = "1"


def own_queue(executor: str) -> str:
    """The queue of one worker, into which it moves the run that it wants to train next.

    The order of waiting runs, and the device that each wants, are in their rows, where they can be changed.
    """
    return f"{QUEUE}@{executor}"


def create_queue_tables(database: Database, folder: Path) -> None:
    """Create or upgrade the queue's tables, unless this version of DBOS has done so already.

    Args:
        database: without an open session in this process; its idle connections are closed.
        folder: for a note that it is done.
    """
    done = folder / f"queue-tables-{version('dbos')}"
    if done.exists() and _has_tables(database):
        return
    # DBOS opens an SQLite file with Python's own SQLite, we with another copy of that library. When one copy
    # closes the file, the other loses its locks (https://www.sqlite.org/howtocorrupt.html, section 2.2.1), so
    # ours must be closed; and this is done once, not at each start. Workers upgrade through our own copy.
    database.close()
    from dbos import DBOS

    DBOS.migrate(database.url)
    done.touch()


def _has_tables(database: Database) -> bool:
    engine = database.queue_engine()
    try:
        with engine.connect() as connection:
            schema = "dbos" if engine.dialect.name == "postgresql" else None
            return bool(engine.dialect.has_table(connection, "workflow_status", schema=schema))
    finally:
        engine.dispose()


class TrainingQueue:
    """Puts trainings into the queue; workers take them out."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._engine: Any = None
        self._client: DBOSClient | None = None
        self._lock = threading.Lock()

    def enqueue(self, session: Any, run_id: str) -> str:
        """Queue a run inside the caller's transaction: run and job are committed together, or neither.

        Args:
            session: what ``database.write()`` gave, on the same database.
            run_id: the run to train.

        Returns:
            The job's id, for the run's row.
        """
        job_id = str(uuid.uuid4())
        options: EnqueueOptions = {
            "queue_name": QUEUE,
            "workflow_name": WORKFLOW,
            "workflow_id": job_id,
            "app_version": VERSION,
        }
        self._connected().enqueue_in_transaction(session, options, run_id)
        return job_id

    def close(self) -> None:
        """Let go of the client; the database stays open."""
        with self._lock:
            if self._client is not None:
                self._client.destroy()
                self._engine.dispose()
                self._client = self._engine = None

    def _connected(self) -> DBOSClient:
        from dbos import DBOSClient, DBOSPortableJSONSerializer

        with self._lock:
            if self._client is None:
                self._engine = self._database.queue_engine()
                self._client = DBOSClient(
                    system_database_engine=self._engine,
                    serializer=DBOSPortableJSONSerializer(),
                    application_name=APPLICATION,
                    # The caller holds the write lock: a second connection that wants it would wait for ever.
                    lazy=True,
                )
            return self._client
