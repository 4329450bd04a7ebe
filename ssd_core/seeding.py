"""One seed becomes several: every purpose draws from a seed of its own, so that none disturbs another."""

from __future__ import annotations

from typing import Any

import tensorflow as tf


def seed_for(seed: Any, purpose: int) -> Any:
    """The seed of one purpose.

    Args:
        seed: int [2].
        purpose: a number of at least 0, another for each use of the same seed.

    Returns:
        int [2].
    """
    return tf.random.fold_in(seed, purpose)


def chance(seed: Any) -> Any:
    """A number that decides whether something happens: float32 scalar in [0, 1), drawn for purpose 0."""
    return tf.random.stateless_uniform([], seed_for(seed, 0))
