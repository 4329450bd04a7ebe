"""Ten steps of a kind of run, timed in a process of its own: ``python -m app.jobs.benchmark ARGUMENTS``.

Before the first run of a kind nobody knows how fast this machine is. The steps are done on images of the
project, in a folder that goes away, and what they took is kept for promises.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app import logs
from app.jobs.children import python_command, trainer_environment
from app.jobs.locks import DeviceLocks, try_lock
from app.jobs.pace import Pace, Paces, Stopwatch, Work, clock_since
from app.jobs.reporter import memory_bytes
from app.settings import Settings
from app.workspace import Workspace
from data import snapshots
from data.blobs import Blobs
from data.database import Database
from ssd_core.errors import TrainingStopped
from ssd_core.train_config import TrainConfig

log = logging.getLogger("app.jobs.benchmark")

STEPS = 10
MOST_IMAGES = 48
MOST_VALIDATED = 16
#: Politer than a run: nobody waits for it.
NICENESS = 10


@dataclass(frozen=True, slots=True)
class Kind:
    """What is timed, and on which project."""

    project_id: int
    seed: int
    device: str
    backbone: str
    input_size: int
    train_config: dict[str, Any]


class Benchmark:
    """Starts benchmarks, one at a time; ends with the process that started it."""

    def __init__(self, settings: Settings, workspace: Workspace) -> None:
        self._settings = settings
        self._workspace = workspace
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._failed: set[str] = set()
        self._current = ""

    def start(
        self, project_id: int, seed: int, device: str, backbone: str, input_size: int, config: TrainConfig
    ) -> bool:
        """Time a kind of run unless something is timed or trained; tells whether this one is timed now."""
        wanted = f"{device}|{backbone}|{input_size}|{config.batch_size}"
        kind = {
            "project_id": project_id,
            "seed": seed,
            "device": device,
            "backbone": backbone,
            "input_size": input_size,
            "train_config": config.to_json(),
        }
        with self._lock:
            if self._child is not None and self._child.poll() is None:
                return wanted == self._current
            if self._child is not None and self._child.returncode != 0:
                self._failed.add(self._current)
            if wanted in self._failed or not DeviceLocks(self._workspace.locks, device).are_free():
                return False
            settings = self._settings.model_copy(update={"device": device})
            with (self._workspace.logs / "benchmark.log").open("ab") as output:
                self._child = subprocess.Popen(
                    python_command("app.jobs.benchmark", json.dumps(kind), str(os.getpid())),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    cwd=self._workspace.root,
                    env=trainer_environment(settings),
                )
            self._current = wanted
            return True


def main(arguments: list[str]) -> int:
    """Time ten steps; the arguments are the kind as JSON and the process for whom it is done."""
    kind, parent = Kind(**json.loads(arguments[0])), int(arguments[1])
    began = time.monotonic()
    settings = Settings()
    logs.configure()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(NICENESS)
    workspace = Workspace(settings.workspace)
    lock = try_lock(workspace.locks / "benchmark.lock")
    if lock is None:
        return 1
    # Before TensorFlow is loaded: it carries an older SQLite that would take the place of ours.
    database = Database.open(settings.database_url, workspace.root)
    with database.read() as session:
        composed = snapshots.compose(session, kind.project_id, kind.seed)
    database.close()
    with tempfile.TemporaryDirectory(prefix="benchmark-", dir=workspace.cache) as folder:
        pace = _time(kind, composed, workspace, Path(folder), began, parent)
    if pace is None:
        return 1
    batch = TrainConfig.from_json(kind.train_config).batch_size
    Paces(workspace.cache).keep(kind.device, kind.backbone, kind.input_size, batch, pace)
    log.info("A step takes %.2f s.", pace.step)
    return 0


def _time(
    kind: Kind, composed: Any, workspace: Workspace, folder: Path, began: float, parent: int
) -> Pace | None:
    from app.examples import example_of
    from ssd_core.config import SSDConfig
    from ssd_core.training import fit

    names = {item.id: item.name for item in composed.classes}
    classes = [item.name for item in composed.classes]
    blobs = Blobs(workspace.blobs)
    train, val = (
        [
            example_of(image, names, classes, blobs)
            for image in [image for image in composed.images if image.split == split][:most]
        ]
        for split, most in (("train", MOST_IMAGES), ("val", MOST_VALIDATED))
    )
    config = TrainConfig.from_json(kind.train_config)
    config = replace(config, steps=STEPS + 1, validate_every=STEPS + 1, checkpoint_every=1000)
    stopwatch = Stopwatch(clock_since(began))
    try:
        fit(
            train,
            val,
            SSDConfig(tuple(classes), (kind.input_size, kind.input_size), kind.backbone),
            config,
            folder,
            on_progress=stopwatch.tell,
            should_stop=lambda: "nobody waits for it" if os.getppid() != parent else None,
        )
    except TrainingStopped:
        return None
    paces = Paces(workspace.cache)
    like, _ = paces.expected(kind.device, kind.backbone, kind.input_size, config.batch_size)
    work = Work(config.steps, len(train), len(val), config.validate_every)
    pace = stopwatch.pace(work, like, finished=False)
    return None if pace is None else replace(pace, memory_bytes=memory_bytes())


if __name__ == "__main__":
    code = main(sys.argv[1:])
    logging.shutdown()
    # TensorFlow's threads have been seen to hang in an orderly exit.
    os._exit(code)
