"""From which step a run goes on, by what lies in its folder."""

from __future__ import annotations

from pathlib import Path

from app.jobs.saved_state import saved_step


def test_the_newest_state_that_is_whole_counts(tmp_path: Path) -> None:
    assert saved_step(tmp_path) == 0
    folder = tmp_path / "checkpoints"
    (folder / "ckpt-30_temp").mkdir(parents=True)
    for name in ("checkpoint", "ckpt-9.index", "ckpt-20.index", "ckpt-30.data-00000-of-00001"):
        (folder / name).touch()
    assert saved_step(tmp_path) == 20
