"""The confusion matrix counts each box and each detection once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssd_core.confusion import confusion_matrix
from ssd_core.errors import InvalidExample
from tests.ssd_core.detection_cases import BOX, ELSEWHERE, FAR, HALF, Scene, crowded_scenes, example, found

NAMES = ("nut", "bolt")
STRAY = [100, 10, 140, 50]


def test_boxes_are_counted_by_what_they_are_and_what_they_were_taken_for() -> None:
    detections = [found((BOX, 0.9, 0), (FAR, 0.8, 0), (STRAY, 0.7, 1)), found()]
    examples = [example([BOX, FAR], [0, 1]), example([ELSEWHERE], [0])]
    result = confusion_matrix(detections, examples, NAMES)
    assert result["labels"] == ["nut", "bolt", "background"]
    assert result["matrix"] == [
        [1, 0, 1],
        [1, 0, 0],
        [0, 1, 0],
    ]
    assert result["records"] == [
        {"image": 0, "truth": 0, "detection": 0, "true": 0, "predicted": 0},
        {"image": 0, "truth": 1, "detection": 1, "true": 1, "predicted": 0},
        {"image": 0, "truth": None, "detection": 2, "true": 2, "predicted": 1},
        {"image": 1, "truth": 0, "detection": None, "true": 0, "predicted": 2},
    ]
    assert (result["score_threshold"], result["iou_threshold"]) == (0.5, 0.5)


def test_a_better_score_of_the_wrong_class_takes_the_box_from_the_right_one() -> None:
    result = confusion_matrix([found((BOX, 0.9, 1), (BOX, 0.8, 0))], [example([BOX], [0])], NAMES)
    assert result["matrix"] == [[0, 1, 0], [0, 0, 0], [1, 0, 0]]


def test_of_boxes_that_overlap_equally_the_own_class_is_taken() -> None:
    for class_ids in ([0, 1], [1, 0]):
        result = confusion_matrix([found((BOX, 0.9, 0))], [example([BOX, BOX], class_ids)], NAMES)
        assert result["matrix"] == [[1, 0, 0], [0, 0, 1], [0, 0, 0]]


def test_an_ignored_box_of_any_class_excuses_detections_and_is_not_missed() -> None:
    truth = example([BOX, FAR], [0, 1], [True, True])
    result = confusion_matrix([found((HALF, 0.9, 1), (HALF, 0.8, 0))], [truth], NAMES)
    assert result["matrix"] == [[0] * 3] * 3
    assert result["records"] == []


def test_only_detections_that_show_are_counted() -> None:
    given, truth = [found((BOX, 0.5, 0), (STRAY, 0.49, 0))], [example([BOX], [0])]
    assert confusion_matrix(given, truth, NAMES)["matrix"] == [[1, 0, 0], [0, 0, 0], [0, 0, 0]]
    low = confusion_matrix(given, truth, NAMES, score_threshold=0.49)
    assert (low["matrix"], low["score_threshold"]) == ([[1, 0, 0], [0, 0, 0], [1, 0, 0]], 0.49)


def test_the_least_overlap_can_be_chosen() -> None:
    given, truth = [found((HALF, 0.9, 0))], [example([BOX], [0])]
    assert confusion_matrix(given, truth, NAMES)["matrix"][0] == [1, 0, 0]
    strict = confusion_matrix(given, truth, NAMES, iou_threshold=0.75)
    assert (strict["matrix"], strict["iou_threshold"]) == ([[0, 0, 1], [0, 0, 0], [1, 0, 0]], 0.75)


def test_no_images_confuse_nothing() -> None:
    result = confusion_matrix([], [], NAMES)
    assert (result["matrix"], result["records"]) == ([[0] * 3] * 3, [])


@settings(deadline=None, max_examples=80)
@given(crowded_scenes(), st.integers(1, 9))
def test_every_box_that_counts_and_every_detection_is_counted_once(scene: Scene, tenths: int) -> None:
    detections, examples = scene
    result = confusion_matrix(detections, examples, NAMES, score_threshold=tenths / 10)
    matrix = np.array(result["matrix"])
    for class_id in range(2):
        boxes = sum(int(((one.class_ids == class_id) & ~one.ignore).sum()) for one in examples)
        assert matrix[class_id].sum() == boxes
    shown = [
        (image, row)
        for image, one in enumerate(detections)
        for row in np.flatnonzero(one.scores >= np.float32(tenths / 10)).tolist()
    ]
    counted = [(of["image"], of["detection"]) for of in result["records"] if of["detection"] is not None]
    assert len(set(counted)) == len(counted) == matrix[:, :2].sum()
    assert set(counted) <= set(shown)
    if not any(one.ignore.any() for one in examples):
        assert len(counted) == len(shown)
    assert matrix[2, 2] == 0
    for of in result["records"]:
        one, what = examples[of["image"]], detections[of["image"]]
        assert of["true"] == (2 if of["truth"] is None else one.class_ids[of["truth"]])
        assert of["predicted"] == (2 if of["detection"] is None else what.class_ids[of["detection"]])
    assert [of["image"] for of in result["records"]] == sorted(of["image"] for of in result["records"])


def test_a_class_index_without_a_name_is_refused() -> None:
    with pytest.raises(InvalidExample, match="class index 2, but there are 2 classes"):
        confusion_matrix([found((BOX, 0.9, 2))], [example([], [])], NAMES)
