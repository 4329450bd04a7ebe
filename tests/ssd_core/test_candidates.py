"""Candidates are what the definition says: held against a slow oracle and small cases with exact answers."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssd_core.boxes import encode_boxes
from ssd_core.candidates import Candidates, candidates

VARIANCES = (0.1, 0.2)
# Three default boxes on a network input of 40×60 (height × width), cx, cy, w, h.
DEFAULTS = np.array([[10, 10, 8, 4], [30, 20, 20, 20], [50, 30, 6, 12]], np.float32)
SIZE = (40, 60)


def predict(logits: list[list[float]], offsets: list[list[float]] | None = None) -> np.ndarray:
    offsets = offsets or [[0, 0, 0, 0]] * len(logits)
    return np.concatenate([np.array(offsets, np.float32), np.array(logits, np.float32)], axis=1)


def find(prediction: np.ndarray, image_size_hw: tuple[int, int] = SIZE, **options: object) -> Candidates:
    return candidates(prediction, DEFAULTS, VARIANCES, SIZE, image_size_hw, **options)


def pairs(found: Candidates) -> list[tuple[list[float], int]]:
    return list(zip(found.boxes_xyxy.tolist(), found.class_ids.tolist(), strict=True))


def oracle(
    prediction: np.ndarray, defaults: np.ndarray, image_size_hw: tuple[int, int], floor: float
) -> list[dict]:
    """Softmax and decoding of every pair by Python floats, one at a time."""
    found = []
    for index, row in enumerate(prediction.tolist()):
        weights = [math.exp(logit - max(row[4:])) for logit in row[4:]]
        cx, cy, w, h = defaults[index].tolist()
        x = cx + row[0] * VARIANCES[0] * w
        y = cy + row[1] * VARIANCES[0] * h
        w *= min(math.exp(row[2] * VARIANCES[1]), 1000 / 16)
        h *= min(math.exp(row[3] * VARIANCES[1]), 1000 / 16)
        scale_y, scale_x = image_size_hw[0] / SIZE[0], image_size_hw[1] / SIZE[1]
        box = [(x - w / 2) * scale_x, (y - h / 2) * scale_y, (x + w / 2) * scale_x, (y + h / 2) * scale_y]
        limits = [image_size_hw[1], image_size_hw[0]] * 2
        box = [min(max(value, 0), limit) for value, limit in zip(box, limits, strict=True)]
        for class_id, weight in enumerate(weights[1:]):
            if weight / sum(weights) >= floor:
                found.append({"box": box, "score": weight / sum(weights), "index": index, "class": class_id})
    return sorted(found, key=lambda one: (-one["score"], one["index"], one["class"]))


@pytest.mark.parametrize("classes", [1, 5])
def test_candidates_equal_a_slow_oracle(classes: int) -> None:
    rng = np.random.default_rng(classes)
    defaults = rng.uniform(5, 40, (300, 4)).astype(np.float32)
    prediction = rng.normal(0, 1.5, (300, 5 + classes)).astype(np.float32)
    found = candidates(prediction, defaults, VARIANCES, SIZE, (333, 251))
    wanted = oracle(prediction, defaults, (333, 251), 0.05)
    assert len(wanted) > 100
    assert found.class_ids.tolist() == [one["class"] for one in wanted]
    np.testing.assert_allclose(found.scores, [one["score"] for one in wanted], atol=1e-6)
    np.testing.assert_allclose(found.boxes_xyxy, [one["box"] for one in wanted], atol=1e-3)
    assert found.boxes_xyxy.dtype == found.scores.dtype == np.float32


def test_default_boxes_without_offsets_are_scaled_to_the_image() -> None:
    found = find(predict([[0, 9], [9, 0], [0, 8]]), image_size_hw=(80, 180))
    assert pairs(found) == [([18, 16, 42, 24], 0), ([141, 48, 159, 72], 0)]


def test_the_background_is_never_a_candidate() -> None:
    assert len(find(predict([[9, 0, 0]] * 3))) == 0


def test_a_score_equal_to_the_floor_counts() -> None:
    assert find(predict([[0, 0]] * 3), score_floor=0.5).scores.tolist() == [0.5, 0.5, 0.5]
    assert len(find(predict([[0, 0]] * 3), score_floor=0.5000001)) == 0


def test_ties_go_to_the_lower_default_box_then_to_the_lower_class() -> None:
    found = find(predict([[0, 2, 2], [5, 0, 0], [0, 2, 2]]))
    first, last = [6, 8, 14, 12], [47, 24, 53, 36]
    assert pairs(found)[:4] == [(first, 0), (first, 1), (last, 0), (last, 1)]


def test_the_limit_cuts_ties_by_the_same_order() -> None:
    prediction = predict([[0, 2, 2], [0, 9, 0], [0, 2, 2]])
    assert pairs(find(prediction, limit=3)) == pairs(find(prediction, limit=None))[:3]
    assert len(find(prediction, limit=0)) == 0


def test_the_limit_per_class_counts_each_class_alone() -> None:
    prediction = predict([[0, 3, 2.5], [0, 2, 2.5], [0, 1, 2.5]])
    both = find(prediction, limit=None, limit_per_class=2)
    assert sorted(both.class_ids.tolist()) == [0, 0, 1, 1]
    alone = find(prediction, limit=None)
    for class_id in (0, 1):
        best = alone.scores[alone.class_ids == class_id][:2]
        assert both.scores[both.class_ids == class_id].tolist() == best.tolist()


def test_a_side_grows_at_most_62_and_a_half_times() -> None:
    found = find(predict([[0, 9], [9, 0], [9, 0]], [[0, 0, 50, -50], [0] * 4, [0] * 4]), (400, 600))
    width = 8 * 1000 / 16
    np.testing.assert_allclose(found.boxes_xyxy[0, 0], 0)
    np.testing.assert_allclose(found.boxes_xyxy[0, 2], min((10 + width / 2) * 10, 600), rtol=1e-5)
    np.testing.assert_allclose(found.boxes_xyxy[0, [1, 3]], 100, atol=0.1)


def test_huge_logits_and_offsets_stay_finite() -> None:
    found = find(predict([[-80, 80], [80, -80], [-1e30, 1e30]], [[1e30, -1e30, 1e30, 1e30]] * 3))
    assert found.scores.tolist() == [1, 1]
    assert np.isfinite(found.boxes_xyxy).all()


def test_what_is_not_a_number_is_no_candidate() -> None:
    nan = float("nan")
    found = find(predict([[0, nan], [0, 9], [0, 9]], [[0] * 4, [nan, 0, 0, 0], [0] * 4]))
    assert pairs(found) == [([47, 24, 53, 36], 0)]


def test_boxes_are_clipped_to_the_image() -> None:
    found = find(predict([[0, 9], [9, 0], [9, 0]], [[-20, 0, 0, 9], [0] * 4, [0] * 4]))
    x0, y0, x1, y1 = found.boxes_xyxy[0].tolist()
    assert (x0, x1) == (0, 0)
    assert (y0, y1) == (0, pytest.approx(10 + 2 * math.exp(1.8), abs=1e-3))


def test_rows_keep_every_bit_through_json() -> None:
    found = find(predict([[0, 1.234, 0.1], [0, 0.5, 0.3], [0, 2, 1]]), (123, 457))
    rows = np.array(json.loads(json.dumps(found.rows())), np.float32)
    assert (rows[:, :4] == found.boxes_xyxy).all()
    assert (rows[:, 4] == found.scores).all()
    assert [row[5] for row in found.rows()] == found.class_ids.tolist()


def test_the_prediction_is_left_as_it_was() -> None:
    prediction = predict([[0, 1], [0, 2], [0, 3]])
    before = prediction.copy()
    find(prediction)
    assert (prediction == before).all()


corner = st.floats(0, 55, width=32)
side = st.floats(1, 40, width=32)


@settings(max_examples=60, deadline=None)
@given(corner, corner, side, side, st.integers(0, 2), st.sampled_from([(40, 60), (120, 60), (77, 501)]))
def test_an_encoded_box_comes_back(
    x: float, y: float, w: float, h: float, index: int, image: tuple[int, int]
) -> None:
    box = np.array([x, y, min(x + w, 60), min(y + h, 40)], np.float32)
    if box[2] - box[0] < 0.5 or box[3] - box[1] < 0.5:
        return
    offsets = np.zeros((3, 4), np.float32)
    offsets[index] = encode_boxes(box[None], DEFAULTS[index][None], VARIANCES)[0]
    logits = [[9.0, 0.0]] * 3
    logits[index] = [0.0, 9.0]
    found = find(predict(logits, offsets.tolist()), image)
    scale = np.array([image[1] / 60, image[0] / 40] * 2)
    np.testing.assert_allclose(found.boxes_xyxy[0], box * scale, atol=0.01)
