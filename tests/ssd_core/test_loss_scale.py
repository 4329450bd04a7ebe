"""The factor falls when gradients overflow and rises when they have not for long."""

from __future__ import annotations

import pytest

from ssd_core.loss_scale import LossScale


def test_it_cancels_out() -> None:
    scale = LossScale(active=True)
    assert float(scale.unscaled(scale.scaled(0.3))) == pytest.approx(0.3)
    assert float(scale.scaled(0.3)) == pytest.approx(0.3 * 2**15)


def test_it_halves_with_each_overflow_down_to_one() -> None:
    scale = LossScale(active=True)
    assert [scale.overflowed() for _ in range(17)] == [True] * 15 + [False] * 2
    assert float(scale.value) == 1.0


def test_it_doubles_after_two_thousand_good_steps_in_a_row() -> None:
    scale = LossScale(active=True)
    scale.good_steps.assign(1998)
    scale.went_well()
    scale.overflowed()
    scale.good_steps.assign(1998)
    scale.went_well()
    assert float(scale.value) == 2**14
    scale.went_well()
    assert float(scale.value) == 2**15
    assert int(scale.good_steps) == 0


def test_other_precisions_need_none() -> None:
    scale = LossScale(active=False)
    assert scale.scaled(0.3) == 0.3
    assert scale.unscaled(0.3) == 0.3
    assert not scale.overflowed()
    scale.went_well()
    assert (float(scale.value), int(scale.good_steps)) == (1.0, 0)
