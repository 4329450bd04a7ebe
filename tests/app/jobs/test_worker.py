"""The queue, the worker and the trainer as real processes; only the network is a fake."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable

import psutil

from app.bootstrap import Studio
from app.jobs.locks import Presence, is_held
from data.records import Project, Run
from tests.app.jobs.conftest import processes_of

StartWorker = Callable[..., subprocess.Popen[bytes]]
StartStudio = Callable[[str], subprocess.Popen[bytes]]
Until = Callable[[Callable[[], bool]], None]


def state(studio: Studio, run: Run) -> Run:
    return studio.training.progress(run.id).run


def is_training(studio: Studio, run: Run, after_step: int = 0) -> Callable[[], bool]:
    """A condition: the run's trainer is known to its row and has reported a later step."""
    return lambda: (now := state(studio, run)).pid is not None and now.step > after_step


def trainer_of(studio: Studio, run: Run) -> psutil.Process:
    pid = state(studio, run).pid
    assert pid is not None
    return psutil.Process(pid)


def let_finish(studio: Studio, run: Run) -> Run:
    (studio.workspace.run(run.id) / "finish").touch()
    return studio.training.wait(run.id)


def saved_step(studio: Studio, run: Run) -> int:
    return int((studio.workspace.run(run.id) / "step").read_text())


def test_queued_runs_are_trained_one_after_the_other_and_their_models_registered(
    studio: Studio, labelled_project: Project, start_worker: StartWorker
) -> None:
    first = studio.training.start(labelled_project.id, "quick")
    second = studio.training.start(labelled_project.id, "balanced", seed=1)
    assert studio.training.progress(first.id).status == "queued"
    start_worker("quick")
    done = studio.training.wait(first.id)
    assert (done.outcome, done.error, done.attempts, done.step) == ("done", None, 1, 20)
    assert done.metrics == {"AP": 0.5, "AP50": 0.9}
    later = studio.training.wait(second.id)
    assert later.started is not None
    assert done.started is not None
    assert done.finished is not None
    assert later.started >= done.finished
    assert done.worked_seconds <= (done.finished - done.started).total_seconds()
    newest, oldest = studio.models.list_all(labelled_project.id)
    assert (newest.id, oldest.id) == (later.model_id, done.model_id)
    assert (oldest.name, oldest.classes) == ("parts quick 1", ("thing",))
    card = json.loads((studio.models.folder(oldest.id) / "card.json").read_text())
    assert card["examples"] == [5, 1]
    points = studio.training.progress(first.id).points
    assert [point.value for point in points if point.name == "val_AP50"] == [0.2, 0.2]
    assert any(point.name == "loss" for point in points)
    assert f"[run {first.id}]" in studio.workspace.train_log(first.id).read_text()
    left = {path.suffix for path in studio.workspace.run(first.id).iterdir()}
    assert left <= {".log", ".lock", ".json"}, "a finished run keeps no checkpoint"


def test_a_cancelled_run_ends_its_trainer_and_can_be_resumed_where_it_was(
    studio: Studio, labelled_project: Project, start_worker: StartWorker, until: Until
) -> None:
    run = studio.training.start(labelled_project.id)
    start_worker("slow")
    until(is_training(studio, run))
    trainer = trainer_of(studio, run)
    studio.training.stop(run.id, "cancel")
    assert studio.training.wait(run.id).outcome == "cancelled"
    assert not trainer.is_running()
    step = saved_step(studio, run)
    assert studio.training.resume(run.id).outcome is None
    until(is_training(studio, run, after_step=step))
    studio.training.stop(run.id, "pause")
    assert studio.training.wait(run.id).outcome == "paused"
    step = saved_step(studio, run)
    studio.training.resume(run.id)
    done = let_finish(studio, run)
    assert (done.outcome, done.attempts) == ("done", 3)
    assert done.step >= step


def test_a_run_survives_the_death_of_its_worker_and_of_its_trainer(
    studio: Studio, labelled_project: Project, start_worker: StartWorker, until: Until
) -> None:
    run = studio.training.start(labelled_project.id)
    worker = start_worker("slow", device="1")
    until(is_training(studio, run))
    orphan = trainer_of(studio, run)
    worker.kill()
    until(lambda: not orphan.is_running())
    step = saved_step(studio, run)
    # Device 1 never gets a worker again: the one of device 0 takes its run over.
    start_worker("slow", device="0")
    until(lambda: state(studio, run).attempts == 2)
    until(is_training(studio, run, after_step=step))
    trainer_of(studio, run).kill()
    until(lambda: state(studio, run).attempts == 3)
    done = let_finish(studio, run)
    assert (done.outcome, done.attempts) == ("done", 3)
    assert len(studio.models.list_all(labelled_project.id)) == 1


def test_a_run_that_shall_finish_makes_a_model_of_its_best_and_so_does_one_that_rests(
    studio: Studio, labelled_project: Project, start_worker: StartWorker, until: Until
) -> None:
    running, resting = (studio.training.start(labelled_project.id) for _ in range(2))
    start_worker("slow")
    until(is_training(studio, running))
    studio.training.stop(running.id, "finish")
    done = studio.training.wait(running.id)
    assert (done.outcome, done.error, done.attempts) == ("done", None, 1)
    assert studio.models.get(str(done.model_id)).run_id == running.id
    until(is_training(studio, resting))
    studio.training.stop(resting.id, "pause")
    assert studio.training.wait(resting.id).outcome == "paused"
    studio.training.stop(resting.id, "finish")
    done = studio.training.wait(resting.id)
    assert (done.outcome, done.attempts) == ("done", 2)


def test_a_run_whose_state_finds_no_room_rests_and_goes_on_when_there_is_some(
    studio: Studio, labelled_project: Project, start_worker: StartWorker, until: Until
) -> None:
    run = studio.training.start(labelled_project.id)
    start_worker("slow")
    until(is_training(studio, run, after_step=5))
    full = studio.workspace.root / "disk-is-full"
    full.touch()
    until(lambda: state(studio, run).outcome == "paused")
    rests = state(studio, run)
    assert rests.failure == "disk_full"
    assert "disk is full" in str(rests.error)
    full.unlink()
    until(is_training(studio, run, after_step=rests.step))
    done = let_finish(studio, run)
    assert (done.outcome, done.error, done.failure) == ("done", None, None)


def test_the_workers_of_two_hosts_train_two_runs_and_the_one_that_is_left_finishes_both(
    studio: Studio, labelled_project: Project, start_worker: StartWorker, until: Until
) -> None:
    """Each has its device 0; they share nothing but the database and the workspace's files."""
    first, second = (studio.training.start(labelled_project.id) for _ in range(2))
    workers = [start_worker("slow", host=host) for host in ("left", "right")]
    until(is_training(studio, first))
    until(is_training(studio, second))
    assert {state(studio, run).host for run in (first, second)} == {"left", "right"}
    orphan = trainer_of(studio, first)
    mine = next(worker for worker in workers if worker.pid == orphan.ppid())
    mine.kill()
    assert let_finish(studio, second).outcome == "done"
    assert let_finish(studio, first).outcome == "done"
    assert not orphan.is_running()
    assert len(studio.models.list_all(labelled_project.id)) == 2


def test_a_worker_that_is_told_to_leave_lets_its_trainer_save_and_the_next_one_goes_on(
    studio: Studio, labelled_project: Project, start_worker: StartWorker, until: Until
) -> None:
    run = studio.training.start(labelled_project.id)
    worker = start_worker("slow")
    until(is_training(studio, run))
    trainer = trainer_of(studio, run)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait() == 0
    assert not trainer.is_running()
    left = state(studio, run)
    assert (left.outcome, left.attempts) == (None, 1)
    start_worker("slow")
    until(lambda: state(studio, run).attempts == 2)
    assert let_finish(studio, run).outcome == "done"


def test_a_run_goes_on_without_its_studio_and_the_worker_leaves_when_it_is_done(
    studio: Studio, labelled_project: Project, start_studio: StartStudio, until: Until
) -> None:
    run = studio.training.start(labelled_project.id)
    page = start_studio("slow")
    until(is_training(studio, run))
    page.kill()
    page.wait()
    until(is_training(studio, run, after_step=state(studio, run).step))
    done = let_finish(studio, run)
    assert (done.outcome, done.attempts) == ("done", 1)
    until(lambda: processes_of(studio.settings) == [])


def test_a_run_survives_the_death_of_everything_at_once(
    studio: Studio, labelled_project: Project, start_studio: StartStudio, until: Until
) -> None:
    run = studio.training.start(labelled_project.id)
    page = start_studio("slow")
    until(is_training(studio, run, after_step=5))
    for process in processes_of(studio.settings):
        process.kill()
    page.wait()
    step = saved_step(studio, run)
    start_studio("slow")
    until(lambda: state(studio, run).attempts == 2)
    until(is_training(studio, run, after_step=step))
    done = let_finish(studio, run)
    assert (done.outcome, done.attempts) == ("done", 2)
    assert len(studio.models.list_all(labelled_project.id)) == 1


def test_each_kind_of_failure_is_told_in_a_sentence_of_its_own(
    studio: Studio, labelled_project: Project, start_worker: StartWorker
) -> None:
    refused, bug, killed = (
        studio.training.start(labelled_project.id, preset) for preset in ("quick", "balanced", "best")
    )
    start_worker("fail")
    failed = studio.training.wait(refused.id)
    assert (failed.outcome, failed.attempts) == ("failed", 1)
    assert failed.error == "Image '003.png': box 0 has no area; redraw or remove it."
    failed = studio.training.wait(bug.id)
    assert (failed.outcome, failed.attempts) == ("failed", 1)
    assert failed.error is not None
    assert "ZeroDivisionError" in failed.error
    assert str(studio.workspace.train_log(bug.id)) in failed.error
    assert "Traceback" in studio.workspace.train_log(bug.id).read_text()
    failed = studio.training.wait(killed.id)
    assert (failed.outcome, failed.attempts) == ("failed", 3)
    assert failed.error is not None
    assert "killed 3 times by SIGKILL" in failed.error
    assert "memory" in failed.error
    assert studio.models.list_all() == ()


def test_a_device_has_one_worker_which_stays_while_it_is_wanted(
    studio: Studio, start_worker: StartWorker, until: Until
) -> None:
    presence = Presence(studio.workspace.locks)
    worker = start_worker("quick", idle=0.5)
    until(studio.workers.is_alive)
    second = start_worker("quick")
    assert second.wait() != 0
    assert worker.poll() is None
    presence.end()
    assert worker.wait() == 0
    assert not is_held(studio.workspace.worker_lock("0"))
