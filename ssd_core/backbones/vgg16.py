"""The SSD paper's trunk: VGG16 up to conv5_3, then fc6 and fc7 as convolutions (section 3.1)."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from ssd_core.backbones.caffe_input import CaffeInput
from ssd_core.backbones.keras_weights import pretrained
from ssd_core.backbones.l2_norm import L2Norm

#: Filters of the convolutions of each block.
_BLOCKS = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))
_FC_FILTERS = 1024
_FC6_DILATION = 6


def build(input_size_hw: tuple[int, int], weights: str | None = "imagenet") -> keras.Model:
    """Build the trunk.

    All pooling rounds up, so that 300 pixels become 38 cells; the fifth has a 3×3 window and stride 1, and
    fc6 looks through holes (dilation 6) to see as far as before.

    Args:
        input_size_hw: height and width in pixels.
        weights: ``imagenet`` (Keras downloads the classifier once, 553 MB; fc6 and fc7 are thinned out of
            its dense layers), or None for random ones.

    Returns:
        A model named ``backbone`` from float32 [batch, height, width, 3] (RGB, 0..255) to two maps: conv4_3,
        L2-normalised, stride 8, 512 channels; and fc7, stride 16, 1024 channels.

    Raises:
        WeightsUnavailable: the weights are not on this machine and cannot be downloaded.
    """
    image = keras.Input((*input_size_hw, 3), name="image")
    x = CaffeInput(name="normalise")(image)
    conv4_3 = None
    for block, filters in enumerate(_BLOCKS, start=1):
        for index, count in enumerate(filters, start=1):
            x = _conv(f"block{block}_conv{index}", count, 3)(x)
        if block == 4:
            conv4_3 = x
        size, stride = (3, 1) if block == 5 else (2, 2)
        x = layers.MaxPooling2D(size, stride, padding="same", name=f"block{block}_pool")(x)
    x = _conv("fc6", _FC_FILTERS, 3, dilation_rate=_FC6_DILATION)(x)
    x = _conv("fc7", _FC_FILTERS, 1)(x)
    backbone = keras.Model(image, [L2Norm(name="conv4_3_norm")(conv4_3), x], name="backbone")
    if weights is not None:
        _load(backbone, pretrained("VGG16", lambda: keras.applications.VGG16(weights=weights)))
    return backbone


def thinned(
    kernel: NDArray[np.float32], bias: NDArray[np.float32], every_cell: int, every_input: int
) -> list[NDArray[np.float32]]:
    """Make 1024 filters of a dense layer's 4096 by leaving values out (section 3.1: "subsample parameters").

    Args:
        kernel: float32 [height, width, in, out].
        bias: float32 [out].
        every_cell: 3 keeps every third row and column.
        every_input: 4 keeps every fourth input.

    Returns:
        The kernel and bias of every fourth output.
    """
    return [kernel[::every_cell, ::every_cell, ::every_input, ::4], bias[::4]]


def _conv(name: str, filters: int, kernel: int, **options: Any) -> Any:
    return layers.Conv2D(filters, kernel, padding="same", activation="relu", name=name, **options)


def _load(backbone: keras.Model, classifier: Any) -> None:
    for layer in backbone.layers:
        if "_conv" in layer.name:
            layer.set_weights(classifier.get_layer(layer.name).get_weights())
    dense = (("fc6", "fc1", (7, 7, 512, 4096), 3, 1), ("fc7", "fc2", (1, 1, 4096, 4096), 1, 4))
    for name, original, shape, every_cell, every_input in dense:
        kernel, bias = classifier.get_layer(original).get_weights()
        kernel = np.reshape(kernel, shape)
        backbone.get_layer(name).set_weights(thinned(kernel, bias, every_cell, every_input))
