"""Patience ends after so many validations in a row that brought nothing better."""

from __future__ import annotations

import pytest

from ssd_core.early_stopping import Patience


def _looked_at(limit: int, scores: list[float]) -> list[bool]:
    patience = Patience(limit)
    lost = []
    for score in scores:
        patience.look(score)
        lost.append(patience.lost is not None)
    return lost


@pytest.mark.parametrize(
    ("limit", "scores", "lost"),
    [
        (2, [0.5, 0.4, 0.4], [False, False, True]),
        (2, [0.5, 0.4, 0.6, 0.5, 0.5], [False, False, False, False, True]),
        (1, [0.0, 0.0], [False, True]),
        (0, [0.5, 0.1, 0.1, 0.1], [False] * 4),
    ],
)
def test_it_is_lost_after_as_many_in_a_row_as_the_limit(
    limit: int, scores: list[float], lost: list[bool]
) -> None:
    assert _looked_at(limit, scores) == lost


def test_it_says_what_was_not_surpassed() -> None:
    patience = Patience(3)
    for score in (0.25, 0.5, 0.5, 0.125, 0.0):
        patience.look(score)
    assert patience.lost == (
        "Stopped early: AP did not rise above 0.500 (smoothed) in the last 3 validations."
    )
