"""Pretrained trunks: each takes RGB 0..255, normalises inside, and gives feature maps from fine to coarse."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Literal

import keras
import numpy as np

from ssd_core.config import BACKBONE_STRIDES
from ssd_core.errors import InvalidConfig

#: Of statistics that are learnt: Keras' own .99 or .999 forgets its start over more steps than a run has.
NORM_MOMENTUM = 0.9

Weights = Literal["imagenet"] | None


def build_backbone(name: str, input_size_hw: tuple[int, int], weights: Weights, seed: int = 0) -> keras.Model:
    """Build the trunk called ``name``.

    Args:
        name: a key of :data:`ssd_core.config.BACKBONE_STRIDES`.
        input_size_hw: height and width in pixels.
        weights: ``imagenet``, or None for random ones.
        seed: of the random ones.

    Returns:
        A model from float32 [batch, height, width, 3] (RGB, 0..255) to a list of feature maps, finest first.

    Raises:
        InvalidConfig: there is no such backbone.
        WeightsUnavailable: the pretrained weights cannot be had.
    """
    backbone = _builder(name)(input_size_hw, weights)
    if weights is None:
        _randomise(backbone, seed)
    return backbone


def _builder(name: str) -> Callable[[tuple[int, int], Weights], keras.Model]:
    if name not in BACKBONE_STRIDES:
        raise InvalidConfig(f"There is no backbone {name!r}: choose one of {', '.join(BACKBONE_STRIDES)}.")
    module = importlib.import_module(f"ssd_core.backbones.{name}")
    build: Callable[[tuple[int, int], Weights], keras.Model] = module.build
    return build


def _randomise(backbone: keras.Model, seed: int) -> None:
    """Draw every kernel anew, because Keras' own start of a network cannot be given a seed."""
    seeds = np.random.default_rng([seed, 0])
    for layer in backbone.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = NORM_MOMENTUM
    for weight in backbone.trainable_variables:
        if weight.name == "kernel":
            start = keras.initializers.HeNormal(seed=int(seeds.integers(2**31)))
            weight.assign(start(weight.shape, weight.dtype))
