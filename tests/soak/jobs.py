"""Kill the studio, its worker, its trainer or all of them at random moments of a run.

    python -m tests.soak.jobs --results FILE [--moments 10] [--only trainer]

Each trial trains the same tiny network with the same seed, in a workspace of its own, on SQLite and, where
SSD_STUDIO_TEST_POSTGRES names a server, on PostgreSQL. A trial is passed if the run ends with the weights of
an undisturbed one, one model is registered, and no process is left over. Results are appended to the file, a
line of JSON each; trials that it says were passed are not repeated.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import random
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

import h5py
import psutil
import psycopg
from PIL import Image, ImageDraw

from app.bootstrap import Studio, open_studio
from app.jobs.children import child_environment, python_command
from app.settings import Settings
from data.records import Box, Run

POSTGRES = os.environ.get("SSD_STUDIO_TEST_POSTGRES")
VICTIMS = ("ui", "worker", "trainer", "all")
PATIENCE_SECONDS = 900.0
#: Of the undisturbed run's time in which the others are killed: the machine may be quicker the second time.
SHARE = 0.6
STEPS = 30


@dataclass(frozen=True, slots=True)
class Trial:
    """One line of the results; ``victim`` none is the undisturbed run."""

    database: str
    victim: str
    moment: int
    passed: bool
    after_seconds: float
    at_step: int
    seconds: float
    attempts: int
    digest: str
    trouble: str = ""


def main() -> int:
    """Do the trials that are not passed yet; gives 1 if one failed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--results", type=Path, required=True)
    parser.add_argument("--moments", type=int, default=10)
    parser.add_argument("--only", choices=VICTIMS, action="append")
    arguments = parser.parse_args()
    known = _read(arguments.results)
    failed = 0
    for database in ("sqlite", "postgresql") if POSTGRES else ("sqlite",):
        calm = _known(known, database, "none", 0) or _done(arguments.results, _try(database, "none", 0, None))
        for moment in range(1, arguments.moments + 1):
            for victim in arguments.only or VICTIMS:
                if not _known(known, database, victim, moment):
                    failed += not _done(arguments.results, _try(database, victim, moment, calm)).passed
    return 1 if failed else 0


def _read(file: Path) -> list[Trial]:
    if not file.exists():
        return []
    return [Trial(**json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()]


def _known(trials: list[Trial], *which: object) -> Trial | None:
    return next((t for t in trials if t.passed and (t.database, t.victim, t.moment) == which), None)


def _done(file: Path, trial: Trial) -> Trial:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(asdict(trial)) + "\n")
    print(
        f"{trial.database:10} {trial.victim:8} {trial.moment:2}  {'passed' if trial.passed else 'FAILED'}  "
        f"killed after {trial.after_seconds:5.1f} s at step {trial.at_step:2}, {trial.attempts} attempts, "
        f"{trial.seconds:5.1f} s  {trial.trouble}",
        flush=True,
    )
    return trial


def _try(database: str, victim: str, moment: int, calm: Trial | None) -> Trial:
    folder = Path(tempfile.mkdtemp(prefix="soak-jobs-"))
    chance = random.Random(f"{victim} {moment}").random()
    after = chance * SHARE * calm.seconds if calm else 0.0
    # Half of the moments are in the steps, which are the shorter part of so small a run.
    at_step = int(1 + chance * (STEPS - 2)) if moment % 2 else 0
    try:
        with (
            _url(database) as url,
            open_studio(Settings(workspace=folder, database_url=url, device="cpu")) as studio,
        ):
            return _trial(studio, database, victim, moment, calm, after, at_step)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _trial(
    studio: Studio, database: str, victim: str, moment: int, calm: Trial | None, after: float, at_step: int
) -> Trial:
    run = _start_run(studio)
    began, step, too_late = time.monotonic(), 0, False
    ui = _start_ui(studio)
    try:
        if calm is not None:
            now = _state(studio, run)
            while now.outcome is None and (
                now.step < at_step if at_step else time.monotonic() - began < after
            ):
                time.sleep(0.05)
                now = _state(studio, run)
            after = time.monotonic() - began
            step, too_late = now.step, now.outcome is not None
            _kill(studio, victim, ui)
            # The worker outlives its studio; somebody must come back only if both are gone.
            ui = _start_ui(studio) if victim == "all" else ui
        ended = _wait(studio, run)
        seconds = time.monotonic() - began
        digest = _digest(studio, ended)
        trouble = "it ended before it was killed" if too_late else _trouble(studio, ended, digest, calm)
    finally:
        _end(studio, ui)
    left = _processes(studio)
    trouble += f" left over: {[process.cmdline() for process in left]}" if left else ""
    return Trial(database, victim, moment, not trouble, after, step, seconds, ended.attempts, digest, trouble)


def _trouble(studio: Studio, ended: Run, digest: str, calm: Trial | None) -> str:
    if ended.outcome != "done":
        return f"the run is {ended.outcome}: {ended.error}"
    if len(studio.models.list_all()) != 1:
        return f"{len(studio.models.list_all())} models"
    if calm is not None and digest != calm.digest:
        return "other weights than the undisturbed run"
    return ""


def _start_run(studio: Studio) -> Run:
    project = studio.labelling.create_project("squares")
    square = studio.labelling.add_class(project.id, "square")
    files = []
    for number in range(8):
        picture, stream = Image.new("RGB", (96, 96), (20 * number, 40, 60)), io.BytesIO()
        ImageDraw.Draw(picture).rectangle(_box(number), fill=(230, 230, 0))
        picture.save(stream, "PNG")
        stream.seek(0)
        files.append((f"{number}.png", stream))
    studio.exchange.upload(project.id, files)
    for image in studio.labelling.images(project.id, limit=50).images:
        box = Box("box", square.id, *_box(int(image.name[0])))
        studio.labelling.save_boxes(image.id, [box], image.revision, uuid.uuid4().hex)
    return studio.training.start(project.id, steps=STEPS, batch=2, backbone="vgg16", input_size=64, seed=1)


def _box(number: int) -> tuple[int, int, int, int]:
    return 10 + 3 * number, 12, 50 + 3 * number, 60


def _start_ui(studio: Studio) -> subprocess.Popen[bytes]:
    ui = subprocess.Popen(
        python_command("tests.soak.job_processes", "ui"),
        env=child_environment(studio.settings),
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
    )
    assert ui.stdout is not None
    assert ui.stdout.readline() == b"ready\n"
    return ui


def _kill(studio: Studio, victim: str, ui: subprocess.Popen[bytes]) -> None:
    doomed = [process for process in _processes(studio) if victim == "all" or _role(process) == victim]
    for process in doomed:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    if victim in ("ui", "all"):
        ui.wait()


def _role(process: psutil.Process) -> str:
    try:
        line = process.cmdline()
    except psutil.Error:
        return "gone"
    if "tests.app.jobs.tiny_trainer" in line:
        return "trainer"
    return line[-1] if "tests.soak.job_processes" in line else "other"


def _processes(studio: Studio) -> list[psutil.Process]:
    """All living processes of the trial's workspace but this one."""
    found = []
    for process in psutil.process_iter():
        try:
            mine = process.environ().get("SSD_STUDIO_WORKSPACE") == str(studio.workspace.root)
            if mine and process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def _state(studio: Studio, run: Run) -> Run:
    return studio.training.progress(run.id).run


def _wait(studio: Studio, run: Run) -> Run:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        now = _state(studio, run)
        if now.outcome is not None:
            return now
        time.sleep(0.2)
    return _state(studio, run)


def _end(studio: Studio, ui: subprocess.Popen[bytes]) -> None:
    """End what is meant to live, as a person does, and give it time to go."""
    if ui.poll() is None:
        ui.kill()
    ui.wait()
    for process in _processes(studio):
        if _role(process) == "worker":
            process.terminate()
    psutil.wait_procs(_processes(studio), timeout=30)


def _digest(studio: Studio, ended: Run) -> str:
    """Of every weight of the model, by name."""
    if ended.model_id is None:
        return ""
    digest = hashlib.sha256()
    with h5py.File(studio.models.folder(ended.model_id) / "model.weights.h5") as file:
        names: list[str] = []
        file.visit(names.append)
        for name in sorted(names):
            if isinstance(file[name], h5py.Dataset):
                digest.update(name.encode() + file[name][()].tobytes())
    return digest.hexdigest()


@contextmanager
def _url(database: str) -> Iterator[str | None]:
    if database == "sqlite":
        yield None
        return
    assert POSTGRES is not None
    name = f"soak_{uuid.uuid4().hex}"
    with psycopg.connect(POSTGRES, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"'.encode())
    yield urlsplit(POSTGRES)._replace(path=f"/{name}").geturl()
    with psycopg.connect(POSTGRES, autocommit=True) as server:
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


if __name__ == "__main__":
    raise SystemExit(main())
