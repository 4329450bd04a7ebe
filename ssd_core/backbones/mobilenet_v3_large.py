"""MobileNetV3-Large (arXiv 1905.02244) with the ImageNet weights that Keras downloads."""

from __future__ import annotations

from typing import Any

import keras

from ssd_core.backbones.keras_weights import freeze_norms, pretrained

#: As SSDLite (arXiv 1801.04381, section 6.2) taps it: the expansions that enter the next stride-2 stage, and
#: the last layer. Strides 8, 16 and 32.
TAPS = ("expanded_conv_6_expand_bn", "expanded_conv_12_expand_bn", "conv_1_bn")


def build(input_size_hw: tuple[int, int], weights: str | None = "imagenet") -> keras.Model:
    """Build the trunk.

    Args:
        input_size_hw: height and width in pixels.
        weights: ``imagenet`` (Keras downloads them once), or None for random ones. Pretrained statistics are
            frozen.

    Returns:
        A model named ``backbone`` from float32 [batch, height, width, 3] (RGB, 0..255) to three maps: strides
        8, 16 and 32 with 240, 672 and 960 channels.

    Raises:
        WeightsUnavailable: the weights are not on this machine and cannot be downloaded.
    """
    image = keras.Input((*input_size_hw, 3), name="image")
    trunk = pretrained(
        "MobileNetV3-Large",
        lambda: keras.applications.MobileNetV3Large(
            include_top=False, weights=weights, input_tensor=image, include_preprocessing=True
        ),
    )
    if weights is not None:
        freeze_norms(trunk)
    return keras.Model(image, [_activated(trunk, name) for name in TAPS], name="backbone")


def _activated(trunk: keras.Model, norm: str) -> Any:
    """The map after a norm and the activation that follows it."""
    names = [layer.name for layer in trunk.layers]
    return trunk.layers[names.index(norm) + 1].output
