"""From a trained Keras network to LiteRT, the format that detection runs on without TensorFlow.

TensorFlow is imported when a function is called, not with this module.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ssd_core.errors import InvalidArtifact, InvalidExample

if TYPE_CHECKING:
    import keras


def to_litert(network: keras.Model) -> bytes:
    """Convert a network to LiteRT with float32 weights.

    Args:
        network: takes float32 [B, height, width, 3], 0..255; gives float32 [B, D, 4 + C].

    Returns:
        A LiteRT flatbuffer of the network in inference mode, for batches of one.

    Raises:
        InvalidArtifact: the network has something that LiteRT cannot express.
    """
    return _convert(network, lambda converter: None)


def to_litert_int8(network: keras.Model, images: Iterable[NDArray[np.float32]]) -> bytes:
    """Convert a network to LiteRT with int8 weights and activations; input and output stay float32.

    Args:
        network: as for `to_litert`.
        images: float32 [height, width, 3], 0..255, made by `resize_for_network` from training images; the
            ranges of all activations are taken from them, so a few dozen are wanted.

    Returns:
        A LiteRT flatbuffer for batches of one, used like the float32 one.

    Raises:
        InvalidArtifact: the network has something that LiteRT cannot express in int8.
        InvalidExample: there are no images.
    """
    batches = [np.asarray(image, np.float32)[None] for image in images]
    if not batches:
        raise InvalidExample("The int8 model needs images to calibrate on; give some of the training images.")

    def quantise(converter: Any) -> None:
        import tensorflow as tf

        def calibration() -> Iterator[list[NDArray[np.float32]]]:
            for batch in batches:
                yield [batch]

        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = calibration
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]

    return _convert(network, quantise)


def _convert(network: keras.Model, configure: Callable[[Any], None]) -> bytes:
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    _, height, width, channels = network.input_shape
    signature = tf.TensorSpec([1, height, width, channels], tf.float32, name="image")
    traced = tf.function(lambda image: network(image, training=False)).get_concrete_function(signature)
    # Without freezing, the converter keeps the weights as READ_VARIABLE and inference is four times slower.
    frozen = convert_variables_to_constants_v2(traced)
    # The frozen function holds all it needs; saving the whole Keras network beside it only takes longer.
    converter = tf.lite.TFLiteConverter.from_concrete_functions([frozen], tf.Module())
    configure(converter)
    try:
        with warnings.catch_warnings():
            # It warns that the float32 input has no statistics, which is what is wanted.
            warnings.filterwarnings("ignore", "Statistics for quantized inputs", UserWarning)
            return bytes(converter.convert())
    except (RuntimeError, ValueError) as fault:
        raise InvalidArtifact(
            f"The network {network.name!r} could not be converted to LiteRT: {fault}"
        ) from fault
