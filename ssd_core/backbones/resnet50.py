"""ResNet50 as the original notebook uses it: Keras' own architecture and ImageNet weights."""

from __future__ import annotations

from typing import Any

import keras

from ssd_core.errors import WeightsUnavailable

#: Last maps of strides 8, 16 and 32.
TAPS = ("conv3_block4_out", "conv4_block6_out", "conv5_block3_out")
_MEAN_BGR = (103.939, 116.779, 123.68)


class CaffeInput(keras.layers.Layer):
    """RGB 0..255 to what these weights were trained on: BGR minus the mean of ImageNet."""

    def call(self, image: Any) -> Any:
        """Reorder and centre.

        Args:
            image: [batch, height, width, 3], RGB, 0..255.

        Returns:
            The same shape, BGR, about zero.
        """
        return image[..., ::-1] - keras.ops.cast(_MEAN_BGR, image.dtype)


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
    try:
        resnet = keras.applications.ResNet50(
            include_top=False, weights=weights, input_tensor=CaffeInput(name="normalise")(image)
        )
    except (OSError, ValueError) as error:
        # Keras wraps a failed download in a bare Exception on some systems and in these on others.
        raise _unavailable(error) from error
    except Exception as error:
        if weights is None or "URL fetch failure" not in str(error):
            raise
        raise _unavailable(error) from error
    if weights is not None:
        for layer in resnet.layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.trainable = False
    return keras.Model(image, [resnet.get_layer(name).output for name in TAPS], name="backbone")


def _unavailable(error: Exception) -> WeightsUnavailable:
    return WeightsUnavailable(
        "The ImageNet weights of ResNet50 are not on this machine and could not be downloaded "
        f"({error}). Connect to the internet once (Keras keeps them in ~/.keras/models), "
        "or choose the backbone efficientnet_lite0, whose weights are installed with the program."
    )
