"""The Keras layer decodes a batch exactly as the NumPy functions decode each image."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


def brute_force(
    prediction: np.ndarray, per_class: int, most: int, class_agnostic: bool = False
) -> list[tuple[int, float, list[float]]]:
    """All of decoding, one number at a time: (class, score, box) of each detection on a 300×300 input."""
    pairs = []
    for index, row in enumerate(prediction.tolist()):
        exponentials = [math.exp(logit - max(row[4:])) for logit in row[4:]]
        cx, cy, w, h = GRID[index].tolist()
        x, y = cx + row[0] * 0.1 * w, cy + row[1] * 0.1 * h
        w, h = (side * min(math.exp(d * 0.2), 62.5) for side, d in ((w, row[2]), (h, row[3])))
        box = [min(max(value, 0), 300) for value in (x - w / 2, y - h / 2, x + w / 2, y + h / 2)]
        for class_id, exponential in enumerate(exponentials[1:]):
            score = exponential / sum(exponentials)
            if score >= 0.01:
                pairs.append((-score, index, class_id, box))
    pairs.sort()
    entering: list[Any] = []
    for pair in pairs:
        if sum(other[2] == pair[2] for other in entering) < per_class:
            entering.append(pair)
    kept: list[Any] = []
    for pair in entering:
        rivals = [other for other in kept if class_agnostic or other[2] == pair[2]]
        if len(kept) < most and not any(overlap(other[3], pair[3]) > 0.45 for other in rivals):
            kept.append(pair)
    return [(class_id, -score, box) for score, _, class_id, box in kept]


def overlap(a: list[float], b: list[float]) -> float:
    shared = max(min(a[2], b[2]) - max(a[0], b[0]), 0) * max(min(a[3], b[3]) - max(a[1], b[1]), 0)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
    return shared / (sum(areas) - shared) if shared else 0


#: 30×30 default boxes that overlap a little.
GRID = np.array(
    [[5 + 10 * column, 5 + 10 * row, 14, 11] for row in range(30) for column in range(30)], np.float32
)


def assert_as_brute_force(prediction: np.ndarray, class_agnostic: bool = False, **limits: int) -> None:
    layer = DecodePredictions(GRID, 0.45, 0.01, class_agnostic=class_agnostic, **limits)
    decoded = layer(prediction[None])
    per_class, most = limits.get("max_boxes_per_class", 400), limits.get("max_boxes", 200)
    wanted = brute_force(prediction, per_class, most, class_agnostic)
    count = int(decoded.counts[0])
    assert decoded.class_ids.numpy()[0, :count].tolist() == [class_id for class_id, _, _ in wanted]
    np.testing.assert_allclose(
        decoded.scores.numpy()[0, :count], [score for _, score, _ in wanted], atol=1e-6
    )
    np.testing.assert_allclose(
        decoded.boxes_xyxy.numpy()[0, :count], [box for _, _, box in wanted], atol=1e-3
    )


@pytest.mark.parametrize("class_agnostic", [False, True])
def test_more_than_400_candidates_a_class_and_200_boxes_equal_brute_force(class_agnostic: bool) -> None:
    # Two likely classes at each of 900 default boxes: 400 of each enter, and more than 200 would stay.
    rng = np.random.default_rng(3)
    prediction = rng.normal(0, 0.4, (900, 7)).astype(np.float32)
    assert len(brute_force(prediction, 10_000, 10_000, class_agnostic)) > 400
    assert_as_brute_force(prediction, class_agnostic)


# The oracle has other rounding errors, which may decide about an overlap of .45: always the same examples.
@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(1, 60), st.integers(1, 40), st.booleans())
def test_any_prediction_equals_brute_force(
    seed: int, classes: int, per_class: int, most: int, class_agnostic: bool
) -> None:
    rng = np.random.default_rng(seed)
    prediction = np.zeros((900, 5 + classes), np.float32)
    prediction[:, 4] = 9
    # Five rows of logits, so that scores tie between default boxes, and in two of them between classes.
    logits = rng.normal(0, 2, (5, 1 + classes))
    logits[:2, -1] = logits[:2, 1]
    likely = rng.choice(900, 40, replace=False)
    prediction[likely, 4:] = logits[rng.integers(0, 5, 40)]
    prediction[likely, :2] = rng.integers(-6, 7, (40, 2)) * 0.37
    prediction[likely, 2:4] = rng.choice([-3.1, 0.2, 1.3, 50.0], (40, 2))
    assert_as_brute_force(prediction, class_agnostic, max_boxes_per_class=per_class, max_boxes=most)


@pytest.mark.parametrize("soft", ["linear", "gaussian"])
def test_soft_suppression_is_that_of_the_numpy_function(soft: Any) -> None:
    prediction = np.random.default_rng(0).normal(size=(1, 900, 7)).astype(np.float32)
    layer = DecodePredictions(GRID, 0.45, 0.01, soft=soft, soft_sigma=0.3, class_agnostic=True)
    decoded = layer(prediction)
    pairs = candidates(
        prediction[0],
        GRID,
        (0.1, 0.2),
        (300, 300),
        (300, 300),
        score_floor=0.01,
        limit=None,
        limit_per_class=400,
    )
    found = non_max_suppression(pairs, 0.01, 0.45, 200, soft=soft, soft_sigma=0.3, class_agnostic=True)
    assert decoded.counts.numpy().tolist() == [200]
    np.testing.assert_array_equal(decoded.scores.numpy()[0], found.scores)
    np.testing.assert_array_equal(decoded.boxes_xyxy.numpy()[0], found.boxes_xyxy)


def test_an_unknown_way_of_softening_is_refused_when_the_layer_is_made() -> None:
    with pytest.raises(InvalidConfig, match="'hard'"):
        DecodePredictions(DEFAULTS, soft="hard")  # type: ignore[arg-type]


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


def test_a_model_that_ends_with_it_predicts_where_keras_would_compile_with_xla() -> None:
    image = keras.Input((3, 7))
    model = keras.Model(image, DecodePredictions(DEFAULTS)(image))
    with pytest.warns(UserWarning, match="jit_compile"):
        model.compile(jit_compile=True)
    decoded = model.predict(predict([9, 0, 0], [0, 9, 0], [0, 8, 0]), verbose=0)
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
