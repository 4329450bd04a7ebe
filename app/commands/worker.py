"""``ssd-studio worker``: trains what is queued; `serve` and `train` start one by themselves."""

from __future__ import annotations

import argparse
from typing import Any

from app.commands.opening import settings_of


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """Describe the command."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "worker",
        help="train what is queued (serve and train start one by themselves)",
        description="Take trainings out of the queue, one at a time. Ctrl-C lets a running one save itself; "
        "the next worker goes on with it.",
    )
    parser.add_argument("--device", metavar="N", help="GPU to train on, cpu, or all GPUs (default: 0)")
    parser.add_argument(
        "--idle-exit",
        type=float,
        metavar="SECONDS",
        help="leave after this long without a server or an unfinished run (default: stay)",
    )
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Work until told to leave."""
    from app.jobs.worker import run_worker

    run_worker(settings_of(arguments), arguments.idle_exit)
