"""The trainer: the one process that loads TensorFlow; trains one run, registers its model, and ends.

Started by the worker as ``python -m app.jobs.trainer RUN ATTEMPT WORKER-PID``. Exit codes: 0 the run has its
outcome, 75 the state is saved and the run can go on, 1 the run failed and its row says why.
"""

from __future__ import annotations

import errno
import faulthandler
import logging
import os
import shutil
import signal
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from app import logs
from app.jobs.locks import try_lock
from app.jobs.minutes import config_for_minutes
from app.jobs.reporter import Reporter
from app.jobs.supervision import EXIT_SAVED
from app.settings import Settings, version
from app.workspace import Workspace
from data import models, projects, runs, snapshots
from data.blobs import Blobs
from data.database import Database
from data.errors import DataError
from data.records import Model, Run, Snapshot, Split
from ssd_core.errors import SSDError, TrainingStopped

if TYPE_CHECKING:
    from ssd_core.example import Example

# Not __name__: this module runs as __main__, whose lines would be filtered with those of libraries.
log = logging.getLogger("app.jobs.trainer")

#: Of a finished run stay the log, the lock and the small notes.
KEPT_OF_A_RUN = frozenset({".log", ".lock", ".json"})
#: How long an earlier trainer of the same run may take to save itself and let go of the run's folder.
SECONDS_FOR_EARLIER_TRAINER = 90.0


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
        database = Database.open(settings.database_url, workspace.root)
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
            _record_failure(database, run_id, attempt, sentence_for(error, workspace.train_log(run_id)))
            return 1
        finally:
            with suppress(RuntimeError):
                reporter.end()
            database.close()


def _train(database: Database, workspace: Workspace, reporter: Reporter, run_id: str, attempt: int) -> int:
    reporter.phase("starting")
    folder = workspace.run(run_id)
    if not _lock_folder(folder, reporter):
        return EXIT_SAVED
    with database.read() as session:
        run = runs.get(session, run_id)
        snapshot = snapshots.get(session, run.snapshot_id)
        project = projects.get(session, run.project_id)
    card = card_of(run, snapshot, project.name)
    # Its import takes seconds and most of the memory; a run that is already asked to stop need not pay.
    if reporter.should_stop():
        return EXIT_SAVED
    card, metrics = _fit(run, snapshot, card, workspace, reporter)
    reporter.end()
    if not register_model(database, run, attempt, card, metrics):
        log.warning("Another trainer took this run over; its model counts, not this one.")
        return EXIT_SAVED
    log.info("Done: model %s.", card["id"])
    _forget_checkpoints(folder)
    return 0


def _forget_checkpoints(folder: Path) -> None:
    """Remove what only a resume would need, hundreds of megabytes; the model has the weights itself."""
    for entry in folder.iterdir():
        if entry.suffix in KEPT_OF_A_RUN:
            continue
        with suppress(OSError):
            if entry.is_dir():
                shutil.rmtree(entry)
            else:
                entry.unlink()


def register_model(
    database: Database, run: Run, attempt: int, card: dict[str, Any], metrics: dict[str, Any]
) -> bool:
    """Enter a run's model and end the run, in one transaction.

    Args:
        database: where both live.
        run: the run as it was when training began.
        attempt: the number of the attempt that trained the model.
        card: what the model's card says.
        metrics: of the model.

    Returns:
        False, with nothing written, if the run has ended or another attempt has replaced this one.
    """
    with database.write() as session:
        # Reporting locks the row, so that nobody can take the run over between looking and finishing.
        runs.report(session, run.id, attempt, phase="done", metrics=metrics)
        now = runs.get(session, run.id)
        if now.attempts != attempt or now.outcome is not None:
            return False
        models.register(
            session,
            Model(
                id=card["id"],
                project_id=run.project_id,
                run_id=run.id,
                name=card["name"],
                classes=tuple(card["classes"]),
                metrics=metrics,
                created=datetime.now(UTC),
                params=card["params"],
            ),
        )
        runs.finish(session, run.id, "done", model_id=card["id"], now=time.time())
        return True


def _fit(
    run: Run, snapshot: Snapshot, card: dict[str, Any], workspace: Workspace, reporter: Reporter
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Train and save the model; returns its card, with the steps as they were, and its metrics."""
    from app.examples import example_of
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
    card = {**card, "params": {**run.params, "train_config": config.to_json()}}
    metrics = train_model(
        train,
        val,
        classes,
        config,
        workspace.run(run.id),
        workspace.model(card["id"]),
        backbone=backbone,
        input_size=(side, side),
        card=card,
        on_progress=reporter.progress,
        should_stop=reporter.should_stop,
    )
    return card, metrics


def model_id_of(run: Run) -> str:
    """The id of the model a run makes: fixed, so that finishing twice registers one model."""
    return f"m{run.id[:12]}"


def card_of(run: Run, snapshot: Snapshot, project_name: str) -> dict[str, Any]:
    """What the model's card says about where it comes from."""
    return {
        "id": model_id_of(run),
        "name": run.params["model_name"],
        "project": project_name,
        "run": run.id,
        "snapshot": snapshot.content_hash,
        "classes": [item.name for item in snapshot.classes],
        "images": {
            split: sum(image.split == split for image in snapshot.images) for split in ("train", "val")
        },
        "params": run.params,
        "program": f"ssd-studio {version()}",
    }


def sentence_for(error: Exception, log_file: Path) -> str:
    """Say in plain words why training failed, and what to do about it."""
    if isinstance(error, (SSDError, DataError)):
        return str(error)
    # Before memory, because TensorFlow calls a full disk an exhausted resource too.
    if getattr(error, "errno", None) == errno.ENOSPC or "No space left on device" in str(error):
        return "The disk is full. Free some space and resume the run: it goes on from its last checkpoint."
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
        return "There was not enough memory to train. Close other programs, or choose a smaller input size."
    first = next(iter(str(error).strip().splitlines()), "")[:200]
    reason = f"{type(error).__name__}: {first}" if first else type(error).__name__
    return f"Training failed unexpectedly ({reason}). The whole story is in {log_file}."


def _record_failure(database: Database, run_id: str, attempt: int, sentence: str) -> None:
    with database.write() as session:
        runs.report(session, run_id, attempt, phase="failed")
        now = runs.get(session, run_id)
        if now.attempts == attempt and now.outcome is None and now.stop is None:
            runs.finish(session, run_id, "failed", error=sentence, now=time.time())


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
