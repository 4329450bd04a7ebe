"""Training: start a run, follow it, stop it, take it up again. Never imports TensorFlow."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.jobs import progress_images
from app.jobs.minutes import TIMED_STEPS
from app.jobs.pace import Paces, Work
from app.jobs.queue import TrainingQueue
from app.services.run_params import IMAGENET, Wanted, changed
from app.services.training_material import TrainingMaterial
from app.settings import Settings
from app.workspace import Workspace
from data import models, projects, run_progress, runs, snapshots, summary
from data.database import Database
from data.errors import DatabaseUnusable, NothingToTrain
from data.records import MetricPoint, Model, Run, RunStatus, Split, Stop
from data.snapshots import FEWEST_LABELLED
from ssd_core.train_config import PRESETS, TrainConfig

log = logging.getLogger(__name__)

#: A useful model is possible from here on.
USEFUL_IMAGES = 5
SECONDS_BETWEEN_LOOKS = 0.5
#: A log is told in pieces of so many bytes; the first one asked for without a place is the end of it.
LOG_BYTES = 65_536
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

    def __init__(
        self,
        database: Database,
        queue: TrainingQueue,
        settings: Settings,
        workspace: Workspace,
        material: TrainingMaterial,
    ) -> None:
        self._database = database
        self._queue = queue
        self._settings = settings
        self._workspace = workspace
        self._material = material

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

    def start(self, project_id: int, preset: str = "quick", **wanted: Any) -> Run:
        """Freeze the dataset and queue a training on it.

        Args:
            project_id: the project; raises NotFound.
            preset: ``quick``, ``balanced`` or ``best``.
            wanted: any other field of :class:`Wanted`.

        Raises:
            NothingToTrain: too few labelled images.
            InvalidConfig: a setting makes no sense.
            DataError: likewise.
        """
        asked = Wanted(preset=preset, **wanted)
        parent = self.parent(asked.start)
        # Of a large project this takes seconds: it must not hold up those who are drawing boxes.
        composed = self._material.composed(project_id, asked.seed, parent)
        with self._database.write() as session:
            if not composed.classes:
                raise NothingToTrain("There is no class yet. Draw a box and name what it shows.")
            # First of all: two who press Train at once have the same data set to store.
            number = runs.next_number(session, project_id)
            name = f"{projects.get(session, project_id).name} {preset} {number}"
            params = asked.params(composed.classes, composed.sizes["train"], parent, name)
            run = runs.create(
                session,
                project_id,
                snapshots.store(session, composed),
                params,
                priority=asked.priority,
                device=asked.device,
                promised_seconds=self._promise(params, asked, composed.sizes),
            )
            return runs.attach_job(session, run.id, self._queue.enqueue(session, run.id))

    def parent(self, start: str) -> Model | None:
        """The model that training starts from, given by its id; None for ImageNet's weights."""
        if start == IMAGENET:
            return None
        with self._database.read() as session:
            return models.get(session, start)

    def _promise(self, params: Mapping[str, Any], asked: Wanted, sizes: Mapping[Split, int]) -> float | None:
        """How long such a run takes, if one like it was measured; of minutes, what comes around them."""
        config = TrainConfig.from_json(params["train_config"])
        device = asked.device or self._settings.device
        paces = Paces(self._workspace.cache)
        kind = (str(params["backbone"]), int(params["input_size"]), config.batch_size)
        known = paces.known(device, *kind)
        work = Work(config.steps, sizes["train"], sizes["val"], config.validate_every)
        if asked.minutes is not None:
            like = known or paces.expected(device, *kind)[0]
            return like.seconds_for_minutes(asked.minutes, work, TIMED_STEPS)
        return None if known is None else known.seconds(work)

    def progress(self, run_id: str, after_step: int = -1) -> RunView:
        """How far a run is, with the values measured after a step; raises NotFound."""
        with self._database.read() as session:
            run = runs.get(session, run_id)
            points = run_progress.points(session, run_id, after_step=after_step)
        return RunView(run, run.status(time.time()), points)

    def runs(self, project_id: int, limit: int = 20) -> tuple[Run, ...]:
        """A project's runs, newest first."""
        with self._database.read() as session:
            projects.get(session, project_id)
            return runs.list_for_project(session, project_id, limit=limit)

    def find(self, beginning: str) -> Run:
        """The run whose id begins so; raises NotFound unless there is exactly one."""
        with self._database.read() as session:
            return runs.find(session, beginning)

    def stop(self, run_id: str, stop: Stop = "cancel") -> Run:
        """Ask a run to end for good, to pause, or to make its best so far a model.

        One that has not begun ends at once. One that rests after having learnt something is queued again to
        finish.
        """
        with self._database.write() as session:
            run = runs.get(session, run_id)
            if stop == "finish" and run.outcome in ("paused", "cancelled", "failed") and run.step > 0:
                runs.reopen(session, run_id)
                runs.attach_job(session, run_id, self._queue.enqueue(session, run_id))
            return runs.request_stop(session, run_id, stop)

    def resume(self, run_id: str, changes: Mapping[str, Any] | None = None) -> Run:
        """Queue a paused, cancelled or failed run again; it goes on from its last checkpoint.

        Args:
            run_id: the run.
            changes: ``batch``, ``backbone`` or ``input_size``; with any of them the run begins anew. Another
                ``device`` changes nothing else.

        Raises:
            RunBusy: it is done, or has not ended.
            InvalidConfig: a change makes no sense.
            DataError: something else shall change.
        """
        wanted = dict(changes or {})
        with self._database.write() as session:
            if "device" in wanted:
                runs.move(session, run_id, Wanted(device=wanted.pop("device")).device)
            params = changed(runs.get(session, run_id).params, wanted) if wanted else None
            runs.reopen(session, run_id, params)
            return runs.attach_job(session, run_id, self._queue.enqueue(session, run_id))

    def prioritise(self, run_id: str, priority: int) -> Run:
        """Move a run in the queue; lower goes first. One that trains already is not disturbed."""
        with self._database.write() as session:
            return runs.prioritise(session, run_id, Wanted(priority=priority).priority)

    def curves(self, run_id: str) -> tuple[MetricPoint, ...]:
        """All values measured in a run, in order of step and name; raises NotFound."""
        with self._database.read() as session:
            runs.get(session, run_id)
            return run_progress.points(session, run_id)

    def log(self, run_id: str, after: int | None = None) -> tuple[str, int]:
        """A part of a run's log, and the byte at which the next part begins; raises NotFound.

        Args:
            run_id: the run.
            after: the byte to begin at; None for the last part.
        """
        with self._database.read() as session:
            runs.get(session, run_id)
        try:
            with self._workspace.train_log(run_id).open("rb") as stream:
                size = stream.seek(0, 2)
                begin = max(0, size - LOG_BYTES) if after is None else max(0, after)
                stream.seek(begin)
                part = stream.read(LOG_BYTES)
        except FileNotFoundError:
            return "", 0
        # A line that is being written comes with the next part, and no letter is cut in two.
        whole = part if len(part) == LOG_BYTES and b"\n" not in part else part[: part.rfind(b"\n") + 1]
        if after is None and begin > 0:
            first = whole.find(b"\n") + 1
            begin, whole = begin + first, whole[first:]
        return whole.decode("utf-8", "replace"), begin + len(whole)

    def progress_images(self, run_id: str) -> list[dict[str, Any]]:
        """Four validation photographs with what was found on them at each validation; raises NotFound."""
        with self._database.read() as session:
            runs.get(session, run_id)
        return progress_images.read(self._workspace.run(run_id))

    def wait(self, run_id: str, on_progress: Callable[[RunView], None] | None = None) -> Run:
        """Wait until a run has its outcome, telling on the way how far it is."""
        last_step = -1
        while True:
            try:
                view = self.progress(run_id, last_step)
            except DatabaseUnusable as error:
                # Nor does the training end for that.
                log.warning("The database is away; trying again. %s", error)
                time.sleep(SECONDS_BETWEEN_LOOKS)
                continue
            last_step = max((point.step for point in view.points), default=last_step)
            if on_progress is not None:
                on_progress(view)
            if view.run.outcome is not None:
                return view.run
            time.sleep(SECONDS_BETWEEN_LOOKS)


def _images(count: int) -> str:
    return "1 more image" if count == 1 else f"{count} more images"
