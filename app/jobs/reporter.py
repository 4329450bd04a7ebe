"""The trainer's reporter: a thread that writes progress into the run's row and hears what is asked of it.

It keeps database waits out of the training loop, and notices within a second or two that training must stop:
a signal came, someone pressed Stop, or the worker that started it is gone. A trainer that could not report
for longer than a lease may have been replaced without knowing it, so it ends and writes nothing more.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psutil

from data import run_progress, runs
from data.database import Database
from data.errors import DatabaseUnusable, NotFound
from data.records import LEASE_SECONDS, MetricPoint, Stop

if TYPE_CHECKING:
    from ssd_core.epochs import Epoch
    from ssd_core.progress import Progress

log = logging.getLogger(__name__)

SECONDS_BETWEEN_REPORTS = 1.0
#: Speed and memory change slowly; a point of them every second would only fill the database.
SECONDS_BETWEEN_MEASUREMENTS = 10.0
#: Less than what it takes until another worker takes a silent run over.
SECONDS_OUT_OF_REACH = 2 * LEASE_SECONDS
#: The exit code that says that the run can go on, see ``app.jobs.supervision``.
EXIT_LOST = 75
#: Sentences about what the run decided by itself that are kept, the latest ones.
MOST_NOTES = 20
#: The detector's phases in words for people.
PHASES = {"preparing": "preparing images", "finishing": "exporting"}
#: Measured values that become curves, by the name they have in a validation.
CURVES = {"AP": "val_AP", "AP50": "val_AP50", "AP75": "val_AP75"}


@dataclass(slots=True)
class _News:
    """What was not written yet."""

    phase: str | None = None
    progress: Progress | None = None
    metrics: dict[str, Any] = field(default_factory=dict)
    points: tuple[MetricPoint, ...] = ()
    loss: MetricPoint | None = None
    promised_seconds: float | None = None


class Reporter:
    """Writes at most once a second what happened; ``should_stop`` may be asked at every step.

    Args:
        database: where the run lives.
        run_id: the run.
        attempt: the attempt this process belongs to; what an older one reports is ignored.
        parent: process id of the worker.
    """

    def __init__(self, database: Database, run_id: str, attempt: int, parent: int) -> None:
        self._database = database
        self._run_id = run_id
        self._attempt = attempt
        self._parent = parent
        self._news = _News()
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._stop: str | None = None
        self._finish = False
        self._phase: str | None = None
        self._notes: list[dict[str, Any]] = []
        self._measured = -SECONDS_BETWEEN_MEASUREMENTS
        self._heard = time.monotonic()
        self._thread = threading.Thread(target=self._report_for_ever, name="reporter", daemon=True)

    def start(self) -> None:
        """Begin to report."""
        self._thread.start()

    def phase(self, phase: str) -> None:
        """Tell what the trainer is doing now."""
        with self._lock:
            self._news.phase = phase
        if phase != self._phase:
            self._phase = phase
            log.info("%s.", phase.capitalize())

    def progress(self, progress: Progress) -> None:
        """Take what the training loop tells; returns at once."""
        points = tuple(
            MetricPoint(progress.step, CURVES[name], float(value))
            for name, value in (progress.metrics or {}).items()
            if name in CURVES and isinstance(value, (int, float))
        )
        note = getattr(progress, "note", None)
        if note is not None:
            log.warning("%s", note)
            self._notes = [*self._notes, {"step": progress.step, "note": note}][-MOST_NOTES:]
        with self._lock:
            self._news.progress = progress
            self._news.metrics |= progress.metrics or {}
            if note is not None:
                self._news.metrics["notes"] = self._notes
            self._news.points += points + self._measurements(progress)
            if progress.loss is not None:
                # One a report is enough for the curve.
                self._news.loss = MetricPoint(progress.step, "loss", float(progress.loss))
        if points:
            measured = ", ".join(f"{point.name} {point.value:.3f}" for point in points)
            log.info("Step %d of %d: %s.", progress.step, progress.total_steps, measured)
        self.phase(PHASES.get(progress.phase, progress.phase))

    def epoch(self, epoch: Epoch) -> None:
        """Take what is told after each pass over the images."""
        losses = {
            "epoch_loss": epoch.loss,
            "localisation_loss": epoch.localisation_loss,
            "classification_loss": epoch.classification_loss,
        }
        with self._lock:
            self._news.points += tuple(MetricPoint(epoch.step, name, value) for name, value in losses.items())

    def promise(self, seconds: float) -> None:
        """Tell how long the whole run will take."""
        log.info("The run will take about %.0f s.", seconds)
        with self._lock:
            self._news.promised_seconds = seconds

    def ask_to_stop(self, reason: str) -> None:
        """Make ``should_stop`` answer from now on; the first reason stays. Safe in a signal handler."""
        if self._stop is None:
            self._stop = reason

    def should_stop(self) -> str | None:
        """Why training must stop now, or None."""
        if self._stop is None and os.getppid() != self._parent:
            self.ask_to_stop("the worker is gone")
        if self._thread.is_alive() and time.monotonic() - self._heard > SECONDS_OUT_OF_REACH:
            self._end_unless_reached()
        return self._stop

    def should_finish(self) -> bool:
        """Whether training shall end here with its best weights."""
        return self._finish

    def _end_unless_reached(self) -> None:
        """Ask once more, since this process may only have slept; if nobody answers, write nothing more."""
        try:
            with self._database.read() as session:
                mine = runs.get(session, self._run_id).attempts == self._attempt
        except (DatabaseUnusable, NotFound):
            mine = False
        if not mine:
            log.error(
                "The database was out of reach for too long; another worker may have taken the run over."
            )
            logging.shutdown()
            os._exit(EXIT_LOST)
        self._heard = time.monotonic()

    def _measurements(self, progress: Progress) -> tuple[MetricPoint, ...]:
        if progress.step == 0 or time.monotonic() - self._measured < SECONDS_BETWEEN_MEASUREMENTS:
            return ()
        self._measured = time.monotonic()
        values = {
            "learning_rate": getattr(progress, "learning_rate", None),
            "images_per_second": getattr(progress, "images_per_second", None),
            "memory_bytes": memory_bytes(),
        }
        return tuple(
            MetricPoint(progress.step, name, float(value))
            for name, value in values.items()
            if value is not None
        )

    def end(self) -> None:
        """Write what is left and stop reporting."""
        self._ended.set()
        self._thread.join()

    def _report_for_ever(self) -> None:
        while not self._ended.wait(SECONDS_BETWEEN_REPORTS):
            self._report_or_log()
        self._report_or_log()

    def _report_or_log(self) -> None:
        try:
            self._report()
        except Exception:
            # Without this thread nobody could stop the run any more; one report matters less.
            log.exception("A report could not be written and is left out.")

    def _report(self) -> None:
        with self._lock:
            news, self._news = self._news, _News()
        asked: Stop | None
        try:
            asked = self._write(news)
        except DatabaseUnusable as error:
            log.warning("Progress could not be written; trying again. %s", error)
            self._keep(news)
            return
        except NotFound as error:
            log.warning("%s", error)
            asked = "cancel"
        self._heard = time.monotonic()
        if asked == "finish":
            self._finish = True
        elif asked is not None:
            self.ask_to_stop(asked)
        if os.getppid() != self._parent:
            self.ask_to_stop("the worker is gone")

    def _write(self, news: _News) -> Stop | None:
        progress = news.progress
        values: dict[str, Any] = {} if news.phase is None else {"phase": news.phase}
        points = news.points if news.loss is None else (*news.points, news.loss)
        if progress is not None:
            values |= {
                "step": progress.step,
                "total_steps": progress.total_steps,
                "epoch": progress.epoch,
                "total_epochs": progress.total_epochs,
                "seconds_left": progress.seconds_left,
                "metrics": news.metrics,
            }
        if news.promised_seconds is not None:
            values["promised_seconds"] = news.promised_seconds
        if not values:
            with self._database.read() as session:
                run = runs.get(session, self._run_id)
            return run.stop if run.attempts == self._attempt and run.outcome is None else "cancel"
        with self._database.write() as session:
            return run_progress.report(session, self._run_id, self._attempt, points=points, **values)

    def _keep(self, news: _News) -> None:
        with self._lock:
            self._news.phase = self._news.phase or news.phase
            self._news.progress = self._news.progress or news.progress
            self._news.metrics = news.metrics | self._news.metrics
            self._news.points = news.points + self._news.points
            self._news.loss = self._news.loss or news.loss
            self._news.promised_seconds = self._news.promised_seconds or news.promised_seconds


def memory_bytes() -> int:
    """What this process holds: of the first GPU if TensorFlow uses one, else of the machine's memory."""
    tensorflow = sys.modules.get("tensorflow")
    if tensorflow is not None and tensorflow.config.list_physical_devices("GPU"):
        return int(tensorflow.config.experimental.get_memory_info("GPU:0")["current"])
    return int(psutil.Process().memory_info().rss)
