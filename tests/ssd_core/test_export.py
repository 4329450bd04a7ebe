"""The LiteRT exports say what the Keras network says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from ssd_core.errors import InvalidExample
from ssd_core.export import to_litert, to_litert_int8

SIZE = (24, 32)


@pytest.fixture(scope="module")
def network() -> Any:
    """Convolution, normalisation with moved statistics, and a head: what a detector is made of."""
    import keras
    from keras import layers

    keras.utils.set_random_seed(0)
    image = keras.Input((*SIZE, 3))
    x = layers.Rescaling(1 / 128, offset=-127 / 128)(image)
    x = layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization(moving_mean_initializer="ones", moving_variance_initializer="ones")(x)
    x = layers.DepthwiseConv2D(3, padding="same")(layers.ReLU(6.0)(x))
    heads = [layers.Reshape((-1, 3))(layers.Conv2D(6, 1)(x)) for _ in range(2)]
    return keras.Model(image, layers.Concatenate(axis=-1)(heads), name="small")


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(0).uniform(0, 255, (8, *SIZE, 3)).round().astype(np.float32)


def run(litert: bytes, image: np.ndarray) -> np.ndarray:
    interpreter = Interpreter(model_content=litert, num_threads=1)
    interpreter.allocate_tensors()
    (entry,), (exit_,) = interpreter.get_input_details(), interpreter.get_output_details()
    assert entry["dtype"] == exit_["dtype"] == np.float32
    assert entry["shape"].tolist() == [1, *SIZE, 3]
    interpreter.set_tensor(entry["index"], image[None])
    interpreter.invoke()
    return interpreter.get_tensor(exit_["index"])


def operations(litert: bytes) -> set[str]:
    interpreter = Interpreter(model_content=litert)
    return {operation["op_name"] for operation in interpreter._get_ops_details()}


def test_float32_equals_keras_in_inference_mode(network: Any, images: np.ndarray) -> None:
    litert = to_litert(network)
    for image in images[:3]:
        wanted = np.asarray(network(image[None], training=False))
        np.testing.assert_allclose(run(litert, image), wanted, atol=1e-5)


def test_weights_are_constants_because_variables_are_slow(network: Any) -> None:
    assert "READ_VARIABLE" not in operations(to_litert(network))


def test_int8_is_close_keeps_float_borders_and_is_quantised_inside(network: Any, images: np.ndarray) -> None:
    litert = to_litert_int8(network, images)
    assert {"QUANTIZE", "DEQUANTIZE"} <= operations(litert)
    for image in images[:3]:
        wanted = np.asarray(network(image[None], training=False))
        assert np.abs(run(litert, image) - wanted).max() < 0.05 * np.ptp(wanted)


def test_int8_without_images_is_refused(network: Any) -> None:
    with pytest.raises(InvalidExample, match="needs images to calibrate on"):
        to_litert_int8(network, [])
