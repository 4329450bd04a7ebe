"""The colours of classes."""

from __future__ import annotations

import itertools

import pytest

from data.palette import PALETTE, colour_for, luminance


def contrast(one: float, other: float) -> float:
    light, dark = max(one, other), min(one, other)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("position", range(60))
def test_every_colour_stands_out_on_white_and_on_near_black(position):
    value = luminance(colour_for(position))
    assert contrast(value, 1.0) >= 3
    assert contrast(value, luminance("#111111")) >= 3


def test_the_first_forty_colours_are_all_different():
    assert len({colour_for(position) for position in range(40)}) == 40


def test_colours_of_the_palette_lie_apart():
    for one, other in itertools.combinations(PALETTE, 2):
        steps = [abs(int(one[i : i + 2], 16) - int(other[i : i + 2], 16)) for i in (1, 3, 5)]
        assert sum(steps) >= 60, (one, other)


def test_luminance_of_white_and_black_is_one_and_zero():
    assert luminance("#FFFFFF") == pytest.approx(1.0)
    assert luminance("#000000") == 0
