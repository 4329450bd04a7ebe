"""The more images there are, the more of a pretrained trunk learns."""

from __future__ import annotations

import pytest

from ssd_core.stages import Stage, stages_for
from ssd_core.train_config import PRESETS, TrainConfig


@pytest.mark.parametrize("frozen", ["none", "first_map", "all"])
def test_what_is_frozen_stays_so_unless_something_else_is_said(frozen: str) -> None:
    config = TrainConfig(steps=40, frozen=frozen)  # type: ignore[arg-type]
    assert stages_for(7, config) == (Stage(0, frozen),)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", PRESETS)
def test_presets_have_the_stages_that_they_name(name: str) -> None:
    config = TrainConfig.preset(name)
    if config.frozen != "auto":
        assert stages_for(100, config)[0] == Stage(0, config.frozen)


@pytest.mark.parametrize(
    ("unfreeze_at", "stages"),
    [
        (0.5, (Stage(0, "all"), Stage(20, "none"))),
        (0.99, (Stage(0, "all"),)),
        (0.005, (Stage(0, "none"),)),
        (0.0, (Stage(0, "none"),)),
    ],
)
def test_frozen_layers_learn_from_a_part_of_the_steps_on(
    unfreeze_at: float, stages: tuple[Stage, ...]
) -> None:
    assert stages_for(7, TrainConfig(steps=40, frozen="all", unfreeze_at=unfreeze_at)) == stages


@pytest.mark.parametrize(
    ("images", "stages"),
    [
        (1, (Stage(0, "first_map"),)),
        (499, (Stage(0, "first_map"),)),
        (500, (Stage(0, "first_map"), Stage(20, "none"))),
        (1999, (Stage(0, "first_map"), Stage(20, "none"))),
        (2000, (Stage(0, "none"),)),
        (10**6, (Stage(0, "none"),)),
    ],
)
def test_auto_goes_by_the_number_of_images(images: int, stages: tuple[Stage, ...]) -> None:
    assert stages_for(images, TrainConfig(steps=40, frozen="auto")) == stages


def test_auto_never_freezes_a_trunk_that_has_not_learnt() -> None:
    config = TrainConfig(steps=40, frozen="auto", weights="none")
    assert stages_for(5, config) == (Stage(0, "none"),)
    # One that comes from an earlier model has.
    assert stages_for(5, config, pretrained=True) == (Stage(0, "first_map"),)


def test_a_run_of_one_step_has_one_stage() -> None:
    assert stages_for(1000, TrainConfig(steps=1, frozen="auto")) == (Stage(0, "none"),)
