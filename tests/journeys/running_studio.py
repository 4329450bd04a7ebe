"""A served studio as the journeys see it: its address, its workspace, its processes."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class RunningStudio:
    """A served studio: where it answers and where its files are."""

    url: str
    workspace: Path

    def get(self, path: str) -> Any:
        """Answer of a GET under the server's root, from JSON."""
        return httpx.get(f"{self.url}{path}", timeout=30).raise_for_status().json()

    def command(self, *arguments: str) -> str:
        """Standard output of one command on the same workspace."""
        return subprocess.run(
            [sys.executable, "-m", "app", *arguments, "--workspace", str(self.workspace)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout


def processes_of(workspace: Path) -> list[psutil.Process]:
    """Every process whose command line or environment names the workspace."""
    found = []
    for process in psutil.process_iter():
        try:
            named = any(str(workspace) in part for part in process.cmdline())
            if named or process.environ().get("SSD_STUDIO_WORKSPACE") == str(workspace):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
    return [process for process in found if process.pid != os.getpid()]
