"""The settings of a run that were added later: they have defaults, so that stored runs can still be read."""

from __future__ import annotations

from typing import Any

import pytest

from ssd_core.errors import InvalidConfig
from ssd_core.train_config import PRESETS, TrainConfig

#: What runs stored before there was anything else.
_FIRST_FIELDS = [
    "name",
    "steps",
    "batch_size",
    "head_learning_rate",
    "backbone_learning_rate",
    "weight_decay",
    "clip_norm",
    "warmup_fraction",
    "frozen",
    "ema_decay",
    "augment",
    "match_iou",
    "negative_ratio",
    "negative_floor",
    "validate_every",
    "checkpoint_every",
    "weights",
    "seed",
]


def test_a_run_stored_before_there_was_more_to_set_is_read_as_it_was() -> None:
    now = TrainConfig(steps=7, seed=3, frozen="all").to_json()
    then = {name: now[name] for name in _FIRST_FIELDS}
    read = TrainConfig.from_json(then)
    assert {name: read.to_json()[name] for name in _FIRST_FIELDS} == then
    assert (read.unfreeze_at, read.patience, read.precision) == (1.0, 0, "auto")


@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [
        ("unfreeze_at", 1.5, "at most 1"),
        ("unfreeze_at", -0.1, "at least 0"),
        ("unfreeze_at", None, "a number"),
        ("patience", -1, "at least 0"),
        ("patience", 2.5, "a whole number"),
        ("precision", "float64", "bfloat16"),
        ("frozen", "some", "auto"),
    ],
)
def test_what_makes_no_sense_is_refused_by_field(field: str, value: Any, allowed: str) -> None:
    with pytest.raises(InvalidConfig, match=f"setting {field} is .* {allowed}"):
        TrainConfig(**{field: value})


def test_random_weights_may_leave_it_to_the_run_what_is_frozen() -> None:
    assert TrainConfig(weights="none", frozen="auto").frozen == "auto"


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_survives_json(name: str) -> None:
    assert TrainConfig.from_json(TrainConfig.preset(name).to_json()) == TrainConfig.preset(name)
