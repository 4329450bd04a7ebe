"""The trainer: the one process that loads TensorFlow; trains one run, registers its model, and ends.

Started by the worker as ``python -m app.jobs.trainer RUN ATTEMPT WORKER-PID``. Exit codes: 0 the run has its
outcome, 75 the state is saved and the run can go on, 1 the run failed and its row says why.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, TypeVar

from app import logs
from app.jobs import full_disk, progress_images, tensorboard
from app.jobs.failures import Failure, failure_of, is_full_disk
from app.jobs.finished_run import forget_checkpoints
from app.jobs.locks import try_lock
from app.jobs.registration import card_of, model_id_of, parent_of, put_in_place, register_model
from app.jobs.reporter import Reporter
from app.jobs.run_log import RunLog
from app.jobs.supervision import EXIT_SAVED
from app.settings import Settings
from app.workspace import Workspace
from data import projects, run_progress, runs, snapshots
from data.blobs import Blobs
from data.database import Database
from data.errors import DatabaseAway, DatabaseUnusable, DataError, DiskFull
from data.records import Project, Run, Snapshot, Split
from ssd_core.errors import SSDError, TrainingStopped

if TYPE_CHECKING:
    from ssd_core.example import Example

# Not __name__: this module runs as __main__, whose lines would be filtered with those of libraries.
log = logging.getLogger("app.jobs.trainer")

#: How long an earlier trainer of the same run may take to save itself and let go of the run's folder.
SECONDS_FOR_EARLIER_TRAINER = 90.0
SECONDS_BETWEEN_TRIES = 2.0

Result = TypeVar("Result")


def main(arguments: list[str]) -> int:
    """Train a run; the arguments are its id, the number of the attempt, and the worker's process id.

    Returns:
        The exit code.
    """
    run_id, attempt, parent = arguments[0], int(arguments[1]), int(arguments[2])
    settings = Settings()
    logs.configure()
    faulthandler.enable()
    _die_before_the_server()
    workspace = Workspace(settings.workspace)
    with logs.about_run(run_id):
        # Before TensorFlow is loaded: it carries an older SQLite that would take the place of ours.
        try:
            database = Database.open(settings.database_url, workspace.root)
        except DatabaseAway as trouble:
            log.warning("The database is away; the worker waits for it and begins anew. %s", trouble)
            return EXIT_SAVED
        reporter = Reporter(database, run_id, attempt, parent)
        _stop_on_signals(reporter)
        reporter.start()
        try:
            return _train(database, workspace, reporter, run_id, attempt)
        except TrainingStopped as stopped:
            log.info("%s", stopped)
            return EXIT_SAVED
        except Exception as error:
            log.exception("Training failed.")
            reporter.end()
            return _record_failure(database, workspace, reporter, run_id, attempt, error)
        finally:
            with suppress(RuntimeError):
                reporter.end()
            database.close()


def _train(database: Database, workspace: Workspace, reporter: Reporter, run_id: str, attempt: int) -> int:
    reporter.phase("starting")
    folder = workspace.run(run_id)
    if not _lock_folder(folder, reporter):
        return EXIT_SAVED
    run, snapshot, project = _patiently(lambda: _material(database, run_id), reporter)
    card = card_of(run, snapshot, project.name)
    # Its import takes seconds and most of the memory; a run that is already asked to stop need not pay.
    if reporter.should_stop():
        return EXIT_SAVED
    _begin_anew_if_changed(folder, run)
    log_of_run = RunLog(run, snapshot, workspace, reporter)
    made = folder / f"model-{attempt}"
    card, metrics = _fit(run, snapshot, card, workspace, reporter, log_of_run, made)
    _measure(made, snapshot, workspace, reporter)
    reporter.end()
    place = workspace.model(model_id_of(run))

    def register() -> bool:
        return register_model(database, run, attempt, card, metrics, lambda: put_in_place(made, place))

    # Hours of training must not be lost for a minute without a database.
    if not _patiently(register, reporter):
        log.warning("The run has ended, or another trainer took it over; its model counts, not this one.")
        return EXIT_SAVED
    log_of_run.done()
    log.info("Done: model %s.", card["id"])
    forget_checkpoints(folder)
    return 0


def _material(database: Database, run_id: str) -> tuple[Run, Snapshot, Project]:
    with database.read() as session:
        run = runs.get(session, run_id)
        return run, snapshots.get(session, run.snapshot_id), projects.get(session, run.project_id)


def _patiently(action: Callable[[], Result], reporter: Reporter) -> Result:
    """Repeat what the database refuses for the moment; raises TrainingStopped once nobody waits any more."""
    while True:
        try:
            return action()
        except DiskFull:
            raise
        except DatabaseUnusable as trouble:
            log.warning("The database is away; trying again. %s", trouble)
        reason = reporter.should_stop()
        if reason is not None:
            raise TrainingStopped(reason, 0)
        time.sleep(SECONDS_BETWEEN_TRIES)


def _begin_anew_if_changed(folder: Path, run: Run) -> None:
    """Remove what was saved under other settings, when a run was resumed with changes."""
    note = folder / "revision.json"
    revision = str(run.params.get("revision", 0))
    if (note.read_text() if note.exists() else "0") != revision:
        forget_checkpoints(folder)
        # Its curves would be drawn over those of the settings that did not work.
        shutil.rmtree(folder / tensorboard.FOLDER, ignore_errors=True)
        for name in ("run.json", "steps.json", progress_images.FILE):
            (folder / name).unlink(missing_ok=True)
        note.write_text(revision)


def _measure(made: Path, snapshot: Snapshot, workspace: Workspace, reporter: Reporter) -> None:
    """Keep the full report of the validation images with the model, which is as good without it."""
    from app.jobs.evaluation import measure_and_store
    from app.jobs.model_images import of_training

    def go_on(_done: int, _all: int) -> None:
        reason = reporter.should_stop()
        if reason is not None:
            raise TrainingStopped(reason, 0)

    labelled = of_training(snapshot, "val")
    if not labelled.images:
        return
    reporter.phase("evaluating")
    try:
        measure_and_store(made, "val", labelled, Blobs(workspace.blobs), go_on)
    except TrainingStopped:
        raise
    except (SSDError, DataError) as error:
        log.warning("The report of the validation images could not be made: %s", error)


def _fit(
    run: Run,
    snapshot: Snapshot,
    card: dict[str, Any],
    workspace: Workspace,
    reporter: Reporter,
    log_of_run: RunLog,
    made: Path,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Train and save the model; returns its card, with the steps as they were, and its metrics."""
    from app.examples import example_of
    from app.jobs.minutes import config_for_minutes
    from ssd_core.config import SSDConfig
    from ssd_core.train_config import TrainConfig
    from ssd_core.train_model import train_model

    blobs = Blobs(workspace.blobs)
    names = {item.id: item.name for item in snapshot.classes}

    def examples(split: Split) -> list[Example]:
        return [
            example_of(image, names, card["classes"], blobs)
            for image in snapshot.images
            if image.split == split
        ]

    train, val = examples("train"), examples("val")
    classes = tuple(card["classes"])
    backbone, side = str(run.params["backbone"]), int(run.params["input_size"])
    config = TrainConfig.from_json(run.params["train_config"])
    if run.params.get("minutes") is not None:
        reporter.phase("measuring speed")
        config = config_for_minutes(
            float(run.params["minutes"]),
            train,
            val,
            SSDConfig(classes=classes, input_size_hw=(side, side), backbone=backbone),
            config,
            workspace.run(run.id),
            reporter.should_stop,
        )
    log_of_run.begin(config)
    card = {**card, "params": {**run.params, "train_config": config.to_json()}}
    parent = parent_of(run)
    metrics = train_model(
        train,
        val,
        classes,
        config,
        workspace.run(run.id),
        made,
        backbone=backbone,
        input_size=(side, side),
        card=card,
        initial=None if parent is None else workspace.model(parent),
        on_progress=log_of_run.progress,
        on_epoch=log_of_run.epoch,
        on_look=log_of_run.look,
        should_stop=reporter.should_stop,
        should_finish=log_of_run.should_finish,
    )
    return card, metrics


def _record_failure(
    database: Database, workspace: Workspace, reporter: Reporter, run_id: str, attempt: int, error: Exception
) -> int:
    """End the run with the reason; on a full disk let it rest. Waits for a database that is away.

    Returns:
        The exit code.
    """
    folder = workspace.run(run_id)
    needed = full_disk.needed_bytes(folder)
    while True:
        if is_full_disk(error):
            # Half-written files are of no use, and the database needs room to say so.
            full_disk.clear(folder)
        try:
            _write_failure(database, workspace, run_id, attempt, error, needed)
        except DatabaseUnusable as trouble:
            log.warning("The reason could not be written; trying again. %s", trouble)
            # An orphan would wait here for ever; the next attempt finds the reason again.
            if reporter.should_stop() is not None:
                return EXIT_SAVED
            time.sleep(SECONDS_BETWEEN_TRIES)
        else:
            return 1


def _write_failure(
    database: Database, workspace: Workspace, run_id: str, attempt: int, error: Exception, needed: int
) -> None:
    with database.write() as session:
        run_progress.report(session, run_id, attempt, phase="failed")
        now = runs.get(session, run_id)
        if now.attempts != attempt or now.outcome is not None or now.stop in ("cancel", "pause"):
            return
        images = snapshots.get(session, now.snapshot_id).images
        failure: Failure = failure_of(error, workspace.train_log(run_id), images, needed)
        runs.finish(
            session,
            run_id,
            "paused" if failure.kind == "disk_full" else "failed",
            error=failure.sentence,
            failure=failure.kind,
            failure_detail=failure.detail,
            now=time.time(),
        )


def _lock_folder(folder: Path, reporter: Reporter) -> bool:
    """Take the run's folder for this process until it ends; False if asked to stop before it was free."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    deadline = time.monotonic() + SECONDS_FOR_EARLIER_TRAINER
    while True:
        lock = try_lock(folder / "trainer.lock", wait_seconds=0.5)
        if lock is not None:
            _held.append(lock)
            return True
        if reporter.should_stop():
            return False
        if time.monotonic() > deadline:
            raise DataError(f"Another training process still works in {folder}. End it, then resume the run.")


#: Locks live as long as this process: an object collected would let go of its lock.
_held: list[Any] = []


def _stop_on_signals(reporter: Reporter) -> None:
    def asked(_number: int, _frame: FrameType | None) -> None:
        reporter.ask_to_stop("asked to")

    # Ctrl-C in a worker's terminal reaches its trainer too; the worker decides, by SIGTERM.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, asked)


def _die_before_the_server() -> None:
    """Ask the kernel to choose this process first when memory runs out (Linux)."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")


if __name__ == "__main__":
    code = main(sys.argv[1:])
    logging.shutdown()
    sys.stdout.flush()
    # TensorFlow's threads have been seen to hang or crash in an orderly exit; everything is written by now.
    os._exit(code)
