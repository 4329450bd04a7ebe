"""A detector small enough to know by heart: it sees a nut in red images and a bolt in blue ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ssd_core.config import SSDConfig

#: The default box at which the tiny detector finds things.
PLANTED = 50


@pytest.fixture(scope="module")
def tiny_backbone() -> Iterator[None]:
    """Networks are built on a trunk of two layers, so that a training takes seconds."""
    from tests.ssd_core.small_training import use_tiny_backbone

    with pytest.MonkeyPatch.context() as patch:
        use_tiny_backbone(patch)
        yield


@pytest.fixture
def real_backbone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks are built on the trunk that their config names, whatever other tests of the file do."""
    from ssd_core.backbones import build_backbone

    monkeypatch.setattr("ssd_core.model.build_backbone", build_backbone)


@pytest.fixture(scope="session")
def tiny_config() -> SSDConfig:
    return SSDConfig(
        classes=("nut", "bolt"),
        input_size_hw=(48, 64),
        scales=(0.2, 0.4, 0.6, 0.8),
        aspect_ratios=((1.0, 2.0), (1.0,), (1.0,)),
    )


@pytest.fixture(scope="session")
def colour_network() -> Callable[[SSDConfig], Any]:
    """Makes networks of two classes: background 5; at the planted box 10 × mean red, 10 × mean blue."""
    return make_colour_network


@pytest.fixture(scope="session")
def tiny_network(tiny_config: SSDConfig) -> Any:
    return make_colour_network(tiny_config)


def make_colour_network(config: SSDConfig) -> Any:
    import keras
    from keras import layers

    boxes, values = config.num_default_boxes, 4 + config.num_classes
    image = keras.Input((*config.input_size_hw, 3))
    means = layers.GlobalAveragePooling2D()(layers.Rescaling(1 / 255)(image))
    head = layers.Dense(boxes * values, name="head")
    network = keras.Model(image, layers.Reshape((boxes, values))(head(means)), name="tiny")
    kernel = np.zeros((3, boxes, values), np.float32)
    kernel[0, PLANTED, 5] = kernel[2, PLANTED, 6] = 10
    bias = np.zeros((boxes, values), np.float32)
    bias[:, 4] = 5
    head.set_weights([kernel.reshape(3, -1), bias.reshape(-1)])
    return network


@pytest.fixture(scope="session")
def planted_box_xyxy(tiny_config: SSDConfig) -> np.ndarray:
    """Where the tiny detector finds things: float32 [4], xyxy in pixels of its 64×48 input, on the image."""
    from ssd_core.boxes import change_box_format
    from ssd_core.default_boxes import default_boxes_of

    return change_box_format(default_boxes_of(tiny_config)[PLANTED], "xyxy")


@pytest.fixture(scope="session")
def saved_model(tiny_config: SSDConfig, tiny_network: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny detector as a model folder; tests copy it before they damage it."""
    from ssd_core.artifacts import save_model
    from ssd_core.export import to_litert, to_litert_int8

    height, width = tiny_config.input_size_hw
    colours = ([255, 0, 0], [0, 0, 255], [0, 0, 0], [255, 255, 255])
    images = [np.broadcast_to(np.float32(colour), (height, width, 3)) for colour in colours]
    folder = tmp_path_factory.mktemp("models") / "tiny"
    litert = {"float32": to_litert(tiny_network), "int8": to_litert_int8(tiny_network, images)}
    thresholds = {"score": 0.6, "iou": 0.45, "class_scores": {tiny_config.classes[0]: 0.6}}
    card = {"name": "tiny", "thresholds": thresholds, "metrics": {"AP": None}}
    save_model(folder, tiny_network, tiny_config, card, litert=litert)
    return folder
