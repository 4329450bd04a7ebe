"""One attempt, with trainers of one line."""

from __future__ import annotations

import errno
import signal
import sys

import pytest

from app.bootstrap import Studio
from app.jobs import supervision
from app.jobs.supervision import Attempt, Supervisor, tries_without_progress
from app.settings import Settings
from data import runs
from data.database import Database
from data.records import Project, Run


@pytest.fixture
def run(studio: Studio, labelled_project: Project) -> Run:
    return studio.training.start(labelled_project.id)


def attempt_with(code: str, database: Database, settings: Settings, run: Run) -> Attempt:
    supervisor = Supervisor(database, settings, lambda *_: [sys.executable, "-c", code])
    return supervisor.attempt(run.id, str(run.job_id))


def state(database: Database, run: Run) -> Run:
    with database.read() as session:
        return runs.get(session, run.id)


def test_a_trainer_that_breaks_without_a_word_fails_the_run_with_the_end_of_its_log(
    database: Database, settings: Settings, run: Run
) -> None:
    attempt = attempt_with("print('no such library\\n'); raise SystemExit(3)", database, settings, run)
    assert attempt.outcome == "failed"
    error = state(database, run).error
    assert error is not None
    assert "exit code 3" in error
    assert error.endswith("no such library")


def test_a_trainer_that_was_killed_or_has_saved_leaves_the_run_open(
    database: Database, settings: Settings, run: Run
) -> None:
    killed = attempt_with("import os; os.kill(os.getpid(), 9)", database, settings, run)
    assert (killed.outcome, killed.exit_code) == (None, -signal.SIGKILL)
    saves = "import os; os.mkdir('checkpoints'); open('checkpoints/ckpt-40.index', 'w'); raise SystemExit(75)"
    saved = attempt_with(saves, database, settings, run)
    assert (saved.outcome, saved.exit_code, saved.saved) == (None, 75, 40)
    assert state(database, run).attempts == 2


def test_attempts_count_while_the_state_on_disk_is_no_later_whatever_step_they_reached() -> None:
    def tries(*attempts: tuple[int, int]) -> int:
        return tries_without_progress([Attempt(None, -9, step, saved=saved) for step, saved in attempts])

    assert tries((57, 50), (60, 50), (63, 50)) == 3
    assert tries((57, 50), (56, 55), (56, 56)) == 1
    assert tries((7, 0), (7, 0), (20, 10), (20, 10)) == 2


def test_a_job_that_the_run_no_longer_belongs_to_trains_nothing(
    studio: Studio, database: Database, settings: Settings, run: Run
) -> None:
    studio.training.stop(run.id)
    resumed = studio.training.resume(run.id)
    assert resumed.job_id != run.job_id
    assert attempt_with("raise SystemExit(3)", database, settings, run).outcome == "nothing to do"
    assert state(database, run).attempts == 0


def test_a_trainer_that_does_not_stop_is_killed(
    studio: Studio, database: Database, settings: Settings, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(supervision.SECONDS_TO_STOP, "cancel", 0.1)
    monkeypatch.setattr(supervision, "SECONDS_BETWEEN_BEATS", 0.05)

    class StopsOnceItRuns(Supervisor):
        def _beat(self, run: Run, pid: int, born: float | None) -> Run | None:
            studio.training.stop(run.id, "cancel")
            return super()._beat(run, pid, born)

    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    supervisor = StopsOnceItRuns(database, settings, lambda *_: [sys.executable, "-c", deaf])
    assert supervisor.attempt(run.id, str(run.job_id)).outcome == "cancelled"


def test_a_worker_whose_run_was_taken_over_ends_its_trainer_and_leaves_the_run_alone(
    database: Database, settings: Settings, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervision, "SECONDS_BETWEEN_BEATS", 0.05)

    class TakenOver(Supervisor):
        def _beat(self, run: Run, pid: int, born: float | None) -> Run | None:
            with self._database.write() as session:
                runs.begin_attempt(session, run.id, "another host", 1.0)
            return super()._beat(run, pid, born)

    supervisor = TakenOver(
        database, settings, lambda *_: [sys.executable, "-c", "import time; time.sleep(600)"]
    )
    assert supervisor.attempt(run.id, str(run.job_id)).outcome == "superseded"
    now = state(database, run)
    assert (now.outcome, now.host, now.attempts) == (None, "another host", 2)


def test_a_run_that_is_resumed_before_its_paused_attempt_is_over_stays_open_for_its_new_job(
    studio: Studio, database: Database, settings: Settings, run: Run
) -> None:
    class ResumedMeanwhile(Supervisor):
        def _train(self, run: Run) -> int:
            exit_code = super()._train(run)
            with self._database.write() as session:
                runs.finish(session, run.id, "paused", "The disk is full.", failure="disk_full", now=1.0)
            studio.training.resume(run.id)
            return exit_code

    supervisor = ResumedMeanwhile(
        database, settings, lambda *_: [sys.executable, "-c", "raise SystemExit(1)"]
    )
    assert supervisor.attempt(run.id, str(run.job_id)).outcome == "superseded"
    now = state(database, run)
    assert (now.outcome, now.error, now.job_id != run.job_id) == (None, None, True)


def test_a_trainer_that_goes_on_though_its_run_was_resumed_elsewhere_is_ended(
    studio: Studio, database: Database, settings: Settings, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervision, "SECONDS_BETWEEN_BEATS", 0.05)

    class ResumedMeanwhile(Supervisor):
        def _beat(self, run: Run, pid: int, born: float | None) -> Run | None:
            with self._database.write() as session:
                runs.finish(session, run.id, "paused", now=1.0)
            studio.training.resume(run.id)
            return super()._beat(run, pid, born)

    supervisor = ResumedMeanwhile(
        database, settings, lambda *_: [sys.executable, "-c", "import time; time.sleep(600)"]
    )
    assert supervisor.attempt(run.id, str(run.job_id)).outcome == "superseded"
    now = state(database, run)
    assert (now.outcome, now.pid, now.beat) == (None, None, None)


def test_a_command_that_cannot_be_run_fails_the_run_in_words(
    database: Database, settings: Settings, run: Run
) -> None:
    supervisor = Supervisor(database, settings, lambda *_: ["/no/such/python"])
    assert supervisor.attempt(run.id, str(run.job_id)).outcome == "failed"
    assert "/no/such/python" in str(state(database, run).error)


def test_a_run_whose_log_finds_no_room_rests_until_there_is_some(
    database: Database, settings: Settings, run: Run
) -> None:
    class Full(Supervisor):
        def _train(self, run: Run) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    assert Full(database, settings).attempt(run.id, str(run.job_id)).outcome == "paused"
    with database.read() as session:
        (resting,) = runs.waiting_for_space(session)
    assert resting.failure_detail is not None
    assert resting.failure_detail["needed_bytes"] > 0


def test_a_run_whose_trainer_was_killed_once_its_model_was_there_keeps_no_checkpoint(
    studio: Studio, database: Database, settings: Settings, run: Run
) -> None:
    folder = studio.workspace.run(run.id)

    class Killed(Supervisor):
        def _train(self, run: Run) -> int:
            (folder / "checkpoints").mkdir(parents=True)
            (folder / "train.log").touch()
            with self._database.write() as session:
                runs.finish(session, run.id, "done", model_id="m1", now=1.0)
            return -signal.SIGKILL

    assert Killed(database, settings).attempt(run.id, str(run.job_id)).outcome == "done"
    assert [path.name for path in folder.iterdir()] == ["train.log"]
    # Nor if the worker went with it: the next one finds nothing else to do.
    (folder / "checkpoints").mkdir()
    assert Killed(database, settings).attempt(run.id, str(run.job_id)).outcome == "nothing to do"
    assert [path.name for path in folder.iterdir()] == ["train.log"]
