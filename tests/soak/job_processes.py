"""The studio and the worker of the soak, to be killed: ``python -m tests.soak.job_processes ROLE``.

They are what ``ssd-studio serve`` and ``ssd-studio worker`` are made of; the server of pages is left out, and
the trainer's network has two layers.
"""

from __future__ import annotations

import os
import signal
import sys

from app.bootstrap import open_studio
from app.jobs import keeper, worker
from app.jobs.children import python_command
from app.settings import Settings

#: A run whose worker is gone is taken over after this time, so that a trial does not take a minute.
SECONDS_UNTIL_TAKEN_OVER = 6.0


def command(run_id: str, attempt: int) -> list[str]:
    """The trainer on the tiny network."""
    return python_command("tests.app.jobs.tiny_trainer", run_id, str(attempt), str(os.getpid()))


def main(role: str) -> None:
    """Be the worker, or the studio that keeps one."""
    if role == "worker":
        worker.SECONDS_UNTIL_TAKEN_OVER = SECONDS_UNTIL_TAKEN_OVER
        worker.run_worker(Settings(), keeper.IDLE_SECONDS, command)
    # Read by the trainer, so that there is time to kill it between two steps.
    os.environ["SLOWLY"] = "1"
    keeper.python_command = lambda *_: python_command("tests.soak.job_processes", "worker")
    with open_studio(Settings()) as studio, studio.workers.keep():
        print("ready", flush=True)
        signal.pause()


if __name__ == "__main__":
    main(sys.argv[1])
