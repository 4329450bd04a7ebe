"""Accuracy is measured on score .01, 400 candidates per class, IoU .45 and 200 boxes."""

from __future__ import annotations

import numpy as np

from ssd_core.config import SSDConfig
from ssd_core.default_boxes import default_boxes_of
from ssd_core.evaluation_detections import evaluation_detections

#: 37 × 50 = 1850 cells on the finest level, one square box each.
CONFIG = SSDConfig(
    ("nut",),
    input_size_hw=(300, 400),
    backbone="vgg16",
    scales=(0.01, 0.4, 0.6),
    aspect_ratios=((1.0,), (1.0,)),
)


def prediction(scores: list[float]) -> np.ndarray:
    """Boxes far apart: the smaller square of every second cell, with these scores, none elsewhere."""
    raw = np.zeros((CONFIG.num_default_boxes, 6), np.float32)
    raw[:, 5] = -20
    for place, score in enumerate(scores):
        raw[4 * place, 5] = np.log(score / (1 - score))
    return raw


def test_scores_start_at_1_percent_and_boxes_are_in_pixels_of_the_image() -> None:
    boxes = default_boxes_of(CONFIG)
    found = evaluation_detections(prediction([0.0099, 0.0101, 0.9]), boxes, CONFIG, (600, 400))
    np.testing.assert_allclose(found.scores, [0.9, 0.0101], rtol=1e-4)
    centre_x, centre_y, width, height = boxes[8]
    np.testing.assert_allclose(
        found.boxes_xyxy[0],
        [
            centre_x - width / 2,
            2 * (centre_y - height / 2),
            centre_x + width / 2,
            2 * (centre_y + height / 2),
        ],
        rtol=1e-5,
    )


def test_an_image_has_200_boxes_at_most() -> None:
    found = evaluation_detections(prediction([0.5] * 300), default_boxes_of(CONFIG), CONFIG, (300, 400))
    assert len(found) == 200


def test_the_401st_candidate_of_a_class_is_not_looked_at() -> None:
    raw = prediction([])
    # 400 candidates on one spot, which suppression makes one, and a 401st elsewhere.
    raw[:400, 5] = 2
    boxes = default_boxes_of(CONFIG).copy()
    boxes[:400] = boxes[0]
    raw[800, 5] = 1
    assert len(evaluation_detections(raw, boxes, CONFIG, (300, 400))) == 1
    raw[399, 5] = -20
    assert len(evaluation_detections(raw, boxes, CONFIG, (300, 400))) == 2
