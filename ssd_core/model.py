"""The network: a backbone, coarser levels on top, and two heads on every level (SSD paper, section 2.1)."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers

from ssd_core.backbones import Weights, build_backbone
from ssd_core.config import SSDConfig
from ssd_core.errors import InvalidConfig

#: Keras' default of .99 forgets random initial statistics over hundreds of steps; a short run has fewer.
NEW_NORM_MOMENTUM = 0.9

#: Output channels of the levels added to the backbone; further ones have as many as the last.
_EXTRA_CHANNELS = (512, 256, 256, 128)


def build_network(
    config: SSDConfig, weights: Weights = "imagenet", *, seed: int = 0, synchronized_norm: bool = False
) -> keras.Model:
    """Build the detector's network; equal configs give equal architectures.

    Args:
        config: the detector.
        weights: ``imagenet`` for a pretrained backbone, or None.
        seed: of the random weights.
        synchronized_norm: new layers take their batch statistics over all devices.

    Returns:
        A model named ``ssd`` from float32 [batch, height, width, 3] (RGB, 0..255, not normalised) to float32
        [batch, default boxes, 4 + num_classes]: offsets (dx, dy, dw, dh), then logits, background first.

    Raises:
        WeightsUnavailable: the pretrained weights cannot be had.
    """
    new = _NewLayers(config.head == "depthwise", seed, synchronized_norm)
    backbone = build_backbone(config.backbone, config.input_size_hw, weights, seed)
    image = keras.Input((*config.input_size_hw, 3), name="image")
    maps = list(backbone(image))
    while len(maps) < len(config.feature_sizes_hw):
        extra = len(maps) - len(backbone.outputs)
        channels = _EXTRA_CHANNELS[min(extra, len(_EXTRA_CHANNELS) - 1)]
        maps.append(new.coarser(maps[-1], channels, f"extra{extra}"))
    offsets, logits = [], []
    for level, (feature_map, boxes) in enumerate(zip(maps, config.boxes_per_cell, strict=True)):
        offsets.append(new.head(feature_map, boxes, 4, f"offsets{level}"))
        logits.append(new.head(feature_map, boxes, config.num_classes, f"logits{level}"))
    prediction = layers.Concatenate(axis=-1, dtype="float32", name="prediction")(
        [
            layers.Concatenate(axis=1, dtype="float32", name="all_offsets")(offsets),
            layers.Concatenate(axis=1, dtype="float32", name="all_logits")(logits),
        ]
    )
    network = keras.Model(image, prediction, name="ssd")
    if network.output_shape[1] != config.num_default_boxes:
        raise InvalidConfig(
            f"The network predicts {network.output_shape[1]} boxes, but the config describes "
            f"{config.num_default_boxes}: the feature sizes of backbone {config.backbone!r} do not fit."
        )
    return network


def build_model(num_classes: int, weights: Weights = "imagenet") -> keras.Model:
    """Build the notebook's SSD300 on ResNet50.

    Args:
        num_classes: classes with the background.
        weights: ``imagenet`` or None.

    Returns:
        A model from float32 [batch, 300, 300, 3] (RGB, 0..255) to [batch, 8732, 4 + num_classes].

    Raises:
        InvalidConfig: fewer than two classes.
        WeightsUnavailable: the pretrained weights cannot be had.
    """
    if num_classes < 2:
        raise InvalidConfig(
            f"num_classes is {num_classes}, but counts the background, so it must be at least 2."
        )
    names = tuple(f"class {index}" for index in range(1, num_classes))
    return build_network(SSDConfig(names, backbone="resnet50", head="plain"), weights)


class _NewLayers:
    """Makes the layers that start from random weights."""

    def __init__(self, depthwise: bool, seed: int, synchronized_norm: bool) -> None:
        self._depthwise_wanted = depthwise
        self._seeds = np.random.default_rng([seed, 1])
        self._synchronized = synchronized_norm

    def head(self, feature_map: Any, boxes: int, values: int, name: str) -> Any:
        """3×3 (depthwise with its own norm, then 1×1; or plain) to [batch, cells × boxes, values]."""
        filters = boxes * values
        if self._depthwise_wanted:
            x = self._depthwise(f"{name}_depthwise", padding="same")(feature_map)
            x = self._norm_relu(x, f"{name}_norm")
            x = self._full(name, filters, 1)(x)
        else:
            x = self._full(name, filters, 3, padding="same")(feature_map)
        return layers.Reshape((-1, values), name=f"{name}_boxes")(x)

    def coarser(self, feature_map: Any, channels: int, name: str) -> Any:
        """The next level: 1×1 to half the channels, then 3×3 with stride 2."""
        x = self._full(f"{name}_reduce", channels // 2, 1, use_bias=False)(feature_map)
        x = self._norm_relu(x, f"{name}_reduce_norm")
        padding = tuple(_padding(side) for side in feature_map.shape[1:3])
        x = layers.ZeroPadding2D(padding, name=f"{name}_pad")(x)
        if self._depthwise_wanted:
            x = self._depthwise(f"{name}_depthwise", strides=2)(x)
            x = self._norm_relu(x, f"{name}_depthwise_norm")
            x = self._full(name, channels, 1, use_bias=False)(x)
        else:
            x = self._full(name, channels, 3, strides=2, use_bias=False)(x)
        return self._norm_relu(x, f"{name}_norm")

    def _full(self, name: str, filters: int, kernel: int, **options: Any) -> Any:
        return layers.Conv2D(filters, kernel, kernel_initializer=self._start(), name=name, **options)

    def _depthwise(self, name: str, **options: Any) -> Any:
        return layers.DepthwiseConv2D(
            3, depthwise_initializer=self._start(), use_bias=False, name=name, **options
        )

    def _start(self) -> Any:
        return keras.initializers.GlorotUniform(seed=int(self._seeds.integers(2**31)))

    def _norm_relu(self, x: Any, name: str) -> Any:
        norm = layers.BatchNormalization(
            momentum=NEW_NORM_MOMENTUM, synchronized=self._synchronized, name=name
        )
        return layers.ReLU(6.0)(norm(x))


def _padding(side: int) -> tuple[int, int]:
    """Zeros around a side, so that a 3×3 of stride 2 halves it, rounding up, and three cells become one."""
    if side == 3:
        return (0, 0)
    return (1, 1) if side % 2 else (0, 1)
