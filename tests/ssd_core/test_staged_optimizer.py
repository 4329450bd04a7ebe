"""Variables that join later learn as those did that were there from the beginning."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from ssd_core.freezing import Freezing
from ssd_core.model import build_network
from ssd_core.optimizer import ScaledAdamW
from ssd_core.staged_optimizer import StagedOptimizer, speeds_of
from ssd_core.stages import Stage
from ssd_core.train_config import TrainConfig
from tests.ssd_core.small_training import CONFIG

SETTINGS = TrainConfig(steps=40, warmup_fraction=0.1, head_learning_rate=0.1, backbone_learning_rate=0.01)


@pytest.fixture
def network(tiny_backbone: None) -> keras.Model:
    return build_network(CONFIG, None)


def _optimizer(network: keras.Model, *stages: Stage) -> StagedOptimizer:
    return StagedOptimizer(network, Freezing(network), stages, SETTINGS, {})


def _ones(variables: list[tf.Variable]) -> list[tf.Tensor]:
    return [tf.ones(variable.shape) for variable in variables]


def test_all_that_ever_learns_has_its_state_from_the_beginning(network: keras.Model) -> None:
    everything = sum(int(np.prod(variable.shape)) for variable in network.trainable_variables)
    optimizer = _optimizer(network, Stage(0, "all"), Stage(10, "first_map"), Stage(20, "none"))
    for kind in ("momentum", "velocity"):
        assert sum(getattr(part, kind).shape[0] for part in optimizer.parts) == everything
    assert len(optimizer.learning(0)) < len(optimizer.learning(1)) < len(optimizer.learning(2))
    # It ends in the state of the first stage.
    assert network.get_layer("backbone").trainable_variables == []


def test_what_joins_later_rests_until_then_and_then_takes_its_first_step(network: keras.Model) -> None:
    optimizer = _optimizer(network, Stage(0, "all"), Stage(10, "none"))
    shift = network.get_layer("backbone").get_layer("trunk0_norm").beta
    before = shift.numpy()
    optimizer.apply(_ones(optimizer.learning(0)), 1.0, tf.constant(9, tf.int64), 0)
    np.testing.assert_array_equal(shift.numpy(), before)
    assert not optimizer.parts[1].momentum.numpy().any()
    optimizer.apply(_ones(optimizer.learning(1)), 1.0, tf.constant(10, tf.int64), 1)
    # Adam's first step is as long as the rate, which climbs over four steps again.
    reference = tf.Variable(0.0)
    ScaledAdamW([reference], [1.0], [0.0]).apply([tf.ones([])], 0.1 * 0.25, 0)
    peak = 0.5 * (1 + np.cos(np.pi * 7 / 37))
    np.testing.assert_allclose(shift.numpy() - before, float(reference) * peak, rtol=1e-5)


def test_one_stage_moves_as_plain_adamw_does(network: keras.Model) -> None:
    variables = [variable.value for variable in network.trainable_variables]
    before = [variable.numpy() for variable in variables]
    optimizer = _optimizer(network, Stage(0, "none"))
    optimizer.apply(_ones(variables), 0.5, tf.constant(3, tf.int64), 0)
    after = [variable.numpy() for variable in variables]
    for variable, value in zip(variables, before, strict=True):
        variable.assign(value)
    undecayed = ("gamma", "beta", "bias")
    decays = [0.0 if one.name in undecayed else 5e-4 for one in network.trainable_variables]
    ScaledAdamW(variables, [1.0] * len(variables), decays).apply(_ones(variables), 0.05, 3)
    for variable, value in zip(variables, after, strict=True):
        np.testing.assert_allclose(variable.numpy(), value, rtol=1e-6)


def test_the_trunk_is_slower_only_if_it_has_learnt_before(network: keras.Model) -> None:
    learnt = speeds_of(network, SETTINGS, trunk_learnt=True, fresh=None)
    assert set(learnt) == {variable.path for variable in network.get_layer("backbone").variables}
    assert list(learnt.values()) == [pytest.approx(0.1)] * len(learnt)
    random = speeds_of(network, SETTINGS, trunk_learnt=False, fresh=None)
    assert set(random.values()) == {1.0}


def test_of_an_inherited_network_only_what_is_new_is_fast(network: keras.Model) -> None:
    bias = network.get_layer("logits").bias
    new = np.arange(6) % 3 == 2
    speeds = speeds_of(network, SETTINGS, trunk_learnt=True, fresh={bias.path: new})
    assert set(speeds) == {variable.path for variable in network.variables}
    np.testing.assert_allclose(speeds[bias.path], [0.1, 0.1, 1, 0.1, 0.1, 1])
    others = [speed for path, speed in speeds.items() if path != bias.path]
    assert others == [pytest.approx(0.1)] * len(others)
