"""Every pass over the images is told once, with the mean of its losses."""

from __future__ import annotations

import pytest

from ssd_core.epochs import Epoch, EpochTally


def _told(images: int, batch_size: int, steps: int) -> list[Epoch]:
    told: list[Epoch] = []
    tally = EpochTally(told.append, images, batch_size)
    for step in range(1, steps + 1):
        tally.add((3.0 * step, step, 2.0 * step))
        if step % 2 == 0:
            tally.validated({"AP": step})
        tally.end_step(step)
    return told


def test_a_pass_ends_with_the_step_that_shows_its_last_image() -> None:
    # Positions 0 to 7, 8 to 15, 16 to 23: the first pass of ten ends in the second step.
    assert [(epoch.number, epoch.step) for epoch in _told(10, 8, 5)] == [(1, 2), (2, 3), (3, 4), (4, 5)]
    assert [(epoch.number, epoch.step) for epoch in _told(8, 4, 5)] == [(1, 2), (2, 4)]


def test_its_losses_are_the_means_over_its_steps() -> None:
    first, second = _told(8, 4, 4)
    assert (first.loss, first.localisation_loss, first.classification_loss) == pytest.approx((4.5, 1.5, 3.0))
    assert second.loss == pytest.approx(10.5)


def test_it_has_the_metrics_of_its_own_validation() -> None:
    assert [epoch.metrics for epoch in _told(4, 4, 4)] == [None, {"AP": 2}, None, {"AP": 4}]


def test_a_step_of_more_images_than_there_are_ends_several_passes() -> None:
    told = _told(3, 8, 2)
    assert [(epoch.number, epoch.step) for epoch in told] == [(1, 1), (2, 1), (3, 2), (4, 2), (5, 2)]
    assert [epoch.loss for epoch in told] == pytest.approx([3, 3, 6, 6, 6])
