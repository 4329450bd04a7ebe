"""AdamW with a speed per variable, and the course of its rate."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from ssd_core.optimizer import ScaledAdamW, warmup_cosine


def test_it_moves_as_keras_adamw_does() -> None:
    rng = np.random.default_rng(0)
    start = rng.normal(size=(3, 2)).astype(np.float32)
    ours, theirs = tf.Variable(start), keras.Variable(start)
    optimizer = ScaledAdamW([ours], [1.0], [0.01])
    reference = keras.optimizers.AdamW(0.1, weight_decay=0.01)
    for step in range(5):
        gradient = tf.constant(rng.normal(size=(3, 2)), tf.float32)
        optimizer.apply([gradient], 0.1, step)
        reference.apply([gradient], [theirs])
    np.testing.assert_allclose(ours, theirs, rtol=1e-5)


def test_each_variable_has_its_own_speed_and_decay() -> None:
    variables = [tf.Variable([1.0]), tf.Variable([[1.0, 1.0]]), tf.Variable([1.0])]
    optimizer = ScaledAdamW(variables, [1.0, 0.05, 1.0], [0.0, 0.0, 0.5])
    optimizer.apply([tf.ones([1]), tf.ones([1, 2]), tf.zeros([1])], 0.1, 0)
    # Adam's first step has the size of the rate; a zero gradient leaves the decay alone.
    np.testing.assert_allclose(variables[0], [0.9], rtol=1e-5)
    np.testing.assert_allclose(variables[1], [[0.995, 0.995]], rtol=1e-5)
    np.testing.assert_allclose(variables[2], [0.95], rtol=1e-5)


def test_the_rate_climbs_to_its_peak_then_falls_without_reaching_zero() -> None:
    rates = [float(warmup_cosine(2e-3, 100, 0.05, step)) for step in range(100)]
    assert rates[0] == pytest.approx(2e-3 / 5)
    assert rates[4] == pytest.approx(2e-3, rel=1e-2)
    assert max(rates) <= 2e-3 * 1.0001
    assert rates[4:] == sorted(rates[4:], reverse=True)
    assert 0 < rates[-1] < 2e-5


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_even_the_shortest_run_learns_in_every_step(steps: int) -> None:
    assert all(float(warmup_cosine(1.0, steps, 0.05, step)) > 0.05 for step in range(steps))
