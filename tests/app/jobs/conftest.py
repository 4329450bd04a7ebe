"""Starting real workers with a fake trainer, on SQLite and, where one is given, on PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg
import pytest

from app.bootstrap import Studio
from app.jobs.children import child_environment
from app.settings import Settings
from data.database import Database

WORKER = Path(__file__).with_name("worker_process.py")
STUDIO = Path(__file__).with_name("studio_process.py")
# A server to test on as well, for example postgresql://user@host/name; every test gets a database of its own.
POSTGRES = os.environ.get("SSD_STUDIO_TEST_POSTGRES")


@pytest.fixture(params=["sqlite", "postgresql"] if POSTGRES else ["sqlite"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    given = Settings(workspace=tmp_path / "workspace", database_url=None, port=0, device="0")
    if request.param == "sqlite":
        yield given
        return
    assert POSTGRES is not None
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(POSTGRES, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"'.encode())
    yield given.model_copy(update={"database_url": urlsplit(POSTGRES)._replace(path=f"/{name}").geturl()})
    with psycopg.connect(POSTGRES, autocommit=True) as server:
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@pytest.fixture
def database(studio: Studio, settings: Settings) -> Iterator[Database]:
    """The studio's database, opened once more, as a worker or a trainer does."""
    opened = Database.open(settings.database_url, settings.workspace)
    yield opened
    opened.close()


@pytest.fixture
def start_worker(settings: Settings) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start worker processes; at the end they and their trainers are gone, and their log is printed."""
    started: list[subprocess.Popen[bytes]] = []
    log = settings.workspace.parent / "worker.log"

    def start(
        mode: str, *, idle: float = -1.0, device: str = "0", host: str | None = None
    ) -> subprocess.Popen[bytes]:
        with log.open("ab") as output:
            worker = subprocess.Popen(
                [sys.executable, str(WORKER), mode, str(idle), *([host] if host else [])],
                env=child_environment(settings.model_copy(update={"device": device})),
                stdout=output,
                stderr=output,
            )
        started.append(worker)
        return worker

    yield start
    for worker in started:
        if worker.poll() is None:
            trainers = psutil.Process(worker.pid).children(recursive=True)
            worker.kill()
            for trainer in trainers:
                trainer.kill()
        worker.wait()
    print(log.read_text() if log.exists() else "no worker was started")


@pytest.fixture
def start_studio(settings: Settings) -> Iterator[Callable[[str], subprocess.Popen[bytes]]]:
    """Start a studio that keeps a worker; at the end all processes of its workspace are gone."""
    started: list[subprocess.Popen[bytes]] = []

    def start(mode: str) -> subprocess.Popen[bytes]:
        studio = subprocess.Popen([sys.executable, str(STUDIO), mode], env=child_environment(settings))
        started.append(studio)
        return studio

    yield start
    for process in [*started, *processes_of(settings)]:
        process.kill()
    for studio in started:
        studio.wait()


def processes_of(settings: Settings) -> list[psutil.Process]:
    """Every living process of a workspace but this one."""
    found = []
    for process in psutil.process_iter():
        try:
            mine = process.environ().get("SSD_STUDIO_WORKSPACE") == str(settings.workspace)
            if mine and process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found
