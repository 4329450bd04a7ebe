"""The TensorFlow form of the box mathematics equals the NumPy form."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from ssd_core import box_coding
from ssd_core.boxes import area_xyxy, change_box_format, encode_boxes, iou_matrix_xyxy


def _random_boxes(seed: int, count: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    low = rng.uniform(-20, 200, (count, 2))
    return np.concatenate([low, low + rng.uniform(1, 100, (count, 2))], 1).astype(np.float32)


def test_overlaps_equal_those_of_numpy() -> None:
    first, second = _random_boxes(0, 7), _random_boxes(1, 11)
    first[3] = [5, 5, 5, 9]
    np.testing.assert_allclose(
        box_coding.iou_matrix(tf.constant(first), tf.constant(second)),
        iou_matrix_xyxy(first, second),
        rtol=1e-6,
    )
    np.testing.assert_allclose(box_coding.areas(tf.constant(first)), area_xyxy(first), rtol=1e-6)


def test_offsets_equal_those_of_numpy() -> None:
    boxes, defaults = _random_boxes(2, 9), change_box_format(_random_boxes(3, 9), "cxcywh")
    np.testing.assert_allclose(
        box_coding.encode(tf.constant(boxes), tf.constant(defaults), (0.1, 0.2)),
        encode_boxes(boxes, defaults),
        rtol=1e-5,
        atol=1e-5,
    )
