"""Layers that stay as they are for a time, and the statistics that move with those that do not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import tensorflow as tf

from ssd_core.optimizer import flat
from ssd_core.stages import Frozen


class Freezing:
    """Excludes parts of a network's trunk from training, and takes them in again.

    A frozen layer's normalisation uses its statistics and leaves them as they are. What was frozen when this
    was made, such as the statistics of a pretrained trunk, stays frozen for ever.

    Args:
        network: of :func:`~ssd_core.model.build_network`.
    """

    def __init__(self, network: keras.Model) -> None:
        self._backbone = network.get_layer("backbone")
        self._layers = list(layers_within(self._backbone))
        self._for_ever = {id(layer) for layer in self._layers if not layer.trainable}

    def freeze(self, how: Frozen) -> None:
        """Freeze a part of the trunk, and no other.

        A function that was traced before must be traced again.

        Args:
            how: ``none``, ``first_map`` (all layers up to the finest feature map) or ``all``.
        """
        frozen = set(self._for_ever)
        if how == "all":
            frozen = {id(layer) for layer in self._layers}
        elif how == "first_map":
            for layer in keras.Model(self._backbone.inputs, self._backbone.outputs[0]).layers:
                frozen |= {id(inner) for inner in layers_within(layer)}
        # One by one, outer ones first: Keras passes a value on to inner layers only where it changes.
        for layer in self._layers:
            layer.trainable = id(layer) not in frozen


class MovingStatistics:
    """Means and variances that normalisations update whenever they see a batch, to be put back if need be.

    Args:
        network: of :func:`~ssd_core.model.build_network`; what is frozen in it now does not move.
    """

    def __init__(self, network: keras.Model) -> None:
        moving = [norm for norm in norms_within(network) if norm.trainable]
        self._variables = [
            variable.value for norm in moving for variable in (norm.moving_mean, norm.moving_variance)
        ]
        self._sizes = [int(variable.shape[0]) for variable in self._variables]
        self._read = tf.function(lambda: flat(self._variables), autograph=False)

    def read(self) -> Any:
        """All of them as they are now, in one tensor."""
        return self._read() if self._variables else None

    def put_back(self, values: Any) -> None:
        """Set all of them to what :meth:`read` gave."""
        if self._variables:
            for variable, part in zip(self._variables, tf.split(values, self._sizes), strict=True):
                variable.assign(part)


def layers_within(layer: Any) -> Iterator[Any]:
    """A layer and, however deep, all layers that it is made of."""
    yield layer
    nested = [value for value in vars(layer).values() if isinstance(value, keras.Layer)]
    for inner in {id(inner): inner for inner in (*getattr(layer, "layers", ()), *nested)}.values():
        yield from layers_within(inner)


def norms_within(layer: Any) -> list[Any]:
    """All batch normalisations of a layer or network."""
    return [inner for inner in layers_within(layer) if isinstance(inner, keras.layers.BatchNormalization)]
