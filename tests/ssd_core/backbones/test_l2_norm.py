"""conv4_3 is brought to length 20 per cell, also where float16 would overflow."""

from __future__ import annotations

import numpy as np

from ssd_core.backbones.l2_norm import L2Norm


def test_each_cell_has_the_length_of_the_scale() -> None:
    layer = L2Norm()
    result = layer(np.array([[[[3.0, 4.0]], [[0.0, 0.0]]]], np.float32)).numpy()
    np.testing.assert_allclose(result[0, 0, 0], [12.0, 16.0], rtol=1e-6)
    assert result[0, 1, 0].tolist() == [0.0, 0.0]


def test_channels_learn_their_scale_separately() -> None:
    layer = L2Norm()
    layer.build((None, 1, 1, 2))
    layer.set_weights([np.array([1.0, 10.0])])
    np.testing.assert_allclose(layer(np.array([[[[3.0, 4.0]]]], np.float32))[0, 0, 0], [0.6, 8.0], rtol=1e-6)


def test_half_precision_does_not_overflow() -> None:
    # 512 channels of 60: the sum of squares is 1.8 million, and float16 ends at 65504.
    layer = L2Norm(dtype="mixed_float16")
    result = layer(np.full((1, 1, 1, 512), 60, np.float16))
    assert result.dtype == "float16"
    np.testing.assert_allclose(result.numpy(), 20 / np.sqrt(512), rtol=1e-3)
    assert layer.scale.dtype == "float32"
