"""From minutes to steps."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.jobs.minutes import config_for_minutes, steps_for
from ssd_core.config import SSDConfig
from ssd_core.train_config import TrainConfig


@pytest.mark.parametrize(
    ("minutes", "seconds_per_step", "validation_images", "expected"),
    [
        (1, 1.0, 0, (60, 8)),
        # Eight validations of 48 images, each at a third of three steps, take eight seconds.
        (1, 1.0, 48, (52, 7)),
        (10, 0.5, 0, (1200, 150)),
        (0.01, 5.0, 100, (10, 2)),
    ],
)
def test_the_steps_and_their_validations_fit_into_the_minutes(
    minutes: float, seconds_per_step: float, validation_images: int, expected: tuple[int, int]
) -> None:
    assert steps_for(minutes, seconds_per_step, 16, validation_images) == expected


def test_a_resumed_run_keeps_the_steps_it_began_with(tmp_path: Path) -> None:
    (tmp_path / "steps.json").write_text(json.dumps({"steps": 77, "validate_every": 10}))
    config = config_for_minutes(
        5, [], [], SSDConfig(classes=("thing",)), TrainConfig.preset("quick", seed=3), tmp_path, lambda: None
    )
    assert (config.steps, config.validate_every, config.seed) == (77, 10, 3)
