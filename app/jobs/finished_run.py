"""What stays of a run once its model is there: hundreds of megabytes less."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

from app.jobs import tensorboard

#: Of a finished run stay the logs, the lock and the small notes; its best weights are the model's.
KEPT_OF_A_RUN = frozenset({".log", ".lock", ".json"})


def forget_checkpoints(folder: Path) -> None:
    """Remove from a run's folder what only a resume would need, if it is still there and can be removed."""
    with suppress(FileNotFoundError):
        for entry in folder.iterdir():
            if entry.suffix in KEPT_OF_A_RUN or entry.name == tensorboard.FOLDER:
                continue
            with suppress(OSError):
                if entry.is_dir():
                    shutil.rmtree(entry)
                else:
                    entry.unlink()
