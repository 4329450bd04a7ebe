"""From a trained Keras network to what runs elsewhere: LiteRT (without TensorFlow) and SavedModel.

TensorFlow is imported when a function is called, not with this module.
"""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ssd_core.config import SSDConfig
from ssd_core.default_boxes import default_boxes_of
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


def to_litert_int8(
    network: keras.Model,
    images: Iterable[NDArray[np.float32]],
    *,
    on_image: Callable[[], None] = lambda: None,
) -> bytes:
    """Convert a network to LiteRT with int8 weights and activations; input and output stay float32.

    Args:
        network: as for `to_litert`.
        images: float32 [height, width, 3], 0..255, made by `resize_for_network` from training images; the
            ranges of all activations are taken from them, so a few dozen are wanted.
        on_image: called before each image is looked at, which takes a tenth of a second; what it raises ends
            the conversion.

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
                on_image()
                yield [batch]

        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = calibration
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]

    return _convert(network, quantise)


def to_saved_model(network: keras.Model, config: SSDConfig, folder: Path) -> None:
    """Write a network as a TensorFlow SavedModel, which runs where this package is not installed.

    `tf.saved_model.load` gives an object with two functions, which are also its signatures::

        predict(images)                               → {"predictions"}
        detect(images, score_threshold, iou_threshold) → {"boxes_xyxy", "scores", "class_ids", "counts"}

    ``images`` is float32 [B, height, width, 3], RGB, 0..255, warped to the network's input size; boxes are in
    pixels of that size. `detections_in_graph` says what the outputs are. The file
    ``assets.extra/classes.txt`` holds the names of the classes, one a line, in the order of the class ids.

    Args:
        network: the network that ``config`` describes.
        config: the detector.
        folder: the folder to make, which appears complete or not at all; its parent is made too.

    Raises:
        InvalidArtifact: the folder exists already.
    """
    import tensorflow as tf

    from ssd_core.detection_graph import detections_in_graph

    if folder.exists():
        raise InvalidArtifact(f"{folder} exists already; remove it, or choose another folder to export to.")
    default_boxes = default_boxes_of(config)
    images = tf.TensorSpec([None, *config.input_size_hw, 3], tf.float32, name="images")
    thresholds = [tf.TensorSpec([], tf.float32, name=f"{name}_threshold") for name in ("score", "iou")]

    @tf.function(input_signature=[images])
    def predict(images: Any) -> dict[str, Any]:
        return {"predictions": network(images, training=False)}

    @tf.function(input_signature=[images, *thresholds])
    def detect(images: Any, score_threshold: Any, iou_threshold: Any) -> dict[str, Any]:
        predictions = predict(images)["predictions"]
        return detections_in_graph(predictions, default_boxes, config, score_threshold, iou_threshold)

    # A bare module with the variables saves in a third of the time that the Keras network's layers take.
    module = tf.Module()
    module.variables_of_network = [variable.value for variable in network.variables]
    module.predict, module.detect = predict, detect
    signatures = {"serving_default": predict, "predict": predict, "detect": detect}
    folder.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".making", dir=folder.parent))
    try:
        tf.saved_model.save(module, str(making), signatures)
        (making / "assets.extra").mkdir()
        classes = "".join(f"{name}\n" for name in config.classes)
        (making / "assets.extra" / "classes.txt").write_text(classes, encoding="utf-8")
        making.chmod(0o755)
        making.rename(folder)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _convert(network: keras.Model, configure: Callable[[Any], None]) -> bytes:
    import tensorflow as tf
    from tensorflow.lite.python.convert_phase import ConverterError
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
    except (ConverterError, RuntimeError, ValueError) as fault:
        raise InvalidArtifact(
            f"The network {network.name!r} could not be converted to LiteRT: {fault}"
        ) from fault
