"""Colours change as four steps in random order would change them."""

from __future__ import annotations

import itertools

import numpy as np
import tensorflow as tf

from ssd_core.photometric import MIDDLE_GREY, colour_steps, recolour, step_order

PIXELS = np.random.default_rng(0).uniform(0, 255, (3, 5, 3)).astype(np.float32)


def _seed(number: int) -> tf.Tensor:
    return tf.constant([number, 0], tf.int64)


def _one_after_another(steps: np.ndarray, order: list[int]) -> np.ndarray:
    """Apply the affine maps to (r, g, b, 1), the first of the order first."""
    rows = np.concatenate([PIXELS.reshape(-1, 3), np.ones((15, 1))], 1)
    for step in order:
        rows = rows @ steps[step].astype(np.float64)
    return rows[:, :3].reshape(PIXELS.shape)


def test_the_steps_are_done_one_after_another_in_the_order_drawn() -> None:
    for number in range(10):
        seed = _seed(number)
        steps, order = colour_steps(seed).numpy(), step_order(seed).numpy().tolist()
        found = recolour(tf.constant(PIXELS), seed).numpy()
        np.testing.assert_allclose(found, _one_after_another(steps, order), atol=0.02)


def test_the_order_matters() -> None:
    steps = colour_steps(_seed(0)).numpy()
    results = [_one_after_another(steps, list(order)) for order in itertools.permutations(range(4))]
    assert len({result.round(2).tobytes() for result in results}) > 1


def test_all_orders_come_up() -> None:
    orders = {tuple(step_order(_seed(number)).numpy().tolist()) for number in range(300)}
    assert orders == set(itertools.permutations(range(4)))


def test_every_step_keeps_to_its_range_and_uses_most_of_it() -> None:
    brightness, contrast, saturation, hue = np.stack(
        [colour_steps(_seed(number)).numpy() for number in range(200)], 1
    )
    added = brightness[:, 3, 0]
    assert -32 <= added.min() < -28
    assert 28 < added.max() <= 32
    for factors in (contrast[:, 0, 0], saturation[:, 0, 0] - saturation[:, 0, 1]):
        assert 0.5 <= factors.min() + 1e-6 < 0.55
        assert 1.45 < factors.max() - 1e-6 <= 1.5
    np.testing.assert_allclose(
        [MIDDLE_GREY] * 3 @ contrast[:, :3, :3] + contrast[:, 3, :3], MIDDLE_GREY, rtol=1e-5
    )
    # Saturation and hue leave grey as it is, and hue is a turn: its matrix loses no colour.
    for step in (saturation, hue):
        np.testing.assert_allclose([100.0] * 3 @ step[:, :3, :3], 100.0, atol=0.3)
    np.testing.assert_allclose(np.linalg.det(hue[:, :3, :3]), 1, rtol=1e-3)
