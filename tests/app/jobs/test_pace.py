"""From what a run tells to what the next one of its kind is promised."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.jobs.pace import GUESS, Pace, Paces, Stopwatch, Work
from ssd_core.progress import Progress

PACE = Pace(start=10, prepare_image=1, step=2, look_at_image=0.5, finish=20, finish_image=3)


def test_a_run_takes_the_sum_of_its_parts() -> None:
    # Validated after steps 4, 8 and 10; of more than 200 images 200 are looked at each time.
    work = Work(steps=10, train=5, val=300, validate_every=4)
    assert PACE.seconds(work) == 10 + 205 + 20 + 3 * 100 + 20 + 900


def test_what_was_measured_is_known_again_and_other_kinds_follow_from_it(tmp_path: Path) -> None:
    paces = Paces(tmp_path)
    assert paces.expected("0", "resnet50", 300, 8)[1] is False
    paces.keep("0", "efficientnet_lite0", 300, 8, PACE)
    assert paces.expected("0", "efficientnet_lite0", 300, 8) == (PACE, True)
    other, measured = paces.expected("0", "efficientnet_lite0", 300, 16)
    assert (other.step, other.start, measured) == (4, 10, False)
    assert paces.known("1", "efficientnet_lite0", 300, 8) is None
    (tmp_path / "paces.json").write_text("torn")
    assert paces.known("0", "efficientnet_lite0", 300, 8) is None


@pytest.fixture
def told() -> Stopwatch:
    """A stopwatch that heard of a run of 20 steps at 2 s, validated after 16 and 20 of them."""
    moments = iter([5.0, 9.0, 30.0, 40.0, 60.0, 60.0, 72.0, 80.0, 80.0, 90.0, 90.0, 100.0])
    stopwatch = Stopwatch(lambda: next(moments))
    for phase, step, metrics in (
        ("preparing", 0, None),
        ("preparing", 0, None),
        ("training", 0, None),
        ("training", 6, None),
        ("training", 16, None),
        ("validating", 16, None),
        ("training", 16, {"AP": 0.4}),
        ("training", 20, None),
        ("validating", 20, None),
        ("training", 20, {"AP": 0.5}),
        ("finishing", 20, None),
    ):
        stopwatch.tell(Progress(phase, step, 20, 0, 1, metrics=metrics))  # type: ignore[arg-type]
    return stopwatch


def test_a_finished_run_is_measured_part_by_part(told: Stopwatch) -> None:
    work = Work(steps=20, train=6, val=2, validate_every=16)
    pace = told.pace(work, GUESS, finished=True)
    assert pace is not None
    # 50 s from step 6 to the end, 22 of them looking twice at 2 images; 14 steps in the rest. The first look
    # compiled for 2 s.
    assert pace.step == 2
    assert pace.look_at_image == 5
    assert pace.prepare_image == 0.5
    assert pace.start == 40 - 4 - 6 * 2 + 2
    assert (pace.finish_image, pace.finish) == (5, 10 - 10)
    assert pace.seconds(work) == 100


def test_the_steps_that_compile_are_no_measure_of_those_that_follow() -> None:
    moments = iter([0.0, 0.0, 10.0, 30.0, 31.0, 41.0])
    stopwatch = Stopwatch(lambda: next(moments))
    stopwatch.tell(Progress("preparing", 0, 20, 0, 1))
    for step in (0, 1, 2, 6, 16):
        stopwatch.tell(Progress("training", step, 20, 0, 1))
    pace = stopwatch.pace(Work(20, 5, 0, 20), GUESS, finished=False)
    assert pace is not None
    assert pace.step == 1


def test_minutes_of_learning_are_promised_with_what_comes_before_and_after() -> None:
    work = Work(steps=1000, train=10, val=20, validate_every=100)
    # Ten steps are timed in a process that starts; then it starts again, prepares, and makes the model.
    assert PACE.seconds_for_minutes(2, work, 10) == (10 + 20) + 120 + (10 + 30) + (20 + 60)


def test_what_runs_truly_took_is_averaged_and_the_nearest_kind_speaks_for_others(tmp_path: Path) -> None:
    paces = Paces(tmp_path)
    paces.keep("0", "resnet50", 300, 8, replace(PACE, step=99.0))
    paces.learn("0", "resnet50", 300, 8, replace(PACE, step=8.0, memory_bytes=5))
    paces.learn("0", "resnet50", 300, 8, replace(PACE, step=4.0, memory_bytes=3))
    assert paces.known("0", "resnet50", 300, 8) == replace(PACE, step=6.0, memory_bytes=5, runs=2)
    paces.keep("0", "efficientnet_lite0", 300, 8, PACE)
    assert paces.expected("0", "efficientnet_lite0", 300, 4)[0].step == 1.0


def test_a_resumed_run_measures_nothing() -> None:
    stopwatch = Stopwatch(lambda: 1.0)
    for step in (50, 51, 70):
        stopwatch.tell(Progress("training", step, 100, 0, 1))
    assert stopwatch.pace(Work(100, 5, 5, 10), GUESS, finished=True) is None
