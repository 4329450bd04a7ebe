"""Each kind of failure, told in plain words with what its remedy needs."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from app.jobs.failures import failure_of, failure_of_interruptions, failure_of_kills
from data.errors import DiskFull, NotFound
from data.records import SnapshotImage
from ssd_core.errors import InvalidExample, OutOfMemory, TrainingDiverged, WeightsUnavailable

LOG = Path("/runs/1/train.log")


class ResourceExhaustedError(Exception):
    """Named as TensorFlow's own."""


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (WeightsUnavailable("Fetch them first."), "weights_unavailable", "Fetch them first."),
        (NotFound("The image is gone."), "unknown", "The image is gone."),
        (OutOfMemory("Choose a smaller input size."), "out_of_memory", "Choose a smaller input size."),
        (MemoryError(), "out_of_memory", "memory"),
        (ResourceExhaustedError("OOM when allocating tensor"), "out_of_memory", "memory"),
        (ResourceExhaustedError("checkpoint; No space left on device"), "disk_full", "disk is full"),
        (OSError(errno.ENOSPC, "No space left on device"), "disk_full", "disk is full"),
        (DiskFull("Nothing was saved."), "disk_full", "disk is full"),
        (TrainingDiverged("The loss is not a number."), "diverged", "not a number"),
        (InvalidExample("Image 'a': box 0 has no area."), "bad_data", "no area"),
        (ValueError("bad\nlong story"), "unknown", "ValueError: bad)"),
        (AssertionError(), "unknown", "(AssertionError)"),
    ],
    ids=lambda case: type(case).__name__,
)
def test_a_failure_is_told_in_plain_words(error: Exception, kind: str, words: str) -> None:
    failure = failure_of(error, LOG)
    assert failure.kind == kind
    assert words in failure.sentence


def image(image_id: int, name: str) -> SnapshotImage:
    return SnapshotImage(image_id, name, "hash", 10, 10, "train", ())


def test_a_failure_knows_the_images_that_it_names_in_their_order() -> None:
    images = [image(1, "1.png"), image(2, "street/1.png"), image(3, "3.png")]
    error = TrainingDiverged("The images of this step were 3.png, street/1.png: check them.")
    assert failure_of(error, LOG, images).detail == {"image_ids": [3, 2], "names": ["3.png", "street/1.png"]}


def test_a_full_disk_says_how_much_room_the_run_waits_for() -> None:
    assert failure_of(OSError(errno.ENOSPC, "full"), LOG, needed_bytes=7).detail == {"needed_bytes": 7}


@pytest.mark.parametrize(
    ("exit_code", "kind", "words"),
    [
        (-9, "out_of_memory", ["SIGKILL", "Perhaps", "memory"]),
        (-11, "unknown", ["SIGSEGV", "log"]),
        (-99, "unknown", ["a signal"]),
        (75, "worker_gone", ["interrupted"]),
    ],
)
def test_a_run_given_up_says_what_killed_it(exit_code: int, kind: str, words: list[str]) -> None:
    failure = failure_of_kills(3, exit_code, 40, 30)
    assert (failure.kind, failure.detail) == (kind, {"step": 30})
    assert all(word in failure.sentence for word in [*words, "3 times", "step 40"])


def test_a_trainer_that_the_system_ended_for_want_of_memory_is_reported_as_such() -> None:
    failure = failure_of_kills(3, -9, 40, 30, ran_out=True)
    assert failure.kind == "out_of_memory"
    assert "The machine ran out of memory" in failure.sentence


def test_a_run_that_got_further_each_time_is_not_said_to_have_got_stuck() -> None:
    failure = failure_of_interruptions(20, 1234, 1200)
    assert failure.sentence.startswith("Training was interrupted 20 times, the last time at step 1234.")
    assert failure.sentence.endswith("go on from step 1200.")
    assert (failure.kind, failure.detail) == ("worker_gone", {"step": 1200})
