"""What the studio costs while nobody uses it: its start, processor time and memory of server and worker.

python -m tests.benchmarks.idle [--seconds 60]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil

from app.jobs.locks import is_held
from app.workspace import Workspace

#: Starting costs processor time that idling does not.
SECONDS_TO_SETTLE = 15.0
PATIENCE_SECONDS = 120.0


def main() -> None:
    """Start a studio on an empty workspace, leave it alone, and print what it took."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=60.0)
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as folder:
        # The first start makes the database, which later ones do not.
        _measure(Path(folder), 0.0, quiet=True)
        _measure(Path(folder), seconds, quiet=False)


def _measure(workspace: Path, seconds: float, *, quiet: bool) -> None:
    began = time.monotonic()
    command = [sys.executable, "-m", "app", "serve", "--port", "0", "--workspace", str(workspace)]
    server = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    )
    try:
        assert server.stdout is not None
        address = next(word for line in server.stdout for word in line.split() if word.startswith("http"))
        _wait_for_page(address)
        page = time.monotonic() - began
        lock = Workspace(workspace).worker_lock("0")
        while not is_held(lock) and time.monotonic() - began < PATIENCE_SECONDS:
            time.sleep(0.1)
        worker_up = time.monotonic() - began
        if not quiet:
            print(f"the page answers after           {page:6.1f} s")
            print(f"the worker is there after        {worker_up:6.1f} s")
            time.sleep(SECONDS_TO_SETTLE)
            _print_idle(server.pid, workspace, seconds)
    finally:
        server.terminate()
        server.wait(30)
        for worker in _workers(workspace):
            worker.terminate()
            worker.wait(30)


def _wait_for_page(address: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                answer.read()
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.1)
    raise TimeoutError(f"{address} did not answer")


def _workers(workspace: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            mine = process.environ().get("SSD_STUDIO_WORKSPACE") == str(workspace)
            if mine and "worker" in process.cmdline():
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def _print_idle(server: int, workspace: Path, seconds: float) -> None:
    (worker,) = _workers(workspace)
    processes = {"server": psutil.Process(server), "worker": worker}
    before = {name: sum(process.cpu_times()[:2]) for name, process in processes.items()}
    time.sleep(seconds)
    total = 0.0
    for name, process in processes.items():
        share = (sum(process.cpu_times()[:2]) - before[name]) / seconds
        memory = process.memory_info().rss
        loaded = any("tensorflow" in each.path for each in process.memory_maps())
        total += share
        with_tensorflow = "with TensorFlow" if loaded else "no TensorFlow"
        print(f"{name}: {share:8.1%} of a core {memory / 2**20:8.0f} MB, {with_tensorflow}")
    print(f"together: {total:6.1%} of a core over {seconds:.0f} s without a page")


if __name__ == "__main__":
    main()
