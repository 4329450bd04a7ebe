"""The exports say what the Keras network says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from ssd_core.candidates import candidates
from ssd_core.config import SSDConfig
from ssd_core.default_boxes import default_boxes_of
from ssd_core.errors import InvalidArtifact, InvalidExample
from ssd_core.export import to_litert, to_litert_int8, to_saved_model
from ssd_core.nms import non_max_suppression

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


def test_each_image_of_the_calibration_is_told_and_may_end_it(network: Any, images: np.ndarray) -> None:
    told: list[None] = []

    def on_image() -> None:
        told.append(None)
        if len(told) == 3:
            raise KeyError("enough")

    with pytest.raises(KeyError, match="enough"):
        to_litert_int8(network, images, on_image=on_image)
    assert len(told) == 3


def test_what_the_converter_cannot_express_is_an_error_of_ours(images: np.ndarray) -> None:
    import keras
    import tensorflow as tf

    image = keras.Input((*SIZE, 3))
    odd = keras.layers.Lambda(lambda x: tf.signal.fft2d(tf.cast(x, tf.complex64)))(image)
    network = keras.Model(image, odd, name="odd")
    with pytest.raises(InvalidArtifact, match="'odd' could not be converted"):
        to_litert_int8(network, images[:1])


#: What a program without this package does with a SavedModel.
FOREIGN_PROGRAM = """
import sys
sys.modules["ssd_core"] = None  # an import of it would fail
import numpy as np, tensorflow as tf
loaded = tf.saved_model.load(sys.argv[1])
images = np.load(sys.argv[2])
found = loaded.detect(images, 0.05, 0.45)
thresholds = {"score_threshold": tf.constant(0.05), "iou_threshold": tf.constant(0.45)}
signed = loaded.signatures["detect"](images=tf.constant(images), **thresholds)
assert sorted(found) == sorted(signed)
assert all((found[name].numpy() == signed[name].numpy()).all() for name in found)
raw = loaded.signatures["serving_default"](images=tf.constant(images[:1]))["predictions"]
assert (raw.numpy() == loaded.predict(images[:1])["predictions"].numpy()).all()
predictions = loaded.predict(images)["predictions"]
np.savez(sys.argv[3], predictions=predictions, **{name: value.numpy() for name, value in found.items()})
"""


@pytest.mark.usefixtures("tiny_backbone")
def test_a_saved_model_detects_where_this_package_is_not_installed(tmp_path: Path) -> None:
    from ssd_core.model import build_network

    config = SSDConfig(
        ("nut", "bolt"), (48, 64), "vgg16", scales=(0.3, 0.45, 0.9), aspect_ratios=((1.0,),) * 2
    )
    network = build_network(config, None)
    head = network.get_layer("logits")
    head.kernel.assign(head.kernel * 300)
    images = np.random.default_rng(0).integers(0, 256, (3, 48, 64, 3)).astype(np.float32)
    to_saved_model(network, config, tmp_path / "models" / "saved")
    np.save(tmp_path / "images.npy", images)
    paths = [tmp_path / "models" / "saved", tmp_path / "images.npy", tmp_path / "answer.npz"]
    program = [sys.executable, "-I", "-c", FOREIGN_PROGRAM, *map(str, paths)]
    answer = subprocess.run(program, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    found = np.load(tmp_path / "answer.npz")
    np.testing.assert_allclose(found["predictions"], network(images, training=False), atol=1e-4)
    boxes = default_boxes_of(config)
    for index, prediction in enumerate(found["predictions"]):
        pairs = candidates(prediction, boxes, config.variances, config.input_size_hw, config.input_size_hw)
        wanted = non_max_suppression(pairs, 0.05, 0.45)
        count = found["counts"][index]
        assert count == len(wanted) > 3
        assert found["class_ids"][index, :count].tolist() == wanted.class_ids.tolist()
        np.testing.assert_allclose(found["scores"][index, :count], wanted.scores, atol=1e-6)
        np.testing.assert_allclose(found["boxes_xyxy"][index, :count], wanted.boxes_xyxy, atol=1e-3)
    assert (paths[0] / "assets.extra" / "classes.txt").read_text(encoding="utf-8") == "nut\nbolt\n"
    assert list(paths[0].parent.iterdir()) == [paths[0]]


def test_a_saved_model_overwrites_nothing(tiny_network: Any, tiny_config: SSDConfig, tmp_path: Path) -> None:
    with pytest.raises(InvalidArtifact, match="exists already"):
        to_saved_model(tiny_network, tiny_config, tmp_path)
    assert list(tmp_path.iterdir()) == []
