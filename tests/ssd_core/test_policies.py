"""Policies are numbers that make sense, known by name."""

from __future__ import annotations

import itertools
from typing import Any, get_args, get_type_hints

import pytest

from ssd_core.errors import InvalidConfig
from ssd_core.policies import POLICIES, Policy, policy_named
from ssd_core.train_config import TrainConfig


def test_training_and_augmentation_know_the_same_names() -> None:
    assert get_args(get_type_hints(TrainConfig)["augment"]) == tuple(POLICIES)
    for name in POLICIES:
        assert TrainConfig(augment=name).augment == name


def test_each_policy_varies_at_least_as_much_as_the_one_before() -> None:
    policies = list(POLICIES.values())
    for milder, stronger in itertools.pairwise(policies):
        for kind in ("flip", "colour", "zoom_out", "crop", "mosaic"):
            assert getattr(stronger, kind) >= getattr(milder, kind)
        assert stronger != milder


def test_only_mosaics_and_pasting_need_other_images() -> None:
    assert [name for name, policy in POLICIES.items() if policy.needs_others] == ["strong"]
    assert Policy(paste=0.1).needs_others


@pytest.mark.parametrize(
    ("field", "value"), [("flip", 1.5), ("mosaic", -0.1), ("zoom_out_most", 0.5), ("paste_most", 0)]
)
def test_a_number_that_makes_no_sense_is_refused_by_field(field: str, value: float) -> None:
    given: dict[str, Any] = {field: value}
    with pytest.raises(InvalidConfig, match=f"{field} is {value}"):
        Policy(**given)


def test_an_unknown_name_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(InvalidConfig, match="'wild': choose one of none, light, standard, strong"):
        policy_named("wild")
