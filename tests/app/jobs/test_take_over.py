"""Which runs a worker takes from another, without processes: the clock and the job's state are given."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from app.bootstrap import Studio
from app.jobs import worker
from app.jobs.worker import SECONDS_UNTIL_TAKEN_OVER, Worker
from app.settings import Settings
from data import runs
from data.database import Database
from data.records import Project, Run

#: Long after everything that a test wrote before.
LATER = time.time() + 100 * SECONDS_UNTIL_TAKEN_OVER
LONG = SECONDS_UNTIL_TAKEN_OVER + 1.0

Look = Callable[[str, float], list[str]]


@pytest.fixture
def run(studio: Studio, labelled_project: Project) -> Run:
    return studio.training.start(labelled_project.id)


@pytest.fixture
def look(database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Look:
    """Let a worker look once, at LATER, at a job whose state is so many seconds old; gives what it queued."""

    def once(state: str, seconds_ago: float) -> list[str]:
        queued: list[str] = []
        job = SimpleNamespace(status=state, updated_at=int((LATER - seconds_ago) * 1000))
        dbos = SimpleNamespace(
            get_workflow_status=lambda _job: job,
            cancel_workflow=lambda _job: None,
            resume_workflow=lambda job_id, **_queue: queued.append(job_id),
        )
        monkeypatch.setattr(worker, "DBOS", dbos)
        monkeypatch.setattr(worker, "time", SimpleNamespace(time=lambda: LATER))
        another = Worker(database, settings, lambda *_: [])
        another._take_over_abandoned(another.unfinished())
        return queued

    return once


def begun(database: Database, run: Run, seconds_ago: float) -> None:
    with database.write() as session:
        runs.begin_attempt(session, run.id, "another host", LATER - seconds_ago)


def test_a_run_whose_worker_fell_silent_is_taken_once(database: Database, run: Run, look: Look) -> None:
    begun(database, run, LONG)
    assert look("PENDING", LONG) == [run.job_id]
    assert look("PENDING", LONG) == [], "taking it is a sign of life"


def test_a_run_that_was_just_taken_out_of_the_queue_is_left_to_the_worker_that_did(
    run: Run, look: Look
) -> None:
    assert look("PENDING", 1.0) == []


def test_a_run_that_was_taken_out_but_never_begun_is_taken_once(run: Run, look: Look) -> None:
    assert look("PENDING", LONG) == [run.job_id]
    assert look("PENDING", LONG) == []


def test_a_run_that_waits_in_the_queue_is_left_there(run: Run, look: Look) -> None:
    assert look("ENQUEUED", LONG) == []


def test_a_run_with_a_sign_of_life_is_left_alone(database: Database, run: Run, look: Look) -> None:
    begun(database, run, 1.0)
    assert look("PENDING", LONG) == []


def test_a_run_whose_job_was_given_up_is_ended_with_a_sentence(
    database: Database, run: Run, look: Look
) -> None:
    begun(database, run, LONG)
    assert look("MAX_RECOVERY_ATTEMPTS_EXCEEDED", LONG) == []
    with database.read() as session:
        ended = runs.get(session, run.id)
    assert ended.outcome == "failed"
    assert ended.error is not None
    assert "given up" in ended.error
