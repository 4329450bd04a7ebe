"""Channel-wise L2 normalisation with a learned scale (ParseNet, arXiv 1506.04579; SSD paper, section 3.1)."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

#: What every scale starts at, as the SSD paper says.
INITIAL_SCALE = 20.0
_EPSILON = 1e-12


class L2Norm(keras.layers.Layer):
    """Bring each cell's feature vector to length one, then scale each channel.

    conv4_3 of VGG16 has much larger values than later maps; without this its gradients drown theirs. The sum
    of squares is taken in float32 whatever the policy: in float16 it overflows once 512 channels have a root
    mean square above 11.3.
    """

    def build(self, input_shape: Any) -> None:
        """Create the scales, one per channel."""
        self.scale = self.add_weight(
            shape=(int(input_shape[-1]),),
            initializer=keras.initializers.Constant(INITIAL_SCALE),
            dtype="float32",
            autocast=False,
            name="scale",
        )

    def call(self, x: Any) -> Any:
        """Normalise over the channels.

        Args:
            x: float [batch, height, width, channels].

        Returns:
            The same shape and dtype.
        """
        wide = ops.cast(x, "float32")
        length = ops.sqrt(ops.maximum(ops.sum(ops.square(wide), axis=-1, keepdims=True), _EPSILON))
        return ops.cast(wide / length * self.scale, x.dtype)
