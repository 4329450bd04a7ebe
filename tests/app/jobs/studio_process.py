"""A studio that keeps a worker with the fake trainer until it is killed; argument: the trainer's MODE."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from app.bootstrap import open_studio
from app.jobs import keeper
from app.settings import Settings

WORKER = Path(__file__).with_name("worker_process.py")

if __name__ == "__main__":
    keeper.python_command = lambda *_: [sys.executable, str(WORKER), sys.argv[1], "1"]
    with open_studio(Settings()) as studio, studio.workers.keep():
        signal.pause()
