"""Which runs a worker takes from another, without processes: the clock and the job's state are given."""

from __future__ import annotations

import time
from dataclasses import replace
from types import SimpleNamespace

import pytest

from app.bootstrap import Studio
from app.jobs import worker
from app.jobs.locks import DeviceLocks, try_lock
from app.jobs.worker import SECONDS_UNTIL_TAKEN_OVER, Worker
from app.settings import Settings
from app.workspace import Workspace
from data import run_progress, runs
from data.database import Database
from data.records import LEASE_SECONDS, Project, Run

#: Long after everything that a test wrote before.
LATER = time.time() + 100 * SECONDS_UNTIL_TAKEN_OVER
LONG = SECONDS_UNTIL_TAKEN_OVER + 1.0


@pytest.fixture
def run(studio: Studio, labelled_project: Project) -> Run:
    return studio.training.start(labelled_project.id)


class Look:
    """Lets a worker look once, at LATER, at a job whose state is so many seconds old; gives what it queued.

    It has seen the signs of life that there were at its first look, or at ``watch``, for LONG by then.
    """

    def __init__(self, database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        self._database, self._settings, self._monkeypatch = database, settings, monkeypatch
        self._seen: dict[str, tuple[float | None, float]] = {}

    def watch(self) -> None:
        with self._database.read() as session:
            self._seen = {run.id: (run.beat, LATER - LONG) for run in runs.unfinished(session)}

    def __call__(self, state: str, seconds_ago: float, *, looked: float = LATER - 1.0) -> list[str]:
        if not self._seen:
            self.watch()
        queued: list[str] = []
        job = SimpleNamespace(status=state, updated_at=int((LATER - seconds_ago) * 1000))
        dbos = SimpleNamespace(
            get_workflow_status=lambda _job: job,
            cancel_workflow=lambda _job: None,
            resume_workflow=lambda job_id, **_queue: queued.append(job_id),
        )
        clock = SimpleNamespace(time=lambda: LATER, monotonic=lambda: LATER)
        for name, stub in (("DBOS", dbos), ("free_bytes", lambda _workspace: 10**12), ("time", clock)):
            self._monkeypatch.setattr(worker, name, stub)
        another = Worker(self._database, self._settings, lambda *_: [])
        another._beats, another._looked = dict(self._seen), looked
        another._take_one(another.unfinished())
        return queued


@pytest.fixture
def look(database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Look:
    return Look(database, settings, monkeypatch)


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


def test_a_run_that_waits_is_taken_once(run: Run, look: Look) -> None:
    assert look("ENQUEUED", LONG) == [run.job_id]
    assert look("ENQUEUED", LONG) == []


def test_a_run_that_was_taken_by_a_worker_that_died_before_it_began_is_taken_again(
    database: Database, run: Run, look: Look
) -> None:
    with database.write() as session:
        assert runs.claim_stale(session, run.id, None, LATER - LONG)
    assert look("ENQUEUED", LONG) == [run.job_id]


def test_of_several_runs_the_one_with_the_lowest_priority_is_taken_first_then_the_oldest(
    studio: Studio, labelled_project: Project, look: Look
) -> None:
    usual, urgent, later = (
        studio.training.start(labelled_project.id, priority=priority) for priority in (10, 5, 10)
    )
    assert [look("ENQUEUED", LONG) for _ in range(3)] == [[urgent.job_id], [usual.job_id], [later.job_id]]


def test_a_run_that_is_moved_in_the_queue_is_taken_in_its_new_place(
    studio: Studio, labelled_project: Project, look: Look
) -> None:
    first, second = (studio.training.start(labelled_project.id) for _ in range(2))
    studio.training.prioritise(second.id, 1)
    assert [look("ENQUEUED", LONG) for _ in range(2)] == [[second.job_id], [first.job_id]]


def test_a_run_for_another_device_is_left_to_it(
    studio: Studio, labelled_project: Project, look: Look
) -> None:
    studio.training.start(labelled_project.id, device="1")
    mine = studio.training.start(labelled_project.id, device="0")
    assert look("ENQUEUED", LONG) == [mine.job_id]
    assert look("ENQUEUED", LONG) == []


def test_a_worker_whose_device_is_in_use_takes_nothing(run: Run, look: Look, settings: Settings) -> None:
    (path,) = DeviceLocks(Workspace(settings.workspace).locks, "0")._paths
    lock = try_lock(path)
    assert lock is not None
    assert look("ENQUEUED", LONG) == []
    lock.release()
    assert look("ENQUEUED", LONG) == [run.job_id]


def test_a_run_that_rests_on_a_full_disk_goes_on_when_there_is_room(
    studio: Studio, database: Database, settings: Settings, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(database, run, 1.0)
    with database.write() as session:
        runs.finish(
            session,
            run.id,
            "paused",
            "full",
            failure="disk_full",
            failure_detail={"needed_bytes": 500},
            now=1.0,
        )
    for free, expected in ((499, "paused"), (500, None)):
        monkeypatch.setattr(worker, "free_bytes", lambda _workspace, free=free: free)
        Worker(database, settings, lambda *_: [])._resume_what_waits_for_space()
        now = studio.training.progress(run.id).run
        assert now.outcome == expected
    assert now.job_id != run.job_id
    assert (now.error, now.failure) == (None, None)


def test_a_resting_run_that_is_gone_or_was_resumed_meanwhile_harms_no_worker(
    studio: Studio, database: Database, settings: Settings, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "free_bytes", lambda _workspace: 10**12)
    waiting_for_space = runs.waiting_for_space
    before = (replace(run, id="gone"), run)
    monkeypatch.setattr(
        runs, "waiting_for_space", lambda *how, **more: waiting_for_space(*how, **more) if more else before
    )
    Worker(database, settings, lambda *_: [])._resume_what_waits_for_space()
    assert studio.training.progress(run.id).run == run


def test_a_run_with_a_sign_of_life_is_left_alone_whatever_the_clock_of_its_host_says(
    database: Database, run: Run, look: Look
) -> None:
    begun(database, run, LONG)
    look.watch()
    with database.write() as session:
        run_progress.beat(session, run.id, 1, LATER - 3600.0, 4711, 1.0)
    assert look("PENDING", LONG) == []


def test_a_worker_that_slept_or_had_no_database_waits_for_signs_of_life_again(
    database: Database, run: Run, look: Look
) -> None:
    begun(database, run, LONG)
    assert look("PENDING", LONG, looked=LATER - LEASE_SECONDS - 1.0) == []
    assert look("PENDING", LONG) == [run.job_id]


def test_a_run_whose_job_was_given_up_is_ended_with_a_sentence(
    database: Database, run: Run, look: Look
) -> None:
    begun(database, run, LONG)
    assert look("MAX_RECOVERY_ATTEMPTS_EXCEEDED", LONG) == []
    with database.read() as session:
        ended = runs.get(session, run.id)
    assert ended.outcome == "failed"
    assert ended.failure == "worker_gone"
    assert ended.error is not None
    assert "given up" in ended.error
