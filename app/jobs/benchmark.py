"""A run of ten steps, timed in a process of its own: ``python -m app.jobs.benchmark ARGUMENTS``.

Before the first run of a kind nobody knows how fast this machine is. Everything that a run does is done on
some images of the project, at the priority of a run, in a folder that goes away: the steps, the exports, the
report. What it took is kept for promises. It gives way as soon as a true run is queued.
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
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app import logs
from app.jobs.children import python_command, trainer_environment
from app.jobs.locks import DeviceLocks, try_lock
from app.jobs.model_images import of_training
from app.jobs.pace import WARM_UP_STEPS, Pace, Paces, Stopwatch, Work, clock_of_process
from app.jobs.reporter import memory_bytes
from app.settings import Settings
from app.workspace import Workspace
from data import runs, snapshots
from data.blobs import Blobs
from data.database import Database
from data.records import Snapshot, Split
from ssd_core.errors import TrainingStopped
from ssd_core.train_config import TrainConfig

if TYPE_CHECKING:
    from ssd_core.progress import Progress

log = logging.getLogger("app.jobs.benchmark")

STEPS = WARM_UP_STEPS + 10
MOST_IMAGES = 48
MOST_VALIDATED = 16
SECONDS_BETWEEN_LOOKS = 1.0
#: The exit code for "a run is queued": no failure, and worth another try.
EXIT_GAVE_WAY = 75


@dataclass(frozen=True, slots=True)
class Kind:
    """What is timed, on which project, and on how many images a run would train."""

    project_id: int
    seed: int
    images: int
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
        self, project_id: int, images: int, device: str, backbone: str, input_size: int, config: TrainConfig
    ) -> bool:
        """Time a kind of run unless something is timed or trained; tells whether asking again is worth it.

        A device that a run has just left is held for a moment longer: this kind is timed after it.
        """
        wanted = f"{device}|{backbone}|{input_size}|{config.batch_size}"
        kind = Kind(project_id, config.seed, images, device, backbone, input_size, config.to_json())
        with self._lock:
            if self._child is not None and self._child.poll() is None:
                return wanted == self._current
            if self._child is not None and self._child.returncode not in (0, EXIT_GAVE_WAY):
                self._failed.add(self._current)
            if wanted in self._failed:
                return False
            if not DeviceLocks(self._workspace.locks, device).are_free():
                return True
            settings = self._settings.model_copy(update={"device": device})
            with (self._workspace.logs / "benchmark.log").open("ab") as output:
                self._child = subprocess.Popen(
                    python_command("app.jobs.benchmark", json.dumps(asdict(kind)), str(os.getpid())),
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
    stopwatch = Stopwatch(clock_of_process())
    settings = Settings()
    logs.configure()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    workspace = Workspace(settings.workspace)
    lock = try_lock(workspace.locks / "benchmark.lock")
    if lock is None:
        return 1
    # Before TensorFlow is loaded: it carries an older SQLite that would take the place of ours.
    database = Database.open(settings.database_url, workspace.root)
    with database.read() as session:
        composed = _some_of(snapshots.compose(session, kind.project_id, kind.seed).snapshot())
    try:
        with tempfile.TemporaryDirectory(prefix="benchmark-", dir=workspace.cache) as folder:
            pace = _time(kind, composed, workspace, Path(folder), stopwatch, _GiveWay(database, parent))
    except TrainingStopped as stopped:
        log.info("%s", stopped)
        return EXIT_GAVE_WAY
    if pace is None:
        return 1
    batch = TrainConfig.from_json(kind.train_config).batch_size
    Paces(workspace.cache).keep(kind.device, kind.backbone, kind.input_size, batch, pace)
    log.info("Measured: %s", pace)
    return 0


class _GiveWay:
    """Tells why nobody waits for the measurement any more."""

    def __init__(self, database: Database, parent: int) -> None:
        self._database, self._parent = database, parent
        self._looked = time.monotonic()

    def __call__(self) -> str | None:
        if os.getppid() != self._parent:
            return "nobody waits for it"
        if time.monotonic() - self._looked < SECONDS_BETWEEN_LOOKS:
            return None
        self._looked = time.monotonic()
        with self._database.read() as session:
            return "a run is queued" if runs.unfinished(session) else None


def _some_of(composed: Snapshot) -> Snapshot:
    parts: tuple[tuple[Split, int], ...] = (("train", MOST_IMAGES), ("val", MOST_VALIDATED))
    kept = [
        image for split, most in parts for image in [i for i in composed.images if i.split == split][:most]
    ]
    return replace(composed, images=tuple(kept))


def _time(
    kind: Kind,
    composed: Snapshot,
    workspace: Workspace,
    folder: Path,
    stopwatch: Stopwatch,
    should_stop: Callable[[], str | None],
) -> Pace | None:
    from app.jobs.evaluation import measure_and_store
    from ssd_core.stages import stages_for
    from ssd_core.train_model import train_model

    blobs = Blobs(workspace.blobs)
    classes = [item.name for item in composed.classes]
    learnt, kept = of_training(composed, "train"), of_training(composed, "val")
    train, val = learnt.examples(classes, blobs), kept.examples(classes, blobs)
    config = TrainConfig.from_json(kind.train_config)
    # As much of the network learns as will of all images, at the end at least.
    if stages_for(kind.images, config)[-1].frozen == "none":
        config = replace(config, frozen="none")
    # Two looks, of which the first compiles.
    config = replace(config, steps=STEPS, validate_every=STEPS // 2, checkpoint_every=1000)
    rates: list[float] = []

    def tell(progress: Progress) -> None:
        stopwatch.tell(progress)
        if progress.images_per_second is not None:
            rates.append(progress.images_per_second)

    train_model(
        train,
        val,
        classes,
        config,
        folder / "run",
        folder / "model",
        backbone=kind.backbone,
        input_size=kind.input_size,
        card={"id": "benchmark", "name": "benchmark"},
        on_progress=tell,
        should_stop=should_stop,
    )
    if val:
        measure_and_store(folder / "model", "val", kept, blobs)
    paces = Paces(workspace.cache)
    like, _ = paces.expected(kind.device, kind.backbone, kind.input_size, config.batch_size)
    pace = stopwatch.pace(Work(STEPS, len(train), len(val), STEPS // 2), like, finished=True)
    if pace is None:
        return None
    # Of so few steps the median counts: one moment in which something else worked would rule their mean.
    step = min([pace.step, *(config.batch_size / rate for rate in rates[-1:])])
    return replace(pace, step=step, memory_bytes=memory_bytes())


if __name__ == "__main__":
    code = main(sys.argv[1:])
    logging.shutdown()
    # TensorFlow's threads have been seen to hang in an orderly exit.
    os._exit(code)
