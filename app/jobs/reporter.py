"""The trainer's reporter: a thread that writes progress into the run's row and hears what is asked of it.

It keeps database waits out of the training loop, and notices within a second or two that training must stop:
a signal came, someone pressed Stop, or the worker that started it is gone.
"""

from __future__ import annotations

import logging
import os
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from data import runs
from data.database import Database
from data.errors import DatabaseUnusable, NotFound
from data.records import MetricPoint, Stop

if TYPE_CHECKING:
    from ssd_core.progress import Progress

log = logging.getLogger(__name__)

SECONDS_BETWEEN_REPORTS = 1.0
#: The detector's phases in words for people.
PHASES = {"preparing": "preparing images", "finishing": "exporting"}
#: Measured values that become curves, by the name they have in a validation.
CURVES = {"AP": "val_AP", "AP50": "val_AP50"}


@dataclass(slots=True)
class _News:
    """What was not written yet."""

    phase: str | None = None
    progress: Progress | None = None
    metrics: dict[str, Any] = field(default_factory=dict)
    points: tuple[MetricPoint, ...] = ()
    loss: MetricPoint | None = None


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
        self._phase: str | None = None
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
        with self._lock:
            self._news.progress = progress
            self._news.metrics |= progress.metrics or {}
            self._news.points += points
            if progress.loss is not None:
                # One a report is enough for the curve.
                self._news.loss = MetricPoint(progress.step, "loss", float(progress.loss))
        if points:
            measured = ", ".join(f"{point.name} {point.value:.3f}" for point in points)
            log.info("Step %d of %d: %s.", progress.step, progress.total_steps, measured)
        self.phase(PHASES.get(progress.phase, progress.phase))

    def ask_to_stop(self, reason: str) -> None:
        """Make ``should_stop`` answer from now on; the first reason stays. Safe in a signal handler."""
        if self._stop is None:
            self._stop = reason

    def should_stop(self) -> str | None:
        """Why training must stop now, or None."""
        if self._stop is None and os.getppid() != self._parent:
            self.ask_to_stop("the worker is gone")
        return self._stop

    def end(self) -> None:
        """Write what is left and stop reporting."""
        self._ended.set()
        self._thread.join()

    def _report_for_ever(self) -> None:
        while not self._ended.wait(SECONDS_BETWEEN_REPORTS):
            self._report()
        self._report()

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
        if asked is not None:
            self.ask_to_stop(asked)
        self.should_stop()

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
        if not values:
            with self._database.read() as session:
                return runs.get(session, self._run_id).stop
        with self._database.write() as session:
            return runs.report(session, self._run_id, self._attempt, points=points, **values)

    def _keep(self, news: _News) -> None:
        with self._lock:
            self._news.phase = self._news.phase or news.phase
            self._news.progress = self._news.progress or news.progress
            self._news.metrics = news.metrics | self._news.metrics
            self._news.points = news.points + self._news.points
            self._news.loss = self._news.loss or news.loss
