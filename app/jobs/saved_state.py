"""Where a run goes on from when it is taken up again: the newest state in its folder."""

from __future__ import annotations

from pathlib import Path

#: In a run's folder.
CHECKPOINTS = "checkpoints"


def saved_step(folder: Path) -> int:
    """The step after which the newest state in a run's folder was saved; 0 if there is none."""
    # TensorFlow names an index file last: what has none is not whole.
    steps = (path.stem.rpartition("-")[2] for path in (folder / CHECKPOINTS).glob("*.index"))
    return max((int(step) for step in steps if step.isdecimal()), default=0)
