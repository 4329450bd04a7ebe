"""What a trainer's run is promised, and when it may end early, from what its training loop tells."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from app.jobs.run_log import RunLog
from app.workspace import Workspace
from data.errors import DataError
from data.records import Run, Snapshot
from ssd_core.progress import Progress
from ssd_core.train_config import TrainConfig


class Told:
    """A reporter that remembers what it was promised."""

    def __init__(self) -> None:
        self.promised: list[float] = []
        self.finish = True

    def progress(self, _progress: Progress) -> None:
        pass

    def promise(self, seconds: float) -> None:
        self.promised.append(seconds)

    def should_finish(self) -> bool:
        return self.finish


def log_of(folder: Path, told: Told, **values: Any) -> RunLog:
    params = {"backbone": "efficientnet_lite0", "input_size": 300}
    usual = {"id": "r", "params": params, "promised_seconds": None, "step": 0, "worked_seconds": 0.0}
    run = cast("Run", SimpleNamespace(**{**usual, **values}))
    snapshot = Snapshot("s", 1, "hash", (), ())
    log = RunLog(run, snapshot, Workspace(folder).prepare(), cast("Any", told))
    log.begin(TrainConfig.preset("quick"))
    return log


def train(log: RunLog, first: int, last: int) -> None:
    for step in range(first, last + 1):
        log.progress(Progress("training", step, 60, 0, 4, seconds_left=1000.0))


def test_a_run_that_was_stopped_before_it_could_promise_anything_promises_when_it_goes_on(
    tmp_path: Path,
) -> None:
    told = Told()
    train(log_of(tmp_path, told), 0, 14)
    assert told.promised == []
    train(log_of(tmp_path, told, step=14, worked_seconds=5000.0), 14, 30)
    (promised,) = told.promised
    assert promised > 6000
    train(log_of(tmp_path, told, step=30, promised_seconds=promised), 30, 50)
    assert told.promised == [promised]


def test_there_is_no_best_of_a_run_of_which_nothing_was_saved(tmp_path: Path) -> None:
    told = Told()
    log = log_of(tmp_path, told, step=80)
    train(log, 0, 0)
    with pytest.raises(DataError, match="there is no best to keep"):
        log.should_finish()
    train(log, 1, 1)
    assert log.should_finish()
    told.finish = False
    assert not log.should_finish()
