"""How much two boxes overlap: their intersection over their union."""

from __future__ import annotations

import pytest

from data.box_overlap import Corners, iou

ONE = (0.0, 0.0, 4.0, 2.0)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (ONE, 1.0),
        ((0.0, 0.0, 2.0, 2.0), 0.5),
        ((2.0, 0.0, 6.0, 2.0), 1 / 3),
        ((4.0, 0.0, 8.0, 2.0), 0.0),
        ((5.0, 5.0, 6.0, 6.0), 0.0),
    ],
    ids=["itself", "its half", "half beside it", "touching", "apart"],
)
def test_the_overlap_is_what_both_share_of_what_they_cover(other: Corners, expected: float) -> None:
    assert iou(ONE, other) == iou(other, ONE) == expected
