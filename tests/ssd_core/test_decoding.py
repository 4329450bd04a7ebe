"""The Keras layer decodes a batch exactly as the NumPy functions decode each image."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from ssd_core.candidates import candidates
from ssd_core.config import config
from ssd_core.decoding import DecodePredictions
from ssd_core.default_boxes import DefaultBoxes
from ssd_core.errors import InvalidConfig
from ssd_core.nms import non_max_suppression

DEFAULTS = np.array([[30, 30, 20, 20], [100, 100, 40, 60], [102, 100, 40, 60]], np.float32)


def predict(*logits: list[float]) -> np.ndarray:
    rows = np.array(logits, np.float32)
    return np.concatenate([np.zeros((len(rows), 4), np.float32), rows], axis=1)[None]


def test_one_image_with_exact_boxes() -> None:
    decoded = DecodePredictions(DEFAULTS, 0.45, 0.01)(predict([9, 0, 0], [0, 9, 0], [0, 8, 0]))
    assert decoded.counts.numpy().tolist() == [1]
    assert decoded.boxes_xyxy.numpy()[0, 0].tolist() == [80, 70, 120, 130]
    assert decoded.class_ids.numpy()[0, :2].tolist() == [0, -1]
    assert decoded.scores.numpy()[0, 1] == 0


def test_the_notebook_numbers_and_a_batch_equal_the_numpy_functions() -> None:
    defaults = DefaultBoxes(**config)
    predictions = np.random.default_rng(0).normal(size=(2, 8732, 6)).astype(np.float32)
    decoded = DecodePredictions(defaults, 0.45, 0.01)(predictions)
    assert decoded.boxes_xyxy.shape == (2, 200, 4)
    for index, prediction in enumerate(predictions):
        pairs = candidates(
            prediction,
            defaults.boxes,
            (0.1, 0.2),
            (300, 300),
            (300, 300),
            score_floor=0.01,
            limit=None,
            limit_per_class=400,
        )
        found = non_max_suppression(pairs, 0.01, 0.45, 200)
        assert decoded.counts[index] == len(found) == 200
        assert (decoded.boxes_xyxy.numpy()[index] == found.boxes_xyxy).all()
        assert (decoded.scores.numpy()[index] == found.scores).all()
        assert (decoded.class_ids.numpy()[index] == found.class_ids).all()


def test_only_the_best_of_each_class_enter_suppression() -> None:
    far_apart = np.array([[10 + 20 * i, 10, 10, 10] for i in range(5)], np.float32)
    logits = [[0.0, 3 - i / 10, 2.0] for i in range(5)]
    layer = DecodePredictions(far_apart, max_boxes_per_class=2)
    assert sorted(layer(predict(*logits)).class_ids.numpy()[0, :4].tolist()) == [0, 0, 1, 1]
    assert layer(predict(*logits)).counts.numpy().tolist() == [4]


def test_it_is_the_last_layer_of_a_keras_model() -> None:
    image = keras.Input((3, 7))
    model = keras.Model(image, DecodePredictions(DEFAULTS)(image))
    decoded = model.predict(predict([9, 0, 0], [0, 9, 0], [0, 8, 0]), verbose=0)
    assert decoded.boxes_xyxy[0, 0].tolist() == [80, 70, 120, 130]
    assert decoded.counts.tolist() == [1]


def test_boxes_are_clipped_to_the_input_given() -> None:
    layer = DecodePredictions(DEFAULTS, input_size_hw=(110, 90))
    decoded = layer(predict([9, 0, 0], [0, 9, 0], [9, 0, 0]))
    assert decoded.boxes_xyxy.numpy()[0, 0].tolist() == [80, 70, 90, 110]


def test_predictions_of_other_default_boxes_are_refused() -> None:
    with pytest.raises(InvalidConfig, match=r"must be \[B, 3, 4 \+ classes"):
        DecodePredictions(DEFAULTS)(np.zeros((1, 4, 6), np.float32))
    with pytest.raises(InvalidConfig, match=r"default_boxes must be \[D, 4\]"):
        DecodePredictions(np.zeros((3, 5)))
