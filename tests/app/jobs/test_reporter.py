"""The reporter: what reaches the run's row, and what makes a trainer stop."""

from __future__ import annotations

import os
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from app.bootstrap import Studio
from app.jobs import reporter as module
from app.jobs.reporter import Reporter
from data import run_progress, runs
from data.database import Database
from data.records import MetricPoint, Project, Run
from ssd_core.progress import Progress

Until = Callable[[Callable[[], bool]], None]


@pytest.fixture
def run(studio: Studio, database: Database, labelled_project: Project) -> Run:
    started = studio.training.start(labelled_project.id)
    with database.write() as session:
        begun = runs.begin_attempt(session, started.id, "here", 1.0)
    assert begun is not None
    return begun


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SECONDS_BETWEEN_REPORTS", 0.02)


def test_progress_reaches_the_row_with_its_curves(studio: Studio, database: Database, run: Run) -> None:
    reporter = Reporter(database, run.id, run.attempts, os.getppid())
    reporter.start()
    reporter.progress(Progress("preparing", 0, 40, 0, 4))
    reporter.progress(
        Progress("validating", 10, 40, 1, 4, loss=2.5, seconds_left=30.0, metrics={"AP": 0.25, "AP50": 0.5})
    )
    # What was measured must not get lost behind a later report of the same second.
    reporter.progress(Progress("training", 10, 40, 1, 4, seconds_left=29.0))
    reporter.end()
    view = studio.training.progress(run.id)
    assert (view.run.phase, view.run.step, view.run.total_steps) == ("training", 10, 40)
    assert (view.run.epoch, view.run.total_epochs, view.run.seconds_left) == (1, 4, 29.0)
    assert view.run.metrics == {"AP": 0.25, "AP50": 0.5}
    assert {point for point in view.points if point.name != "memory_bytes"} == {
        MetricPoint(10, "loss", 2.5),
        MetricPoint(10, "val_AP", 0.25),
        MetricPoint(10, "val_AP50", 0.5),
    }


def test_speed_rate_and_memory_are_measured_now_and_then(
    studio: Studio, database: Database, run: Run
) -> None:
    reporter = Reporter(database, run.id, run.attempts, os.getppid())
    reporter.start()
    for step in (1, 2):
        reporter.progress(Progress("training", step, 40, 0, 4, learning_rate=0.5, images_per_second=8.0))
    reporter.end()
    measured = {
        point.name: point.value for point in studio.training.progress(run.id).points if point.step == 1
    }
    assert (measured["learning_rate"], measured["images_per_second"]) == (0.5, 8.0)
    assert measured["memory_bytes"] > 10_000_000
    assert all(point.step == 1 for point in studio.training.progress(run.id).points)


def test_what_the_run_decided_by_itself_and_its_passes_and_its_promise_are_kept(
    studio: Studio, database: Database, run: Run
) -> None:
    reporter = Reporter(database, run.id, run.attempts, os.getppid())
    reporter.start()
    reporter.progress(Progress("training", 3, 40, 0, 4, note="Half the learning rate."))
    reporter.progress(Progress("training", 5, 40, 0, 4, note="Fewer images at once."))
    epoch = SimpleNamespace(step=5, loss=3.0, localisation_loss=1.0, classification_loss=2.0)
    reporter.epoch(epoch)  # type: ignore[arg-type]
    reporter.promise(90.0)
    reporter.end()
    view = studio.training.progress(run.id)
    assert view.run.metrics["notes"] == [
        {"step": 3, "note": "Half the learning rate."},
        {"step": 5, "note": "Fewer images at once."},
    ]
    assert view.run.promised_seconds == 90.0
    assert {
        MetricPoint(5, "epoch_loss", 3.0),
        MetricPoint(5, "localisation_loss", 1.0),
        MetricPoint(5, "classification_loss", 2.0),
    } <= set(view.points)


def test_a_run_that_shall_finish_is_not_stopped(
    studio: Studio, database: Database, run: Run, until: Until
) -> None:
    reporter = Reporter(database, run.id, run.attempts, os.getppid())
    reporter.start()
    assert not reporter.should_finish()
    with database.write() as session:
        run_progress.report(session, run.id, run.attempts, step=1)
    studio.training.stop(run.id, "finish")
    until(reporter.should_finish)
    reporter.end()
    assert reporter.should_stop() is None


def test_a_trainer_that_could_not_report_ends_unless_the_run_is_still_its_own(
    database: Database, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[int] = []
    monkeypatch.setattr(module, "SECONDS_OUT_OF_REACH", -1.0)
    monkeypatch.setattr(module.logging, "shutdown", lambda: None)
    monkeypatch.setattr(module.os, "_exit", ended.append)
    reporter = Reporter(database, run.id, run.attempts, os.getppid())
    reporter.start()
    assert reporter.should_stop() is None
    assert ended == []
    with database.write() as session:
        runs.begin_attempt(session, run.id, "another host", 2.0)
    reporter.should_stop()
    reporter.end()
    assert ended == [module.EXIT_LOST]


def test_the_detectors_phases_are_told_in_words(studio: Studio, database: Database, run: Run) -> None:
    for phase, word in (("preparing", "preparing images"), ("finishing", "exporting")):
        reporter = Reporter(database, run.id, run.attempts, os.getppid())
        reporter.start()
        reporter.progress(Progress(phase, 0, 40, 0, 4))  # type: ignore[arg-type]
        reporter.end()
        assert studio.training.progress(run.id).run.phase == word


def test_a_stop_that_was_asked_for_is_heard_though_nothing_is_reported(
    studio: Studio, database: Database, run: Run, until: Until
) -> None:
    reporter = Reporter(database, run.id, run.attempts, os.getppid())
    reporter.start()
    assert reporter.should_stop() is None
    studio.training.stop(run.id, "pause")
    until(lambda: reporter.should_stop() == "pause")
    reporter.end()


def test_a_trainer_stops_when_its_worker_is_gone(database: Database, run: Run) -> None:
    assert Reporter(database, run.id, run.attempts, os.getpid()).should_stop() == "the worker is gone"


def test_a_trainer_that_was_replaced_writes_nothing_and_stops(
    studio: Studio, database: Database, run: Run
) -> None:
    reporter = Reporter(database, run.id, run.attempts - 1, os.getppid())
    reporter.start()
    reporter.progress(Progress("training", 10, 40, 1, 4, loss=2.5))
    reporter.end()
    assert reporter.should_stop() == "cancel"
    view = studio.training.progress(run.id)
    assert (view.run.step, view.points) == (0, ())
