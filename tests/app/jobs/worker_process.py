"""A real worker with the fake trainer, or with the real one on a tiny network if MODE is ``tiny``.

Arguments: MODE IDLE-SECONDS [HOST], where a negative number stays; HOST is what this machine is called then.
"""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

from app.jobs import worker
from app.jobs.children import python_command
from app.settings import Settings

TRAINER = Path(__file__).with_name("fake_trainer.py")


def command(run_id: str, attempt: int) -> list[str]:
    if sys.argv[1] == "tiny":
        return python_command("tests.app.jobs.tiny_trainer", run_id, str(attempt), str(os.getpid()))
    return [sys.executable, str(TRAINER), sys.argv[1], run_id, str(attempt), str(os.getpid())]


if __name__ == "__main__":
    # The true lease is longer than a test should wait; everything else is as it ships.
    worker.SECONDS_UNTIL_TAKEN_OVER = 4.0
    worker.SECONDS_BETWEEN_LOOKS = 0.3
    worker.SECONDS_BETWEEN_LOOKS_AT_THE_DISK = 0.3
    worker.free_bytes = lambda workspace: 0 if (workspace.root / "disk-is-full").exists() else 10**12
    idle = float(sys.argv[2])
    if len(sys.argv) > 3:
        socket.gethostname = lambda: sys.argv[3]
    worker.run_worker(Settings(), idle if idle >= 0 else None, command)
