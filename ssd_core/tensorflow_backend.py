"""The network on TensorFlow: on the first GPU, or on the CPU where there is none.

TensorFlow is imported when a backend is made, not with this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ssd_core.config import SSDConfig
from ssd_core.errors import InvalidArtifact

if TYPE_CHECKING:
    import keras


class TensorFlowBackend:
    """A Keras network as a compiled graph, for batches of any size.

    It uses the CPU threads that the program gave TensorFlow (`tf.config.threading`), since these cannot be
    changed once TensorFlow has started.

    Args:
        config: the network's configuration.
        network: float32 [B, height, width, 3], 0..255 → float32 [B, D, 4 + C].

    Raises:
        InvalidArtifact: the network is one of another configuration.
    """

    name = "tensorflow"

    def __init__(self, config: SSDConfig, network: keras.Model) -> None:
        import tensorflow as tf

        for given, wanted in (
            (network.input_shape[1:], (*config.input_size_hw, 3)),
            (network.output_shape[1:], (config.num_default_boxes, 4 + config.num_classes)),
        ):
            if tuple(given) != wanted:
                raise InvalidArtifact(
                    f"The network {network.name!r} does not fit its configuration: it has {list(given)} per "
                    f"image where {list(wanted)} is wanted. Copy the model again."
                )
        self._run = tf.function(
            lambda images: network(images, training=False),
            input_signature=[tf.TensorSpec([None, *config.input_size_hw, 3], tf.float32)],
        )

    def run(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        """Give the raw predictions of a batch.

        Args:
            images: float32 [B, height, width, 3], RGB, 0..255, of the network's input size.

        Returns:
            float32 [B, D, 4 + C]: offsets, then logits with the background first.
        """
        prediction: NDArray[np.float32] = self._run(images).numpy()
        return prediction
