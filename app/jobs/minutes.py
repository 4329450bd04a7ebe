"""From minutes to steps: a few steps are timed once, and the number that they give is kept for the run."""

from __future__ import annotations

import json
import logging
import math
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ssd_core.errors import TrainingStopped

if TYPE_CHECKING:
    from ssd_core.config import SSDConfig
    from ssd_core.example import Example
    from ssd_core.progress import Progress
    from ssd_core.train_config import TrainConfig

log = logging.getLogger(__name__)

TIMED_STEPS = 10
FEWEST_STEPS = 10
VALIDATIONS = 8
#: Looking at an image costs about a third of learning from it.
COST_OF_VALIDATING = 1 / 3
_TIMED = "enough steps were timed"


def steps_for(
    minutes: float, seconds_per_step: float, batch_size: int, validation_images: int
) -> tuple[int, int]:
    """How many steps fit into a time, and after how many of them to validate.

    Args:
        minutes: the time, validations included.
        seconds_per_step: of one optimiser step.
        batch_size: images per step.
        validation_images: images of one validation.

    Returns:
        (steps, steps between validations), both at least 1.
    """
    validation = seconds_per_step * COST_OF_VALIDATING * validation_images / batch_size
    steps = math.floor((minutes * 60 - VALIDATIONS * validation) / seconds_per_step)
    steps = max(FEWEST_STEPS, steps)
    return steps, math.ceil(steps / VALIDATIONS)


def config_for_minutes(
    minutes: float,
    train: Sequence[Example],
    val: Sequence[Example],
    config: SSDConfig,
    train_config: TrainConfig,
    folder: Path,
    should_stop: Callable[[], str | None],
) -> TrainConfig:
    """The training config whose steps take the given minutes on this machine.

    The first call trains some steps in a folder of its own; what it finds is written into the run's folder,
    and later calls read it, so that a resumed run keeps its number of steps.

    Args:
        minutes: how long training may take.
        train: training images.
        val: validation images.
        config: the detector.
        train_config: everything but the number of steps.
        folder: the run's folder.
        should_stop: as in training; raises TrainingStopped when it answers.
    """
    kept = folder / "steps.json"
    if not kept.exists():
        pace = _seconds_per_step(train, config, train_config, folder / "timing", should_stop)
        steps, validate_every = steps_for(minutes, pace, train_config.batch_size, len(val))
        log.info("A step takes %.2f s: %d steps fit into %g minutes.", pace, steps, minutes)
        making = kept.with_suffix(".making")
        making.write_text(
            json.dumps({"steps": steps, "validate_every": validate_every, "seconds_per_step": pace})
        )
        making.replace(kept)
    found = json.loads(kept.read_text())
    return replace(train_config, steps=found["steps"], validate_every=found["validate_every"])


def _seconds_per_step(
    train: Sequence[Example],
    config: SSDConfig,
    train_config: TrainConfig,
    folder: Path,
    should_stop: Callable[[], str | None],
) -> float:
    from ssd_core.training import fit

    planned = 100 * TIMED_STEPS
    latest: list[Progress] = []

    def stop() -> str | None:
        asked = should_stop()
        if (
            asked is None
            and latest
            and latest[-1].step >= TIMED_STEPS
            and latest[-1].seconds_left is not None
        ):
            return _TIMED
        return asked

    try:
        fit(
            train,
            [],
            config,
            replace(train_config, steps=planned, checkpoint_every=planned),
            folder,
            on_progress=latest.append,
            should_stop=stop,
        )
    except TrainingStopped as stopped:
        if stopped.reason != _TIMED:
            raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    last = latest[-1]
    assert last.seconds_left is not None
    return last.seconds_left / (planned - last.step)
