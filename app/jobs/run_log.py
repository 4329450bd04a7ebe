"""Everything that a training tells, passed on: to its row, to TensorBoard, to pictures and a stopwatch."""

from __future__ import annotations

import logging
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from app.jobs.pace import Pace, Paces, Stopwatch, Work, clock_of_process
from app.jobs.progress_images import ProgressImages
from app.jobs.reporter import CURVES, Reporter, memory_bytes
from app.jobs.tensorboard import TensorBoardLog
from app.settings import Settings
from app.workspace import Workspace
from data.errors import DataError
from data.records import Run, Snapshot

if TYPE_CHECKING:
    from ssd_core.epochs import Epoch
    from ssd_core.progress import Progress
    from ssd_core.train_config import TrainConfig
    from ssd_core.validation import Look

log = logging.getLogger(__name__)

#: After so many steps a run knows how fast it is.
STEPS_BEFORE_PROMISE = 10


class RunLog:
    """Hears what one trainer does.

    Args:
        run: the run as it was when training began.
        snapshot: what it learns from.
        workspace: where it leaves its files.
        reporter: of its row.
    """

    def __init__(self, run: Run, snapshot: Snapshot, workspace: Workspace, reporter: Reporter) -> None:
        folder = workspace.run(run.id)
        self._run, self._reporter = run, reporter
        self._sizes = {
            split: sum(image.split == split for image in snapshot.images) for split in ("train", "val")
        }
        self._paces = Paces(workspace.cache)
        self._stopwatch = Stopwatch(clock_of_process())
        self._tensorboard = TensorBoardLog(folder)
        ids = {image.name: image.image_id for image in snapshot.images if image.split == "val"}
        self._images = ProgressImages(folder, ids, [item.name for item in snapshot.classes])
        self._work: Work | None = None
        self._like: Pace | None = None
        self._kind: tuple[str, str, int, int] | None = None
        self._promised = run.promised_seconds is not None
        self._peak = 0
        self._step = 0

    def begin(self, config: TrainConfig) -> None:
        """Take note of what will be done."""
        params = self._run.params
        device = Settings().device
        self._kind = (device, str(params["backbone"]), int(params["input_size"]), config.batch_size)
        self._work = Work(config.steps, self._sizes["train"], self._sizes["val"], config.validate_every)
        self._like, _ = self._paces.expected(*self._kind)

    def progress(self, progress: Progress) -> None:
        """Pass on what the training loop tells."""
        self._step = progress.step
        self._reporter.progress(progress)
        self._stopwatch.tell(progress)
        self._peak = max(self._peak, memory_bytes())
        if "tensorflow" in sys.modules:
            values = {"loss": progress.loss, "learning_rate": progress.learning_rate}
            values["images_per_second"] = progress.images_per_second
            for name, value in (progress.metrics or {}).items():
                values |= {f"validation/{name}": value} if name in CURVES else {}
            told = {name: value for name, value in values.items() if value is not None}
            if progress.phase == "training" and progress.step > 0:
                self._tensorboard.write(progress.step, told)
        self._promise(progress)

    def epoch(self, epoch: Epoch) -> None:
        """Pass on what is told after each pass over the images."""
        self._reporter.epoch(epoch)
        losses = {
            "epoch/loss": epoch.loss,
            "epoch/localisation_loss": epoch.localisation_loss,
            "epoch/classification_loss": epoch.classification_loss,
        }
        self._tensorboard.write(epoch.step, losses)

    def look(self, look: Look) -> None:
        """Keep what was seen at a validation."""
        self._images.look(look)

    def should_finish(self) -> bool:
        """Whether training shall end here with its best weights.

        Raises:
            DataError: it shall, but has not learnt anything: a run that was taken up again may have reached
                steps before of which nothing was saved.
        """
        wanted = self._reporter.should_finish()
        if wanted and self._step == 0:
            raise DataError(
                "Nothing of this run was saved before it was stopped, so there is no best to keep. "
                "Resume it to train on."
            )
        return wanted

    def done(self) -> None:
        """Remember how long everything took, for the next promise."""
        if self._kind is None or self._work is None or self._like is None:
            return
        # The steps that minutes are measured by would count as its start.
        timed = self._run.params.get("minutes") is not None
        pace = None if timed else self._stopwatch.pace(self._work, self._like, finished=True)
        if pace is not None:
            log.info("Measured: %s", pace)
            self._paces.learn(*self._kind, replace(pace, memory_bytes=self._peak))

    def _promise(self, progress: Progress) -> None:
        if self._promised or self._work is None or self._like is None or progress.seconds_left is None:
            return
        if self._stopwatch.steps >= STEPS_BEFORE_PROMISE:
            self._promised = True
            whole = self._stopwatch.promise(progress.seconds_left, self._work, self._like)
            # What was stopped before it could promise anything has worked already.
            self._reporter.promise(self._run.worked_seconds + whole)
