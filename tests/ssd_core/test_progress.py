"""Reports come twice a second at most, and the time left is measured, not guessed."""

from __future__ import annotations

import pytest

from ssd_core.progress import Progress, Reporter


class _Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def _reporter(told: list[Progress], clock: _Clock, validate_every: int | None = 10) -> Reporter:
    return Reporter(
        told.append, images=20, steps=35, batch_size=8, validate_every=validate_every, clock=clock
    )


def test_reports_in_quick_succession_are_left_out_unless_forced() -> None:
    told: list[Progress] = []
    clock = _Clock()
    reporter = _reporter(told, clock)
    reporter.report("training", 1)
    clock.now += 0.3
    reporter.report("training", 2)
    reporter.report("training", 3, force=True)
    clock.now += 0.6
    reporter.report("training", 4)
    assert [progress.step for progress in told] == [1, 3, 4]


def test_a_report_counts_epochs_and_means_the_losses_since_the_last() -> None:
    told: list[Progress] = []
    clock = _Clock()
    reporter = _reporter(told, clock)
    reporter.report("preparing", 0)
    reporter.step_done(4.0, 1.0)
    reporter.step_done(2.0, 1.0)
    reporter.report("training", 5, force=True, metrics={"AP": 0.5})
    assert told[0] == Progress("preparing", 0, 35, 0, 14, None, None, None)
    assert told[1].loss == 3.0
    assert (told[1].epoch, told[1].total_epochs) == (2, 14)
    assert told[1].metrics == {"AP": 0.5}


def test_the_time_left_has_steps_and_validations_but_not_the_compilation() -> None:
    reporter = _reporter([], _Clock())
    reporter.step_done(1.0, 60.0)
    assert reporter.seconds_left(1) is None
    for _ in range(3):
        reporter.step_done(1.0, 2.0)
    reporter.validation_done(5.0)
    # 35 steps, validated after 10, 20, 30 and 35: from step 10 on, 25 steps and three validations.
    assert reporter.seconds_left(10) == pytest.approx(25 * 2 + 3 * 5)
    assert reporter.seconds_left(35) == 0
    assert reporter.images_per_second == 4.0


def test_without_validation_only_steps_count() -> None:
    reporter = _reporter([], _Clock(), validate_every=None)
    reporter.step_done(1.0, 9.0)
    reporter.step_done(1.0, 2.0)
    assert reporter.seconds_left(5) == pytest.approx(60)
