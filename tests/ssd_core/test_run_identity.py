"""Whatever changes a run's result makes it another run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ssd_core.run_identity import run_identity
from tests.ssd_core.small_training import CONFIG, SETTINGS, squares


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("detector config", {"config": replace(CONFIG, classes=("bolt", "nut"))}),
        ("training config", {"settings": replace(SETTINGS, seed=5)}),
        ("earlier model", {"earlier_model": "another digest"}),
        ("set of training images", {"train": squares(3, seed=1)}),
        ("set of validation images", {"val": squares(1)}),
    ],
)
def test_each_part_is_told_apart(name: str, change: dict[str, object]) -> None:
    same = {
        "train": squares(3),
        "val": squares(2),
        "config": CONFIG,
        "settings": SETTINGS,
        "earlier_model": None,
    }
    before, after = run_identity(**same), run_identity(**{**same, **change})  # type: ignore[arg-type]
    assert [key for key in before if before[key] != after[key]] == [name]
    assert run_identity(**same) == before  # type: ignore[arg-type]


def test_a_place_with_nothing_makes_another_run() -> None:
    (square,) = squares(1)
    marked = replace(square, negative_boxes_xyxy=[[0, 0, 5, 5]])
    first, second = (run_identity([one], [], CONFIG, SETTINGS, None) for one in (square, marked))
    assert [key for key in first if first[key] != second[key]] == ["set of training images"]
