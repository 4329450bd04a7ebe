"""Training: start a run, follow it, stop it, take it up again. Never imports TensorFlow."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.jobs.queue import TrainingQueue
from data import projects, runs, snapshots, summary
from data.database import Database
from data.errors import DataError, NothingToTrain
from data.records import MetricPoint, Run, RunStatus, Stop
from data.snapshots import FEWEST_LABELLED
from ssd_core.config import SSDConfig
from ssd_core.train_config import PRESETS, TrainConfig

#: A useful model is possible from here on.
USEFUL_IMAGES = 5
SECONDS_BETWEEN_LOOKS = 0.5
DESCRIPTIONS = {
    "quick": "A first working model within minutes, to see whether the labels are right.",
    "balanced": "Noticeably better boxes for about four times the time: the usual choice.",
    "best": "Everything the images give; leave it running.",
}


@dataclass(frozen=True, slots=True)
class RunView:
    """A run at one moment, with its measured values after a step."""

    run: Run
    status: RunStatus
    points: tuple[MetricPoint, ...]


class Training:
    """Runs of a project: each call is one transaction, so a run and its job exist together or not at all."""

    def __init__(self, database: Database, queue: TrainingQueue) -> None:
        self._database = database
        self._queue = queue

    def presets(self) -> list[dict[str, Any]]:
        """The presets to choose from, quickest first: ``name``, ``title``, ``description``, ``steps``."""
        return [
            {
                "name": name,
                "title": name.capitalize(),
                "description": DESCRIPTIONS.get(name, ""),
                "steps": TrainConfig.preset(name).steps,
            }
            for name in PRESETS
        ]

    def readiness(self, project_id: int) -> tuple[bool, str]:
        """Tell whether a project can be trained on, and in a sentence what is missing or what there is."""
        with self._database.read() as session:
            counts = summary.of(session, project_id)
        if counts.images == 0:
            return False, f"Add photographs and label {FEWEST_LABELLED} of them to train."
        labelled = counts.trainable
        if labelled < FEWEST_LABELLED:
            missing = _images(FEWEST_LABELLED - labelled)
            return False, f"Label {missing} to train: {labelled} of {FEWEST_LABELLED} done."
        if labelled < USEFUL_IMAGES:
            return True, (
                f"Ready for a first try. Label {_images(USEFUL_IMAGES - labelled)} for a useful model: "
                f"{labelled} of {USEFUL_IMAGES} done."
            )
        kept = f"; {counts.by_split['test']} more are kept for testing" if counts.by_split["test"] else ""
        return True, f"Ready: {labelled} labelled images to train on{kept}."

    def start(
        self,
        project_id: int,
        preset: str = "quick",
        *,
        seed: int = 0,
        steps: int | None = None,
        minutes: float | None = None,
        backbone: str = "efficientnet_lite0",
        input_size: int = 300,
    ) -> Run:
        """Freeze the dataset and queue a training on it.

        Args:
            project_id: the project; raises NotFound.
            preset: ``quick``, ``balanced`` or ``best``.
            seed: everything random follows from it.
            steps: optimiser steps, in place of the preset's.
            minutes: how long training may take; turned into steps once, when the run starts.
            backbone: the pretrained network to build on.
            input_size: side in pixels of the square to which images are scaled.

        Raises:
            NothingToTrain: too few labelled images.
            InvalidConfig: a setting makes no sense.
        """
        if minutes is not None and not 0 < minutes <= 7 * 24 * 60:
            raise DataError(
                f"{minutes:g} minutes of training make no sense: choose more than 0, a week at most."
            )
        config = TrainConfig.preset(preset, steps=steps, seed=seed)
        with self._database.read() as session:
            # Of a large project this takes long: it must not hold up those who are drawing boxes.
            composed = snapshots.compose(session, project_id, seed)
        with self._database.write() as session:
            project = projects.get(session, project_id)
            snapshot = snapshots.store(session, composed)
            if not snapshot.classes:
                raise NothingToTrain("There is no class yet. Draw a box and name what it shows.")
            SSDConfig(
                classes=tuple(item.name for item in snapshot.classes),
                backbone=backbone,
                input_size_hw=(input_size, input_size),
            )
            number = len(runs.list_for_project(session, project_id, limit=1_000_000)) + 1
            params: dict[str, Any] = {
                "preset": preset,
                "seed": seed,
                "minutes": minutes,
                "backbone": backbone,
                "input_size": input_size,
                "model_name": f"{project.name} {preset} {number}",
                "train_config": config.to_json(),
            }
            run = runs.create(session, project_id, snapshot.id, params)
            return runs.attach_job(session, run.id, self._queue.enqueue(session, run.id))

    def progress(self, run_id: str, after_step: int = -1) -> RunView:
        """How far a run is, with the values measured after a step; raises NotFound."""
        with self._database.read() as session:
            run = runs.get(session, run_id)
            points = runs.points(session, run_id, after_step=after_step)
        return RunView(run, run.status(time.time()), points)

    def runs(self, project_id: int, limit: int = 20) -> tuple[Run, ...]:
        """A project's runs, newest first."""
        with self._database.read() as session:
            projects.get(session, project_id)
            return runs.list_for_project(session, project_id, limit=limit)

    def stop(self, run_id: str, stop: Stop = "cancel") -> Run:
        """Ask a run to end for good or to pause; one that has not begun ends at once."""
        with self._database.write() as session:
            return runs.request_stop(session, run_id, stop)

    def resume(self, run_id: str) -> Run:
        """Queue a paused, cancelled or failed run again; it goes on from its last checkpoint.

        Raises:
            RunBusy: it is done, or has not ended.
        """
        with self._database.write() as session:
            runs.reopen(session, run_id)
            return runs.attach_job(session, run_id, self._queue.enqueue(session, run_id))

    def wait(self, run_id: str, on_progress: Callable[[RunView], None] | None = None) -> Run:
        """Wait until a run has its outcome, telling on the way how far it is."""
        last_step = -1
        while True:
            view = self.progress(run_id, last_step)
            last_step = max((point.step for point in view.points), default=last_step)
            if on_progress is not None:
                on_progress(view)
            if view.run.outcome is not None:
                return view.run
            time.sleep(SECONDS_BETWEEN_LOOKS)


def _images(count: int) -> str:
    return "1 more image" if count == 1 else f"{count} more images"
