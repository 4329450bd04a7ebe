"""What is removed when no room is left, and what a run then waits for."""

from __future__ import annotations

from pathlib import Path

from app.jobs.full_disk import SPARE_BYTES, clear, needed_bytes


def test_only_what_is_half_written_is_removed(tmp_path: Path) -> None:
    (tmp_path / "checkpoints" / "ckpt-9_temp").mkdir(parents=True)
    (tmp_path / "model-2").mkdir()
    kept = (
        "checkpoints/ckpt-8.index",
        "checkpoints/checkpoint",
        "best-00000008.weights.h5",
        "train.log",
        "run.json",
    )
    for name in (
        *kept,
        "checkpoints/ckpt-9_temp/part",
        "writing-best-00000009.weights.h5",
        "model-2/card.json",
    ):
        (tmp_path / name).write_bytes(b"12345")
    clear(tmp_path)
    assert sorted(
        str(path.relative_to(tmp_path)) for path in tmp_path.glob("**/*") if path.is_file()
    ) == sorted(kept)


def test_a_run_needs_room_for_its_next_state_and_for_its_model(tmp_path: Path) -> None:
    assert needed_bytes(tmp_path) == SPARE_BYTES
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "ckpt-8.data").write_bytes(bytes(1000))
    (tmp_path / "best-00000008.weights.h5").write_bytes(bytes(100))
    assert needed_bytes(tmp_path) == SPARE_BYTES + 2000 + 400
