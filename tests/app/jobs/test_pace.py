"""From what a run tells to what the next one of its kind is promised."""

from __future__ import annotations

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
    """A stopwatch that heard of a run of 21 steps at 2 s with one validation at the end."""
    moments = iter([5.0, 9.0, 30.0, 32.0, 70.0, 70.0, 80.0, 80.0, 100.0, 100.0, 100.0])
    stopwatch = Stopwatch(lambda: next(moments))
    for phase, step, metrics in (
        ("preparing", 0, None),
        ("preparing", 0, None),
        ("training", 0, None),
        ("training", 1, None),
        ("training", 20, None),
        ("validating", 20, None),
        ("training", 20, {"AP": 0.5}),
        ("finishing", 20, None),
    ):
        stopwatch.tell(Progress(phase, step, 20, 0, 1, metrics=metrics))  # type: ignore[arg-type]
    return stopwatch


def test_a_finished_run_is_measured_part_by_part(told: Stopwatch) -> None:
    work = Work(steps=20, train=6, val=2, validate_every=20)
    pace = told.pace(work, GUESS, finished=True)
    assert pace is not None
    # 48 s from step 1 to the end, 10 of them looking at 2 images; 19 steps in the rest.
    assert pace.step == 2
    assert pace.look_at_image == 5
    assert pace.prepare_image == 0.5
    assert pace.start == 32 - 4 - 2
    assert (pace.finish_image, pace.finish) == (5, 20 - 10)
    assert pace.seconds(work) == 100


def test_a_resumed_run_measures_nothing() -> None:
    stopwatch = Stopwatch(lambda: 1.0)
    for step in (50, 51, 70):
        stopwatch.tell(Progress("training", step, 100, 0, 1))
    assert stopwatch.pace(Work(100, 5, 5, 10), GUESS, finished=True) is None
