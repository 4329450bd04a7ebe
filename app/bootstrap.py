"""The composition root: opens a workspace and builds the services on it."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Self

from app.jobs.queue import TrainingQueue, create_queue_tables
from app.services.augmentation import AugmentationPreview
from app.services.detection import Detection
from app.services.devices import Devices
from app.services.errands import Errands
from app.services.evaluations import Evaluations
from app.services.exchange import Exchange
from app.services.labelling import Labelling
from app.services.looking_ahead import LookingAhead
from app.services.model_exports import ModelExports
from app.services.model_imports import ModelImports
from app.services.models import Models
from app.services.organising import Organising
from app.services.preflight import Preflight
from app.services.retraining import Retraining
from app.services.review import Review
from app.services.tensorflow_process import TensorFlowProcess
from app.services.training import Training
from app.services.training_material import TrainingMaterial
from app.services.transfers import Transfers
from app.services.unlabelled_look import UnlabelledLook
from app.services.upkeep import Upkeep
from app.services.video_jobs import VideoJobs
from app.services.web_pictures import WebPictures
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
    organising: Organising
    exchange: Exchange
    transfers: Transfers
    training: Training
    models: Models
    model_exports: ModelExports
    model_imports: ModelImports
    evaluations: Evaluations
    detection: Detection
    review: Review
    looking_ahead: LookingAhead
    retraining: Retraining
    web_pictures: WebPictures
    workers: Workers
    devices: Devices
    preflight: Preflight
    augmentation: AugmentationPreview
    upkeep: Upkeep
    videos: VideoJobs
    _database: Database
    _queue: TrainingQueue
    _errands: Errands

    def close(self) -> None:
        """End what works in the background, and close the database."""
        self.review.close()
        self.looking_ahead.close()
        self.videos.close()
        self.detection.close()
        self.transfers.close()
        self._errands.close()
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
        trains: False promises that no run is started or resumed, and spares opening the queue; detection
            then stays on LiteRT.

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
    devices = Devices(settings, workspace)
    material = TrainingMaterial(database)
    thumbnails = Thumbnails(workspace.cache, blobs)
    models = Models(database, workspace)
    models.empty_bin()
    errands = Errands(settings)
    # A command is over before TensorFlow is loaded, and would have some of its answers from each.
    detection = Detection(models, TensorFlowProcess(settings, devices) if trains else None)
    exchange = Exchange(database, blobs)
    transfers = Transfers(exchange, workspace.cache)
    transfers.sweep()
    training = Training(database, queue, settings, workspace, material)
    preflight = Preflight(database, settings, workspace, devices, material)
    look = UnlabelledLook(database, blobs, thumbnails, detection)
    return Studio(
        settings=settings,
        workspace=workspace,
        labelling=Labelling(database, blobs, thumbnails),
        organising=Organising(database, blobs, thumbnails, workspace),
        exchange=exchange,
        transfers=transfers,
        training=training,
        models=models,
        model_exports=ModelExports(workspace, models, errands),
        model_imports=ModelImports(database, workspace, models, errands),
        evaluations=Evaluations(database, blobs, workspace, models, errands),
        detection=detection,
        review=Review(database, blobs, workspace, models, detection),
        looking_ahead=LookingAhead(database, models, look, settings),
        retraining=Retraining(database, training, preflight),
        web_pictures=WebPictures(settings),
        workers=Workers(settings, database),
        devices=devices,
        preflight=preflight,
        augmentation=AugmentationPreview(database, workspace, errands),
        upkeep=Upkeep(database, blobs, workspace),
        videos=VideoJobs(settings, workspace.cache, models, detection),
        _database=database,
        _queue=queue,
        _errands=errands,
    )
