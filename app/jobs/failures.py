"""Why a training failed: its kind, a sentence for people, and what a remedy needs to know."""

from __future__ import annotations

import errno
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data.errors import DataError, DiskFull
from data.records import FailureKind, SnapshotImage
from ssd_core.errors import InvalidExample, OutOfMemory, SSDError, TrainingDiverged, WeightsUnavailable

_KINDS: tuple[tuple[type[Exception], FailureKind], ...] = (
    (OutOfMemory, "out_of_memory"),
    (TrainingDiverged, "diverged"),
    (WeightsUnavailable, "weights_unavailable"),
    (InvalidExample, "bad_data"),
)
#: Of the images that a message names, so many are kept.
_MOST_IMAGES = 8


@dataclass(frozen=True, slots=True)
class Failure:
    """One way in which a run did not go on."""

    kind: FailureKind
    sentence: str
    detail: dict[str, Any] = field(default_factory=dict)


def failure_of(
    error: BaseException, log_file: Path, images: Sequence[SnapshotImage] = (), needed_bytes: int = 0
) -> Failure:
    """Say in plain words why training failed, and what to do about it.

    Args:
        error: what was raised.
        log_file: where the whole story is.
        images: those that were trained on, to find the ones that the message names.
        needed_bytes: free space with which the run could go on, if the disk is full.
    """
    if is_full_disk(error):
        return Failure(
            "disk_full",
            "The disk is full, so the run rests. "
            f"It goes on by itself when {-(-needed_bytes // 10**6)} MB are free.",
            {"needed_bytes": needed_bytes},
        )
    if isinstance(error, (SSDError, DataError)):
        kind: FailureKind = next((kind for known, kind in _KINDS if isinstance(error, known)), "unknown")
        return Failure(
            kind, str(error), _named(str(error), images) if kind in ("diverged", "bad_data") else {}
        )
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
        return Failure(
            "out_of_memory",
            "There was not enough memory to train. Close other programs, or choose a smaller input size.",
        )
    first = next(iter(str(error).strip().splitlines()), "")[:200]
    reason = f"{type(error).__name__}: {first}" if first else type(error).__name__
    return Failure("unknown", f"Training failed unexpectedly ({reason}). The whole story is in {log_file}.")


def is_full_disk(error: BaseException) -> bool:
    """Tell whether an error means that no room is left, whoever raised it."""
    # TensorFlow calls a full disk an exhausted resource, as it does a full memory.
    return (
        isinstance(error, DiskFull)
        or getattr(error, "errno", None) == errno.ENOSPC
        or "No space left on device" in str(error)
    )


def failure_of_kills(times: int, exit_code: int, step: int, saved: int, *, ran_out: bool = False) -> Failure:
    """Say why a run was given up after its trainer was ended from outside several times.

    Args:
        times: attempts in a row that saved nothing new.
        exit_code: of the last one, as ``subprocess`` gives it.
        step: that none of them got past.
        saved: the step that the run would go on from.
        ran_out: the system says that it killed for want of memory.
    """
    if exit_code >= 0:
        return Failure(
            "worker_gone",
            f"Training was interrupted {times} times without getting past step {step}. "
            "Resume the run when the machine is quiet.",
            {"step": saved},
        )
    known = {entry.value: entry.name for entry in signal.Signals}
    name = known.get(-exit_code, "a signal")
    if ran_out:
        return Failure(
            "out_of_memory",
            f"The machine ran out of memory and ended the training {times} times, the last time by {name} at "
            f"step {step}. Close other programs, or train with smaller batches.",
            {"step": saved},
        )
    cause = "The end of the run's log says more."
    if exit_code == -signal.SIGKILL:
        cause = "Perhaps the machine ran out of memory: close other programs, or choose a smaller input size."
    sentence = f"Training was killed {times} times by {name} without getting past step {step}. {cause}"
    kind: FailureKind = "out_of_memory" if exit_code == -signal.SIGKILL else "unknown"
    return Failure(kind, sentence, {"step": saved})


def failure_of_interruptions(times: int, step: int, saved: int) -> Failure:
    """Say why a run was given up that got further now and then, but was interrupted over and over."""
    sentence = (
        f"Training was interrupted {times} times, the last time at step {step}. "
        f"Resume the run to go on from step {saved}."
    )
    return Failure("worker_gone", sentence, {"step": saved})


def _named(message: str, images: Sequence[SnapshotImage]) -> dict[str, Any]:
    """The images that a message names, longest names first, since one may be a part of another."""
    found: list[SnapshotImage] = []
    rest = message
    for image in sorted(images, key=lambda image: len(image.name), reverse=True):
        if image.name in rest:
            found.append(image)
            rest = rest.replace(image.name, "")
        if len(found) == _MOST_IMAGES:
            break
    found.sort(key=lambda image: message.index(image.name))
    if not found:
        return {}
    return {"image_ids": [image.image_id for image in found], "names": [image.name for image in found]}
