"""The input that networks trained with Caffe expect."""

from __future__ import annotations

from typing import Any

import keras

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
