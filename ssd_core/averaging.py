"""A running average of a network's weights, which detects better than the weights of any one step."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ssd_core.optimizer import flat


class WeightAverage(tf.Module):
    """Averages all of a network's weights, the statistics of normalisation included.

    The decay grows with the steps, min(limit, (1 + t) ÷ (10 + t)), so that a run of a hundred steps averages
    over its last ten or so, not over its random beginning.

    Args:
        network: whose weights are averaged.
        limit: the largest decay; 0 makes the average follow the network exactly.
    """

    def __init__(self, network: keras.Model, limit: float) -> None:
        super().__init__(name="weight_average")
        self._limit = limit
        self._sources = [weight.value for weight in network.weights]
        self._sizes = [int(np.prod(source.shape)) for source in self._sources]
        self.values = tf.Variable(flat(self._sources), trainable=False, name="average")

    def update(self, step: Any) -> None:
        """Take in the weights after a step; not inside a replica.

        Args:
            step: int scalar, steps done.
        """
        done = tf.cast(step, tf.float32)
        decay = tf.minimum(self._limit, (1.0 + done) / (10.0 + done))
        self.values.assign_sub((self.values - flat(self._sources)) * (1.0 - decay))

    def copy_to(self, network: keras.Model) -> None:
        """Write the average into a network of the same architecture.

        Args:
            network: built from an equal config.
        """
        parts = tf.split(self.values, self._sizes)
        for weight, part in zip(network.weights, parts, strict=True):
            weight.assign(tf.reshape(part, weight.shape))
