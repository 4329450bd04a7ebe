"""What a run leaves half-written when the disk is full, and how much room it needs to go on."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from app.jobs.saved_state import CHECKPOINTS

#: For the database, logs and whatever else grows meanwhile.
SPARE_BYTES = 64 * 1024 * 1024
#: Names of what is written before it is renamed, and of what would only be made again.
_PARTIAL = ("writing-*", "*.making", "*.new", "*.tmp", ".*.making", "model-*", "timing")


def needed_bytes(folder: Path) -> int:
    """How much must be free for a run's next state, next best weights and model."""
    saved = [path.stat().st_size for path in _files(folder / CHECKPOINTS)]
    best = [path.stat().st_size for path in folder.glob("best-*")]
    return SPARE_BYTES + 2 * max(saved, default=0) + 4 * max(best, default=0)


def clear(folder: Path) -> None:
    """Remove what was being written when no room was left."""
    partial = [path for pattern in _PARTIAL for path in folder.glob(pattern)]
    partial += [path for path in (folder / CHECKPOINTS).glob("*") if "temp" in path.name]
    for path in partial:
        with suppress(OSError):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.glob("**/*") if path.is_file())
