"""Detection as a TensorFlow graph answers as the NumPy definition does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from ssd_core.boxes import change_box_format
from ssd_core.candidates import candidates
from ssd_core.config import SSDConfig
from ssd_core.default_boxes import default_boxes_of
from ssd_core.detection_graph import detections_in_graph
from ssd_core.nms import Detections, _iou, non_max_suppression

CLASSES = ("nut", "bolt", "washer")
#: Neither square nor SSD300; 4 · 24 · 32 + 3 · 12 · 16 + 3 · 6 · 8 boxes.
CONFIG = SSDConfig(
    CLASSES,
    input_size_hw=(192, 256),
    scales=(0.2, 0.4, 0.6, 0.8),
    aspect_ratios=((0.5, 1.0, 2.0), (1.0, 2.0), (1.0, 2.0)),
)
DEFAULT_BOXES = default_boxes_of(CONFIG)


def in_graph(predictions: np.ndarray, score: float, iou: float) -> dict[str, np.ndarray]:
    compiled = tf.function(
        lambda raw, score, iou: detections_in_graph(raw, DEFAULT_BOXES, CONFIG, score, iou)
    )
    found = compiled(tf.constant(predictions), tf.constant(score), tf.constant(iou))
    return {name: value.numpy() for name, value in found.items()}


def in_numpy(prediction: np.ndarray, score: float, iou: float) -> Detections:
    size_hw = CONFIG.input_size_hw
    return non_max_suppression(
        candidates(prediction, DEFAULT_BOXES, CONFIG.variances, size_hw, size_hw), score, iou
    )


def nothing() -> np.ndarray:
    """A prediction in which the background has e²⁰ times the odds of anything else."""
    raw = np.zeros((CONFIG.num_default_boxes, 4 + CONFIG.num_classes), np.float32)
    raw[:, 4] = 20
    return raw


def assert_equal(found: dict[str, np.ndarray], index: int, wanted: Detections) -> None:
    count = int(found["counts"][index])
    assert count == len(wanted)
    assert found["class_ids"][index, :count].tolist() == wanted.class_ids.tolist()
    np.testing.assert_allclose(found["scores"][index, :count], wanted.scores, atol=1e-6)
    np.testing.assert_allclose(found["boxes_xyxy"][index, :count], wanted.boxes_xyxy, atol=1e-3)
    assert (found["class_ids"][index, count:] == -1).all()
    assert (found["scores"][index, count:] == 0).all()
    assert (found["boxes_xyxy"][index, count:] == 0).all()


@pytest.mark.parametrize(
    ("score", "iou"), [(-2.0, 0.45), (0.0, 0.45), (0.3, 0.45), (0.3, 0.0), (0.3, 1.0), (1.0, 0.45)]
)
def test_random_predictions_of_a_batch_give_what_numpy_gives(score: float, iou: float) -> None:
    rng = np.random.default_rng(4)
    # Thousands of candidates, some hundred, some dozen, none.
    shapes = (4, CONFIG.num_default_boxes, 4 + CONFIG.num_classes)
    predictions = rng.normal(0, 2, shapes).astype(np.float32)
    predictions[:, :, 4] += np.array([[0], [6], [9], [40]], np.float32)
    found = in_graph(predictions, score, iou)
    assert found["boxes_xyxy"].shape == (4, 200, 4)
    assert found["class_ids"].dtype == found["counts"].dtype == np.int64
    for index, prediction in enumerate(predictions):
        assert_equal(found, index, in_numpy(prediction, score, iou))


def test_equal_scores_are_ranked_by_default_box_then_class() -> None:
    raw = nothing()
    raw[[5, 900, 2000], 5:] = 20
    raw[5, 6] = -20
    found = in_graph(raw[None], 0.05, 0.45)
    assert_equal(found, 0, in_numpy(raw, 0.05, 0.45))
    assert found["class_ids"][0, :3].tolist() == [0, 2, 0]


def test_only_more_overlap_than_the_threshold_removes_and_only_within_a_class() -> None:
    raw = nothing()
    # Two boxes of one cell in the middle, as they are: 1 : 1 and 2 : 1 of equal area.
    one, other = 4 * (32 * 12 + 16) + 1, 4 * (32 * 12 + 16) + 2
    raw[one, 5], raw[other, 5] = 24, 23
    iou = _iou(*change_box_format(DEFAULT_BOXES[[one, other]], "xyxy"))
    assert in_graph(raw[None], 0.05, float(iou))["counts"].tolist() == [2]
    assert in_graph(raw[None], 0.05, float(np.nextafter(iou, np.float32(0))))["counts"].tolist() == [1]
    raw[other, 5:7] = 0, 23
    assert in_graph(raw[None], 0.05, 0.1)["counts"].tolist() == [2]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30])
def test_numbers_out_of_bounds_do_what_they_do_in_numpy(value: float) -> None:
    raw = nothing()
    raw[:6, 5] = 25
    raw[0, 0], raw[1, 2], raw[2, 3], raw[3, 6] = value, value, value, value
    with np.errstate(all="ignore"):
        wanted = in_numpy(raw, 0.05, 0.45)
    assert_equal(in_graph(raw[None], 0.05, 0.45), 0, wanted)


def test_a_side_grows_62_and_a_half_times_at_most() -> None:
    config = SSDConfig(("nut",), (192, 256), "vgg16", scales=(0.01, 0.4, 0.6), aspect_ratios=((1.0,), (1.0,)))
    raw = np.zeros((1, config.num_default_boxes, 6), np.float32)
    raw[0, :, 4] = 20
    middle = 2 * (32 * 12 + 16)
    raw[0, middle, 2:6] = 50, 50, 0, 20
    found = detections_in_graph(tf.constant(raw), default_boxes_of(config), config, 0.5, 0.45)
    x0, y0, x1, y1 = found["boxes_xyxy"][0, 0].numpy()
    np.testing.assert_allclose([x1 - x0, y1 - y0], [2.56 * 62.5, 1.92 * 62.5], rtol=1e-5)


def test_a_detector_of_one_class_works_too() -> None:
    config = SSDConfig(("nut",), input_size_hw=(64, 64))
    raw = np.zeros((1, config.num_default_boxes, 6), np.float32)
    raw[0, :, 4] = 20
    raw[0, 7, 5] = 20
    found: dict[str, Any] = detections_in_graph(tf.constant(raw), default_boxes_of(config), config, 0.5, 0.45)
    assert found["counts"].numpy().tolist() == [1]
    assert found["class_ids"][0, 0] == 0
    assert found["scores"][0, 0] == 0.5
