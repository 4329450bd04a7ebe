"""What is frozen stays as it is, with its statistics, and nothing thaws that was frozen before."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from ssd_core.config import SSDConfig
from ssd_core.freezing import Freezing, MovingStatistics, layers_within, norms_within
from ssd_core.model import build_network
from tests.ssd_core.small_training import CONFIG

GREY = np.full((2, 64, 64, 3), 90, np.float32)


@pytest.fixture
def network(tiny_backbone: None) -> keras.Model:
    return build_network(CONFIG, None)


@pytest.mark.parametrize(("how", "frozen_layers"), [("none", 0), ("first_map", 2), ("all", 4)])
def test_frozen_layers_keep_their_statistics_and_the_others_do_not(
    network: keras.Model, how: Any, frozen_layers: int
) -> None:
    Freezing(network).freeze(how)
    layers = [layer for layer in network.get_layer("backbone").layers if layer.weights]
    assert [layer.trainable for layer in layers] == [False] * frozen_layers + [True] * (4 - frozen_layers)
    norms = {layer: layer.moving_mean.numpy() for layer in layers if "norm" in layer.name}
    network(GREY, training=True)
    for norm, before in norms.items():
        moved = not np.array_equal(before, norm.moving_mean.numpy())
        assert moved == norm.trainable, norm.name


def test_freezing_something_else_thaws_what_was_frozen(network: keras.Model) -> None:
    freezing = Freezing(network)
    everything = len(network.trainable_variables)
    freezing.freeze("all")
    assert len(network.trainable_variables) == everything - 6
    freezing.freeze("first_map")
    assert len(network.trainable_variables) == everything - 3
    freezing.freeze("none")
    assert len(network.trainable_variables) == everything


def test_statistics_of_a_pretrained_trunk_stay_frozen_for_ever(real_backbone: None) -> None:
    network = build_network(SSDConfig(("nut",), input_size_hw=(96, 96)), None)
    norms = norms_within(network.get_layer("backbone"))
    assert len(norms) == 49
    for norm in norms:
        norm.trainable = False
    freezing = Freezing(network)
    learning = len(network.get_layer("backbone").trainable_variables)
    assert learning == 49  # a kernel for each norm
    for how, left in (("all", 0), ("first_map", 33), ("none", 49)):
        freezing.freeze(how)  # type: ignore[arg-type]
        assert len(network.get_layer("backbone").trainable_variables) == left
        assert not any(norm.trainable for norm in norms)


def test_statistics_that_moved_can_be_put_back(network: keras.Model) -> None:
    network.get_layer("backbone").get_layer("trunk0_norm").trainable = False
    statistics = MovingStatistics(network)
    norms = norms_within(network)
    before = statistics.read()
    values = [norm.moving_variance.numpy() for norm in norms]
    network(GREY, training=True)
    assert [
        np.array_equal(value, norm.moving_variance) for value, norm in zip(values, norms, strict=True)
    ] == [norm.name == "trunk0_norm" for norm in norms]
    statistics.put_back(before)
    for value, norm in zip(values, norms, strict=True):
        np.testing.assert_array_equal(value, norm.moving_variance.numpy())


def test_a_network_without_moving_statistics_has_nothing_to_put_back(network: keras.Model) -> None:
    network.trainable = False
    statistics = MovingStatistics(network)
    statistics.put_back(statistics.read())


def test_layers_within_layers_are_found(real_backbone: None) -> None:
    network = build_network(SSDConfig(("nut",), input_size_hw=(96, 96)), None)
    within = list(layers_within(network))
    stem = network.get_layer("backbone").get_layer("stem")
    assert stem in within
    assert stem.norm in within
    weights = {id(weight) for layer in within for weight in layer.weights}
    assert weights == {id(weight) for weight in network.weights}
