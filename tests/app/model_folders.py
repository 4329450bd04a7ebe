"""Model folders for tests: one known by heart, and one whose network is really built from its config."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ssd_core.artifacts import save_model
from ssd_core.boxes import change_box_format, clip_boxes
from ssd_core.config import SSDConfig
from ssd_core.default_boxes import default_boxes_of

#: The default box at which the colour detector finds things.
PLANTED = 50
COLOURS = SSDConfig(
    ("nut", "bolt"),
    input_size_hw=(48, 64),
    scales=(0.2, 0.4, 0.6, 0.8),
    aspect_ratios=((1.0, 2.0), (1.0,), (1.0,)),
)
#: Float xyxy in pixels of a 64×48 picture.
PLANTED_BOX: list[float] = clip_boxes(
    change_box_format(default_boxes_of(COLOURS)[PLANTED], "xyxy"), COLOURS.input_size_hw
).tolist()


def colour_model(folder: Path, *, swapped: bool = False, **card: Any) -> Path:
    """Sees a nut in red pictures and a bolt in blue ones, at the planted box; swapped the other way round."""
    import keras
    from keras import layers

    boxes, values = COLOURS.num_default_boxes, 4 + COLOURS.num_classes
    image = keras.Input((*COLOURS.input_size_hw, 3))
    means = layers.GlobalAveragePooling2D()(layers.Rescaling(1 / 255)(image))
    head = layers.Dense(boxes * values, name="head")
    network = keras.Model(image, layers.Reshape((boxes, values))(head(means)))
    kernel = np.zeros((3, boxes, values), np.float32)
    red, blue = (6, 5) if swapped else (5, 6)
    kernel[0, PLANTED, red] = kernel[2, PLANTED, blue] = 10
    bias = np.zeros((boxes, values), np.float32)
    bias[:, 4] = 5
    head.set_weights([kernel.reshape(3, -1), bias.reshape(-1)])
    known = {"name": folder.name, "thresholds": {"score": 0.5, "iou": 0.45}, **card}
    save_model(folder, network, COLOURS, known)
    return folder


def built_model(folder: Path, **card: Any) -> Path:
    """An untrained network of the usual kind, small enough to be quick."""
    from ssd_core.model import build_network

    config = SSDConfig(("nut", "bolt"), input_size_hw=(64, 64))
    known = {"name": "parts quick 1", "project": "parts elsewhere", "metrics": {"AP50": 0.75}, **card}
    save_model(folder, build_network(config, weights=None), config, known)
    return folder


def crowded_model(folder: Path, picture: bytes, **card: Any) -> Path:
    """An untrained network that sees hundreds of overlapping things of two classes, of all scores."""
    from ssd_core.model import build_network
    from ssd_core.preprocess import load_rgb, resize_for_network

    config = SSDConfig(("nut", "bolt"), input_size_hw=(64, 64))
    network = build_network(config, weights=None)
    image = resize_for_network(load_rgb(picture), config.input_size_hw)[None]
    for name, columns, spread in (("offsets", slice(0, 4), 1.0), ("logits", slice(4, None), 1.5)):
        layer = network.get_layer(name)
        prediction = network(image, training=False).numpy()[0, :, columns]
        layer.kernel.assign(layer.kernel * (spread / prediction.std()))
    save_model(folder, network, config, {"name": folder.name, **card})
    return folder
