"""The paper's trunk has the paper's maps, and fc6 and fc7 come thinned out of the classifier."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from ssd_core.backbones.vgg16 import build, thinned
from ssd_core.config import SSDConfig
from ssd_core.errors import WeightsUnavailable


@pytest.mark.parametrize(("side", "boxes"), [(300, 8732), (512, 24564)])
def test_vgg16_has_the_boxes_of_the_paper(side: int, boxes: int) -> None:
    assert SSDConfig(("nut",), (side, side), backbone="vgg16").num_default_boxes == boxes


def test_pooling_rounds_up_and_fc6_sees_through_holes() -> None:
    backbone = build((300, 300), None)
    assert [tuple(tap.shape[1:]) for tap in backbone.outputs] == [(38, 38, 512), (19, 19, 1024)]
    assert backbone.get_layer("fc6").dilation_rate == (6, 6)
    # VGG16's convolutions, fc6, fc7, and the scales of conv4_3.
    assert backbone.count_params() == 14_714_688 + 4_719_616 + 1_049_600 + 512


def test_thinning_keeps_every_third_cell_and_every_fourth_filter() -> None:
    kernel = np.arange(7 * 7 * 2 * 8, dtype=np.float32).reshape(7, 7, 2, 8)
    thin, bias = thinned(kernel, np.arange(8, dtype=np.float32), 3, 1)
    assert thin.shape == (3, 3, 2, 2)
    assert thin[2, 1, 1].tolist() == [kernel[6, 3, 1, 0], kernel[6, 3, 1, 4]]
    assert bias.tolist() == [0, 4]


def test_imagenet_weights_arrive_in_their_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    class Classifier:
        """Answers for VGG16 without its half gigabyte: every tensor is one number, seen from all places."""

        def get_layer(self, name: str) -> Any:
            shapes = {"fc1": ((25088, 4096), (4096,)), "fc2": ((4096, 4096), (4096,))}
            if name in shapes:
                values = [np.broadcast_to(np.float32(7), shape) for shape in shapes[name]]
            else:
                like = untrained.get_layer(name).get_weights()
                values = [np.full_like(value, 3) for value in like]
            layer = keras.layers.Layer()
            monkeypatch.setattr(layer, "get_weights", lambda: values)
            return layer

    untrained = build((32, 32), None)
    monkeypatch.setattr(keras.applications, "VGG16", lambda weights: Classifier())
    backbone = build((32, 32), "imagenet")
    assert (backbone.get_layer("block1_conv1").get_weights()[0] == 3).all()
    assert (backbone.get_layer("block5_conv3").get_weights()[1] == 3).all()
    assert (backbone.get_layer("fc6").get_weights()[0] == 7).all()
    assert (backbone.get_layer("fc7").get_weights()[0] == 7).all()
    assert (backbone.get_layer("conv4_3_norm").get_weights()[0] == 20).all()


@pytest.mark.parametrize(
    ("backbone", "application"), [("vgg16", "VGG16"), ("mobilenet_v3_large", "MobileNetV3Large")]
)
def test_without_a_network_the_message_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, backbone: str, application: str
) -> None:
    from ssd_core.backbones import build_backbone

    def offline(**_: Any) -> None:
        raise Exception("URL fetch failure on https://…: None -- no route")  # noqa: TRY002

    monkeypatch.setattr(keras.applications, application, offline)
    with pytest.raises(WeightsUnavailable, match="efficientnet_lite0"):
        build_backbone(backbone, (64, 64), "imagenet")
