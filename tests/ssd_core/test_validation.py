"""Validation while training sees images and boxes as the finished model's runtime will."""

from __future__ import annotations

import numpy as np
import pytest

from ssd_core.config import SSDConfig
from ssd_core.example import Example
from ssd_core.export import to_litert
from ssd_core.model import build_network
from ssd_core.runtime import Detector
from ssd_core.validation import MOST_IMAGES, Validator

CONFIG = SSDConfig(("nut", "bolt"), input_size_hw=(64, 96))


def _noise(index: int, size_hw: tuple[int, int] = (70, 50)) -> Example:
    rng = np.random.default_rng(index)
    image = rng.integers(0, 255, (*size_hw, 3), np.uint8)
    return Example(f"noise {index}", image, [[5, 5, 40, 60], [0, 0, 9, 9]], [1, 0], [False, True])


def test_it_detects_what_the_exported_model_detects() -> None:
    examples = [_noise(0), _noise(1, (64, 200))]
    validator = Validator(examples, CONFIG)
    validator.network.set_weights(build_network(CONFIG, None, seed=5).get_weights())
    detector = Detector(CONFIG, to_litert(validator.network))
    for found, example in zip(validator.detections(), examples, strict=True):
        expected = detector.predict_for_evaluation(example.image)
        assert len(found) > 10
        np.testing.assert_allclose(found.scores[:10], expected.scores[:10], atol=1e-3)
        np.testing.assert_allclose(found.boxes_xyxy[:10], expected.boxes_xyxy[:10], atol=0.5)
        assert found.boxes_xyxy[:, 2].max() <= example.load().shape[1]


def test_ignored_boxes_do_not_count() -> None:
    assert Validator([_noise(0), _noise(1)], CONFIG).boxes == 2


def test_without_images_there_are_no_metrics() -> None:
    validator = Validator([], CONFIG)
    assert validator.metrics() == {}
    assert validator.boxes == 0


def test_of_very_many_images_some_are_taken_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ssd_core.validation.MOST_IMAGES", 3)
    validator = Validator([_noise(index) for index in range(7)], CONFIG)
    assert [example.name for example in validator._examples] == ["noise 0", "noise 2", "noise 4"]
    assert MOST_IMAGES == 200
