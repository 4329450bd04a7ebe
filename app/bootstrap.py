"""The composition root: opens a workspace and builds the services on it."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Self

from app.jobs.queue import TrainingQueue, create_queue_tables
from app.services.detection import Detection
from app.services.exchange import Exchange
from app.services.labelling import Labelling
from app.services.models import Models
from app.services.training import Training
from app.services.upkeep import Upkeep
from app.services.workers import Workers
from app.settings import Settings
from app.workspace import Workspace
from data.blobs import Blobs
from data.database import Database
from data.thumbnails import Thumbnails


@dataclass(frozen=True, slots=True)
class Studio:
    """An open workspace: what a face may call. Safe to share among threads; close it at the end."""

    settings: Settings
    workspace: Workspace
    labelling: Labelling
    exchange: Exchange
    training: Training
    models: Models
    detection: Detection
    workers: Workers
    upkeep: Upkeep
    _database: Database
    _queue: TrainingQueue

    def close(self) -> None:
        """Close the database."""
        self._queue.close()
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_studio(settings: Settings, *, trains: bool = True) -> Studio:
    """Open the workspace, make what is missing, and bring its database up to date.

    Args:
        settings: where the workspace and its database are.
        trains: False promises that no run is started or resumed, and spares opening the queue.

    Raises:
        DatabaseUnusable: workspace or database cannot be opened, or a newer program wrote it.
    """
    workspace = Workspace(settings.workspace).prepare()
    database = Database.open(settings.database_url, workspace.root)
    try:
        if trains:
            create_queue_tables(database, workspace.locks)
    except BaseException:
        database.close()
        raise
    blobs = Blobs(workspace.blobs)
    blobs.sweep()
    queue = TrainingQueue(database)
    models = Models(database, workspace)
    return Studio(
        settings=settings,
        workspace=workspace,
        labelling=Labelling(database, blobs, Thumbnails(workspace.cache, blobs)),
        exchange=Exchange(database, blobs),
        training=Training(database, queue),
        models=models,
        detection=Detection(database, blobs, models),
        workers=Workers(settings),
        upkeep=Upkeep(database, blobs, workspace),
        _database=database,
        _queue=queue,
    )
