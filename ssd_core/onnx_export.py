"""From a trained Keras network to ONNX, and running it to compare; needs the packages of the extra ``onnx``.

TensorFlow and those packages are imported when a function is called, not with this module.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ssd_core.config import SSDConfig
from ssd_core.errors import InvalidArtifact

if TYPE_CHECKING:
    import keras

#: Read by every runtime of the last years.
OPSET = 17
_PACKAGES = ("tf2onnx", "onnxruntime")


def missing_packages() -> tuple[str, ...]:
    """Names of the packages that ONNX needs and this installation lacks; imports none of them."""
    return tuple(name for name in _PACKAGES if find_spec(name) is None)


def require_packages() -> None:
    """Make sure that ONNX can be written; raises InvalidArtifact with the line that cures it."""
    missing = missing_packages()
    if missing:
        raise InvalidArtifact(
            f"ONNX needs {' and '.join(missing)}, which this installation does not have. "
            "Install them: pip install 'ssd-studio[onnx]'"
        )


def to_onnx(network: keras.Model, config: SSDConfig) -> bytes:
    """Convert a network to ONNX.

    The model takes ``images``, float32 [batch, height, width, 3], RGB, 0..255, and gives ``predictions``,
    float32 [batch, D, 4 + C], offsets first, then logits with the background at 0.

    Args:
        network: the network that ``config`` describes.
        config: the detector.

    Returns:
        An ONNX model.

    Raises:
        InvalidArtifact: packages are missing, or the network has something that ONNX cannot express.
    """
    require_packages()
    import tensorflow as tf
    import tf2onnx

    images = tf.TensorSpec([None, *config.input_size_hw, 3], tf.float32, name="images")

    @tf.function(input_signature=[images])
    def predict(images: Any) -> dict[str, Any]:
        return {"predictions": network(images, training=False)}

    try:
        model, _ = tf2onnx.convert.from_function(predict, input_signature=[images], opset=OPSET)
    except (ValueError, RuntimeError, KeyError, AttributeError, TypeError) as fault:
        raise InvalidArtifact(f"The network could not be converted to ONNX: {fault}") from fault
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "batch"
    return bytes(model.SerializeToString())


class OnnxNetwork:
    """An ONNX model ready to run on the CPU.

    Args:
        content: from `to_onnx`.

    Raises:
        InvalidArtifact: packages are missing, or the content is no ONNX model.
    """

    def __init__(self, content: bytes) -> None:
        require_packages()
        import onnxruntime

        try:
            self._session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
        except RuntimeError as fault:
            raise InvalidArtifact(f"The ONNX model cannot be run: {fault}") from fault

    def run(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32 [B, height, width, 3], RGB, 0..255 → float32 [B, D, 4 + C]."""
        return np.asarray(self._session.run(["predictions"], {"images": images})[0])
