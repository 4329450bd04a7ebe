"""Precision over recall, worked out by hand and held against pycocotools."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings

from ssd_core.box_judging import judge
from ssd_core.errors import InvalidExample
from ssd_core.evaluation import evaluate
from ssd_core.precision_recall import (
    RECALL_POINTS,
    average_precision,
    average_precision_of,
    precision_recall_curves,
)
from tests.ssd_core.detection_cases import (
    BOX,
    ELSEWHERE,
    FAR,
    HALF,
    Scene,
    crowded_scenes,
    example,
    found,
    pycocotools,
    random_case,
)


@pytest.mark.parametrize(
    ("right", "boxes", "expected"),
    [
        ([1], 1, 1),
        ([0, 1], 1, 1 / 2),
        ([1, 0], 1, 1),
        # Of the 101 recalls the first 51 (0 to .50) are reached by one of two boxes.
        ([1], 2, 51 / 101),
        ([1, 0, 1], 2, (51 + 50 * 2 / 3) / 101),
        # The precision at a recall is the best there or beyond: 2/3, not 1/2.
        ([0, 1, 1], 2, 2 / 3),
        ([0, 0], 1, 0),
        ([], 3, 0),
    ],
)
def test_the_average_precision_of_a_ranking(right: list[int], boxes: int, expected: float) -> None:
    assert average_precision_of(np.array(right, np.bool_), boxes) == pytest.approx(expected, abs=1e-12)


def test_without_boxes_there_is_no_average_precision() -> None:
    assert math.isnan(average_precision_of(np.array([False]), 0))


def test_many_rankings_are_averaged_at_once() -> None:
    # The second ranking counts its first right detection twice, the third not at all.
    hits, seen, boxes = [[1, 2], [2, 3], [0, 1]], [[1, 3], [2, 4], [0, 2]], [2, 3, 1]
    expected = [(51 + 50 * 2 / 3) / 101, (67 + 34 * 3 / 4) / 101, 1 / 2]
    np.testing.assert_allclose(average_precision(hits, seen, boxes), expected, rtol=1e-12)


def test_the_recalls_are_those_of_pycocotools_to_the_bit() -> None:
    theirs = pycocotools([found((BOX, 0.9, 0))], [example([BOX], [0])], 1)
    assert theirs.params.recThrs.tolist() == RECALL_POINTS.tolist()


@pytest.mark.parametrize("decimals", [1, 4])
def test_the_average_precision_equals_pycocotools_at_every_threshold(decimals: int) -> None:
    detections, examples = random_case(0, decimals=decimals)
    judged = judge(detections, examples)
    precision = pycocotools(detections, examples, 3).eval["precision"][:, :, :, 0, -1]
    for class_id in range(3):
        rows = judged.best_first(class_id)
        for right, counted, of in zip(judged.right, judged.counted, precision[:, :, class_id], strict=True):
            ours = average_precision_of(right[rows][counted[rows]], judged.boxes(class_id))
            assert ours == pytest.approx(of.mean(), abs=1e-12)


def test_a_curve_falls_with_each_mistake_on_the_way() -> None:
    rows = (BOX, 0.9, 0), (ELSEWHERE, 0.8, 0), (FAR, 0.7, 0)
    curve = precision_recall_curves([found(*rows)], [example([BOX, FAR], [0, 0])], ("nut",))["nut"]
    assert curve["recall"] == [hundredths / 100 for hundredths in range(101)]
    assert curve["precision"] == pytest.approx([1] * 51 + [2 / 3] * 50)
    assert curve["score"] == [np.float32(0.9)] * 51 + [np.float32(0.7)] * 50


def test_a_curve_ends_where_no_detection_reaches() -> None:
    rows = (BOX, 0.9, 0), (ELSEWHERE, 0.8, 0)
    truth = example([BOX, FAR, [100, 10, 120, 30], [130, 10, 150, 30]], [0] * 4)
    curve = precision_recall_curves([found(*rows)], [truth], ("nut",))["nut"]
    assert curve["precision"] == pytest.approx([1] * 26 + [0] * 75)
    assert curve["score"] == [np.float32(0.9)] * 26 + [None] * 75


def test_a_class_that_finds_nothing_has_a_curve_of_zeros() -> None:
    curve = precision_recall_curves([found((ELSEWHERE, 0.9, 0))], [example([BOX], [0])], ("nut",))["nut"]
    assert (curve["precision"], curve["score"]) == ([0.0] * 101, [None] * 101)


def test_a_class_without_boxes_has_no_curve() -> None:
    curves = precision_recall_curves([found((BOX, 0.9, 1))], [example([BOX], [1], [True])], ("nut", "bolt"))
    assert [curve["precision"] for curve in curves.values()] == [[None] * 101] * 2
    assert [curve["score"] for curve in curves.values()] == [[None] * 101] * 2


def test_what_an_ignored_box_excuses_is_not_on_the_curve() -> None:
    rows = (ELSEWHERE, 0.9, 0), (BOX, 0.8, 0)
    truth = example([BOX, ELSEWHERE], [0, 0], [False, True])
    curve = precision_recall_curves([found(*rows)], [truth], ("nut",))["nut"]
    assert curve["precision"] == pytest.approx([1] * 101)


def test_the_curve_is_that_of_overlaps_of_one_half() -> None:
    curve = precision_recall_curves([found((HALF, 0.9, 0))], [example([BOX], [0])], ("nut",))["nut"]
    assert curve["precision"] == pytest.approx([1] * 101)


@settings(deadline=None, max_examples=50)
@given(crowded_scenes())
def test_the_mean_of_a_curve_is_ap50_and_its_scores_are_thresholds(scene: Scene) -> None:
    detections, examples = scene
    curves = precision_recall_curves(detections, examples, ("nut", "bolt"))
    measured = evaluate(detections, examples, ("nut", "bolt"))["per_class"]
    judged = judge(detections, examples, [0.5])
    for class_id, (name, curve) in enumerate(curves.items()):
        if measured[name]["AP50"] is None:
            assert set(curve["precision"]) == {None}
            continue
        assert np.mean(curve["precision"]) == pytest.approx(measured[name]["AP50"], abs=1e-9)
        right = judged.right[0] & (judged.class_ids == class_id)
        for recall, score in zip(RECALL_POINTS, curve["score"], strict=True):
            hits = int((right & (judged.scores >= (0 if score is None else score))).sum())
            assert (hits / judged.boxes(class_id) >= recall and hits > 0) == (score is not None)


def test_a_class_index_without_a_name_is_refused() -> None:
    with pytest.raises(InvalidExample, match="class index 1, but there are 1 classes"):
        precision_recall_curves([found()], [example([BOX], [1])], ("nut",))
