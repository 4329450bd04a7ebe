"""ResNet50 as the original notebook uses it: Keras' own architecture and ImageNet weights."""

from __future__ import annotations

import keras

from ssd_core.backbones.caffe_input import CaffeInput
from ssd_core.backbones.keras_weights import freeze_norms, pretrained

#: Last maps of strides 8, 16 and 32.
TAPS = ("conv3_block4_out", "conv4_block6_out", "conv5_block3_out")


def build(input_size_hw: tuple[int, int], weights: str | None = "imagenet") -> keras.Model:
    """Build the trunk.

    Args:
        input_size_hw: height and width in pixels.
        weights: ``imagenet`` (Keras downloads them once), or None for random ones. Pretrained statistics are
            frozen.

    Returns:
        A model named ``backbone`` from float32 [batch, height, width, 3] (RGB, 0..255) to three maps: strides
        8, 16 and 32 with 512, 1024 and 2048 channels.

    Raises:
        WeightsUnavailable: the weights are not on this machine and cannot be downloaded.
    """
    image = keras.Input((*input_size_hw, 3), name="image")
    resnet = pretrained(
        "ResNet50",
        lambda: keras.applications.ResNet50(
            include_top=False, weights=weights, input_tensor=CaffeInput(name="normalise")(image)
        ),
    )
    if weights is not None:
        freeze_norms(resnet)
    return keras.Model(image, [resnet.get_layer(name).output for name in TAPS], name="backbone")
