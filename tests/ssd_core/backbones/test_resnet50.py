"""The notebook's trunk, and what it says when its weights cannot be had."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from ssd_core.backbones import resnet50
from ssd_core.errors import WeightsUnavailable


def test_maps_have_strides_8_16_and_32() -> None:
    shapes = [output.shape for output in resnet50.build((64, 96), None).outputs]
    assert shapes == [(None, 8, 12, 512), (None, 4, 6, 1024), (None, 2, 3, 2048)]


def test_the_image_becomes_bgr_about_the_mean_of_imagenet() -> None:
    centred = resnet50.CaffeInput()(np.array([[[[123.68, 116.779, 103.939]]]], np.float32))
    np.testing.assert_allclose(centred, np.zeros((1, 1, 1, 3)), atol=1e-4)
    red = resnet50.CaffeInput()(np.array([[[[255, 0, 0]]]], np.float32))
    np.testing.assert_allclose(red[0, 0, 0], [-103.939, -116.779, 131.32], atol=1e-3)


@pytest.mark.parametrize(
    "failure", [OSError("no route to host"), Exception("URL fetch failure on https://…: None")]
)
def test_weights_that_cannot_be_downloaded_say_what_to_do(
    monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def offline(**_: Any) -> None:
        raise failure

    monkeypatch.setattr(keras.applications, "ResNet50", offline)
    with pytest.raises(WeightsUnavailable, match=r"Connect to the internet once .* efficientnet_lite0"):
        resnet50.build((64, 64), "imagenet")
