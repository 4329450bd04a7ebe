"""The calls of the notebook that the project grew from, with the numbers that it shows."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from ssd_core.boxes import change_box_format, compute_iou
from ssd_core.config import config
from ssd_core.decoding import DecodePredictions
from ssd_core.default_boxes import DefaultBoxes
from ssd_core.errors import WeightsUnavailable
from ssd_core.losses import SSDClsLoss, SSDLocLoss
from ssd_core.matching import LabelEncoder
from ssd_core.model import build_model


def test_the_notebook_s_calls_run_from_the_first_to_the_last() -> None:
    boxes = DefaultBoxes(**config).boxes
    assert boxes.shape == (8732, 4)
    np.testing.assert_allclose(
        boxes[[0, 1, 2, -1]],
        [
            [4, 4, 21.2132, 42.4264],
            [4, 4, 30, 30],
            [4, 4, 42.4264, 21.2132],
            [150, 150, 288.37476, 288.37476],
        ],
        atol=1e-4,
    )

    corners = change_box_format(boxes, "xyxy")
    np.testing.assert_allclose(change_box_format(corners, "xywh"), boxes, atol=1e-3)
    assert compute_iou(boxes[:2], boxes[:2])[0, 0] == pytest.approx(1)

    objects = tf.constant([[60.0, 50.0, 200.0, 220.0]])
    offsets, classes = LabelEncoder(boxes, 0.5).encode(objects, tf.constant([0]))
    assert (offsets.shape, classes.shape) == ((8732, 4), (8732,))
    assert int(tf.reduce_max(classes)) == 1

    model = build_model(config["num_classes"], weights=None)
    prediction = model(tf.zeros([1, 300, 300, 3]))
    assert prediction.shape == (1, 8732, 6)

    target = tf.concat([offsets, tf.cast(classes, tf.float32)[:, None]], 1)[None]
    assert np.isfinite(SSDLocLoss()(target, prediction))
    assert np.isfinite(SSDClsLoss()(target, prediction))

    # A prediction that says exactly what the target says is decoded to the object.
    sure = 20.0 * tf.one_hot(tf.maximum(classes, 0), 2)
    decoded = DecodePredictions(boxes, 0.45, 0.5)(tf.concat([offsets, sure], 1)[None])
    assert decoded.counts.numpy().tolist() == [1]
    np.testing.assert_allclose(decoded.boxes_xyxy[0, 0], objects[0], atol=0.01)


def test_the_notebook_s_model_asks_for_imagenet_weights_and_says_what_to_do_without_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def offline(weights: str | None, **_: Any) -> None:
        # As Keras words it on a machine without a network.
        assert weights == "imagenet"
        raise Exception("URL fetch failure on https://…/resnet50.h5: None -- no such host")  # noqa: TRY002

    monkeypatch.setattr(keras.applications, "ResNet50", offline)
    with pytest.raises(WeightsUnavailable, match=r"ResNet50.*no such host.*Connect to the internet once"):
        build_model(config["num_classes"])


def test_the_notebook_s_dictionary_takes_other_sizes_steps_and_clipping() -> None:
    wide = {**config, "input_shape": [200, 300], "feature_sizes": [(25, 38), (13, 19), (7, 10), 4, 2, 1]}
    boxes = DefaultBoxes(**wide, steps=[8, 16, 32, 64, 128, 300]).boxes
    assert len(boxes) == 25 * 38 * 4 + (13 * 19 + 7 * 10 + 4 * 4) * 6 + (2 * 2 + 1) * 4
    np.testing.assert_allclose(boxes[1], [4, 4, 30, 20], rtol=1e-6)
    clipped = DefaultBoxes(**{**wide, "clip_default_boxes": True}).boxes
    corners = change_box_format(clipped, "xyxy")
    assert corners.min() >= -1e-4
    assert (corners <= np.array([300, 200, 300, 200]) + 1e-3).all()
