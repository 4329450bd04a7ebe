"""The network: a backbone, coarser levels on top, a neck, and two heads on every level."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import keras
from keras import layers

from ssd_core.backbones import Weights, build_backbone
from ssd_core.config import SSDConfig
from ssd_core.errors import InvalidConfig
from ssd_core.extra_levels import with_extra_levels
from ssd_core.heads import own_heads, shared_heads
from ssd_core.new_layers import NewLayers
from ssd_core.pyramid import feature_pyramid


def build_network(
    config: SSDConfig,
    weights: Weights = "imagenet",
    *,
    seed: int = 0,
    synchronized_norm: bool = False,
    precision: str | None = None,
) -> keras.Model:
    """Build the detector's network; equal configs give equal architectures.

    Args:
        config: the detector.
        weights: ``imagenet`` for a pretrained backbone, or None.
        seed: of the random weights.
        synchronized_norm: new layers take their batch statistics over all devices.
        precision: a dtype policy of Keras for the layers (``mixed_float16``, ``mixed_bfloat16`` …);
            None for the one in force. Weights and predictions are float32 in any case.

    Returns:
        A model named ``ssd`` from float32 [batch, height, width, 3] (RGB, 0..255, not normalised) to float32
        [batch, default boxes, 4 + num_classes]: offsets (dx, dy, dw, dh), then logits, background first.

    Raises:
        WeightsUnavailable: the pretrained weights cannot be had.
    """
    with _dtype_policy(precision):
        network = _assemble(
            config, weights, NewLayers(config.head == "depthwise", seed, synchronized_norm), seed
        )
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
    return build_network(SSDConfig(names, backbone="resnet50", neck="none", head="plain"), weights)


def _assemble(config: SSDConfig, weights: Weights, new: NewLayers, seed: int) -> keras.Model:
    backbone = build_backbone(config.backbone, config.input_size_hw, weights, seed)
    image = keras.Input((*config.input_size_hw, 3), name="image")
    trunk_maps = list(backbone(image))
    maps = with_extra_levels(new, trunk_maps, len(config.feature_sizes_hw))
    if config.neck == "pyramid":
        maps = feature_pyramid(new, maps, len(trunk_maps))
        offsets = shared_heads(new, maps, config.aspect_ratios, 4, "offsets")
        logits = shared_heads(new, maps, config.aspect_ratios, config.num_classes, "logits")
    else:
        offsets = own_heads(new, maps, config.boxes_per_cell, 4, "offsets")
        logits = own_heads(new, maps, config.boxes_per_cell, config.num_classes, "logits")
    all_offsets = layers.Concatenate(axis=1, dtype="float32", name="all_offsets")(offsets)
    all_logits = layers.Concatenate(axis=1, dtype="float32", name="all_logits")(logits)
    prediction = layers.Concatenate(axis=-1, dtype="float32", name="prediction")([all_offsets, all_logits])
    return keras.Model(image, prediction, name="ssd")


@contextmanager
def _dtype_policy(precision: str | None) -> Iterator[None]:
    before = keras.config.dtype_policy()
    if precision is not None:
        keras.config.set_dtype_policy(precision)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
