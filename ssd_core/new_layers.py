"""The layers that start from random weights, all made alike."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers

#: Keras' default of .99 forgets random initial statistics over hundreds of steps; a short run has fewer.
NEW_NORM_MOMENTUM = 0.9
#: Spread of the weights that predictions start from (arXiv 1708.02002, section 4.1).
_PREDICTION_SPREAD = 0.01


class NewLayers:
    """Makes convolutions and norms whose start follows from one seed.

    Args:
        depthwise: 3×3 convolutions are depthwise with a 1×1 after them, else plain.
        seed: of the random weights.
        synchronized: norms take their batch statistics over all devices.
    """

    def __init__(self, depthwise: bool, seed: int, synchronized: bool) -> None:
        self.depthwise_wanted = depthwise
        self._seeds = np.random.default_rng([seed, 1])
        self._synchronized = synchronized

    def full(self, name: str, filters: int, kernel: int, **options: Any) -> Any:
        """A plain convolution."""
        return layers.Conv2D(filters, kernel, kernel_initializer=self._start(), name=name, **options)

    def prediction(self, name: str, filters: int, kernel: int, **options: Any) -> Any:
        """The last convolution of a head, which starts near zero.

        So a run begins with the default boxes as they are and with classes undecided, instead of unlearning
        random ones: on 40 photographs preset Quick reaches AP .48 instead of .39.
        """
        start = keras.initializers.RandomNormal(stddev=_PREDICTION_SPREAD, seed=self._seed())
        return layers.Conv2D(filters, kernel, kernel_initializer=start, name=name, **options)

    def depthwise(self, name: str, **options: Any) -> Any:
        """A 3×3 depthwise convolution without bias."""
        return layers.DepthwiseConv2D(
            3, depthwise_initializer=self._start(), use_bias=False, name=name, **options
        )

    def norm(self, name: str) -> Any:
        """A batch normalisation that learns its statistics fast."""
        return layers.BatchNormalization(
            momentum=NEW_NORM_MOMENTUM, synchronized=self._synchronized, name=name
        )

    def norm_relu(self, x: Any, name: str) -> Any:
        """Normalise, then ReLU6."""
        return layers.ReLU(6.0)(self.norm(name)(x))

    def _start(self) -> Any:
        return keras.initializers.GlorotUniform(seed=self._seed())

    def _seed(self) -> int:
        return int(self._seeds.integers(2**31))
