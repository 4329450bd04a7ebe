"""The running average follows the weights, faster in the beginning."""

from __future__ import annotations

import keras
import numpy as np

from ssd_core.averaging import WeightAverage


def _network(value: float) -> keras.Model:
    network = keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(3, use_bias=False), keras.layers.BatchNormalization()]
    )
    for weight in network.weights:
        weight.assign(np.full(weight.shape, value))
    return network


def test_the_average_moves_by_the_ramped_share() -> None:
    network, target = _network(0.0), _network(9.0)
    average = WeightAverage(network, 0.99)
    for weight in network.weights:
        weight.assign(np.full(weight.shape, 1.0))
    # The decay after step 1 is 2 ÷ 11, after step 2 it is 3 ÷ 12.
    average.update(1)
    average.update(2)
    average.copy_to(target)
    expected = 1 - (2 / 11) * (3 / 12)
    for weight in target.weights:
        np.testing.assert_allclose(weight.numpy(), expected, rtol=1e-6)


def test_statistics_of_norms_are_averaged_too() -> None:
    network, target = _network(0.0), _network(9.0)
    average = WeightAverage(network, 0.5)
    network.layers[-1].moving_variance.assign([4.0, 4.0, 4.0])
    average.update(1000)
    average.copy_to(target)
    np.testing.assert_allclose(target.layers[-1].moving_variance.numpy(), [2.0] * 3, rtol=1e-6)


def test_a_limit_of_zero_follows_exactly() -> None:
    network, target = _network(0.0), _network(9.0)
    average = WeightAverage(network, 0.0)
    for weight in network.weights:
        weight.assign(np.full(weight.shape, 0.3))
    average.update(50)
    average.copy_to(target)
    for ours, theirs in zip(target.get_weights(), network.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
