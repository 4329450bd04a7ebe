"""Detections take labelled boxes exactly as in COCO's own program, tie by tie."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ssd_core.box_judging import COCO_IOU_THRESHOLDS, check_pairing, judge, overlap_matrix
from ssd_core.errors import InvalidExample
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


def test_a_detection_takes_its_box_at_every_threshold() -> None:
    judged = judge([found((BOX, 0.9, 0))], [example([BOX], [0])])
    assert judged.taken.tolist() == [[0]] * 10
    assert judged.counted.all()
    assert judged.right.all()


def test_an_overlap_equal_to_the_threshold_is_enough() -> None:
    judged = judge([found((HALF, 0.9, 0))], [example([BOX], [0])], [0.49, 0.5, 0.51])
    assert judged.taken.tolist() == [[0], [0], [-1]]


def test_a_threshold_of_one_asks_for_the_very_box() -> None:
    assert judge([found((BOX, 0.9, 0))], [example([BOX], [0])], [1.0]).taken.tolist() == [[0]]


def test_the_better_score_chooses_first_in_whatever_order_they_are_given() -> None:
    judged = judge([found((BOX, 0.5, 0), (HALF, 0.9, 0))], [example([BOX], [0])], [0.5, 0.75])
    assert judged.detection_ids.tolist() == [1, 0]
    assert judged.scores.tolist() == [np.float32(0.9), 0.5]
    # At .75 the better score overlaps too little, which leaves the box to the other.
    assert judged.taken.tolist() == [[0, -1], [-1, 0]]


def test_equal_scores_choose_in_the_order_given() -> None:
    judged = judge([found((HALF, 0.5, 0), (BOX, 0.5, 0))], [example([BOX], [0])], [0.5])
    assert judged.taken.tolist() == [[0, -1]]


def test_the_larger_overlap_is_taken_and_what_is_left_goes_to_the_next() -> None:
    rows = (BOX, 0.9, 0), (BOX, 0.8, 0), (BOX, 0.7, 0)
    judged = judge([found(*rows)], [example([HALF, BOX], [0, 0])], [0.5])
    assert judged.taken.tolist() == [[1, 0, -1]]


def test_of_equal_overlaps_the_later_box_is_taken() -> None:
    judged = judge([found((BOX, 0.9, 0))], [example([BOX, BOX], [0, 0])], [0.5])
    assert judged.taken.tolist() == [[1]]


def test_a_box_of_another_class_is_left_alone() -> None:
    judged = judge([found((BOX, 0.9, 1))], [example([BOX], [0])], [0.5])
    assert judged.taken.tolist() == [[-1]]
    assert judged.counted.all()


def test_across_classes_the_largest_overlap_decides_and_of_equals_the_own_class() -> None:
    boxes = example([HALF, BOX, BOX], [1, 1, 0])
    judged = judge([found((BOX, 0.9, 1), (HALF, 0.8, 0))], [boxes], [0.5], across_classes=True)
    assert judged.taken.tolist() == [[1, 0]]


def test_an_ignored_box_is_the_last_resort() -> None:
    truth = example([BOX, BOX], [0, 0], [True, False])
    judged = judge([found((HALF, 0.9, 0), (BOX, 0.8, 0))], [truth], [0.5])
    assert judged.taken.tolist() == [[1, 0]]
    assert judged.counted.tolist() == [[True, False]]
    assert judged.right.tolist() == [[True, False]]


def test_an_ignored_box_excuses_any_number_of_detections_that_lie_within() -> None:
    region = [0, 0, 300, 200]
    rows = (BOX, 0.9, 0), (BOX, 0.8, 0), (ELSEWHERE, 0.7, 0), (FAR, 0.6, 1)
    judged = judge([found(*rows)], [example([region], [0], [True])], [0.95])
    assert judged.taken.tolist() == [[0, 0, 0, -1]]
    assert judged.counted.tolist() == [[False, False, False, True]]


def test_a_large_box_that_counts_excuses_no_small_detection() -> None:
    judged = judge([found((BOX, 0.9, 0))], [example([[0, 0, 300, 200]], [0])], [0.5])
    assert judged.taken.tolist() == [[-1]]


def test_boxes_of_one_image_are_not_taken_from_another() -> None:
    detections = [found((ELSEWHERE, 0.9, 0)), found((BOX, 0.8, 0))]
    judged = judge(detections, [example([BOX], [0]), example([ELSEWHERE, BOX], [0, 0])], [0.5])
    assert judged.image_ids.tolist() == [0, 1]
    assert judged.taken.tolist() == [[-1, 2]]
    assert (judged.truths.image_ids.tolist(), judged.truths.box_ids.tolist()) == ([0, 1, 1], [0, 0, 1])


def test_a_score_equal_to_the_threshold_takes_part() -> None:
    rows = (BOX, 0.7, 0), (BOX, 0.69, 0)
    judged = judge([found(*rows)], [example([BOX], [0])], [0.5], score_threshold=0.7)
    assert judged.scores.tolist() == [np.float32(0.7)]


def test_the_limit_holds_for_each_class_of_each_image() -> None:
    rows = (BOX, 0.9, 0), (BOX, 0.8, 0), (BOX, 0.7, 1), (BOX, 0.6, 0)
    given, truth = [found(*rows)] * 2, [example([BOX], [0])] * 2
    judged = judge(given, truth, [0.5], max_per_class=2)
    assert judged.detection_ids.tolist() == [0, 1, 2] * 2
    assert judge(given, truth, [0.5], max_per_class=None).detection_ids.tolist() == [0, 1, 2, 3] * 2


def test_a_hundred_detections_of_a_class_count_unless_told_otherwise() -> None:
    detections = [found(*[(BOX, 0.5, 0)] * 101)]
    assert len(judge(detections, [example([BOX], [0])]).scores) == 100
    assert len(judge(detections, [example([BOX], [0])], max_per_class=None).scores) == 101


def test_the_best_come_first_over_all_images_and_equals_stay_in_order() -> None:
    detections = [found((BOX, 0.5, 0), (BOX, 0.3, 1)), found((BOX, 0.9, 1), (BOX, 0.5, 0))]
    judged = judge(detections, [example([BOX], [0])] * 2, [0.5])
    assert judged.best_first().tolist() == [2, 0, 3, 1]
    assert judged.best_first(0).tolist() == [0, 3]
    assert judged.best_first(2).tolist() == []


def test_ignored_boxes_are_not_counted_as_boxes() -> None:
    truth = [example([BOX, FAR, ELSEWHERE], [0, 1, 1], [False, False, True]), example([BOX], [1])]
    judged = judge([found(), found()], truth)
    assert (judged.boxes(), judged.boxes(0), judged.boxes(1), judged.boxes(2)) == (3, 1, 2, 0)


def test_nothing_at_all_can_be_judged() -> None:
    for detections, examples in (([], []), ([found()], [example([], [])])):
        judged = judge(detections, examples)
        assert judged.taken.shape == judged.counted.shape == (10, 0)
        assert (judged.image_count, judged.boxes()) == (len(examples), 0)


def test_lists_of_different_length_are_refused() -> None:
    with pytest.raises(InvalidExample, match="detections of 1 images for 2 labelled ones"):
        judge([found()], [example([], [])] * 2)


def test_a_class_index_without_a_name_is_refused_wherever_it_stands() -> None:
    for detections, truth in (
        (found((BOX, 0.9, 1)), example([], [])),
        (found((BOX, 0.9, -1)), example([], [])),
        (found(), example([BOX], [1])),
    ):
        with pytest.raises(InvalidExample, match=r"'a\.jpg' has class index -?1, but there are 1 classes"):
            check_pairing([detections], [truth], ("nut",))
        check_pairing([detections], [truth])


def test_overlaps_are_exact_for_boxes_and_for_regions() -> None:
    boxes = np.array([BOX, HALF, [60, 10, 70, 50], [20, 20, 20, 40]], np.float32)
    truths = np.array([BOX, HALF], np.float32)
    plain = overlap_matrix(boxes, truths, np.array([False, False]))
    assert plain.tolist() == [[1, 0.5], [0.5, 1], [0, 0], [0, 0]]
    regions = overlap_matrix(boxes, truths, np.array([True, True]))
    assert regions.tolist() == [[1, 0.5], [1, 1], [0, 0], [0, 0]]
    assert plain.dtype == np.float64


def assert_equal_to_pycocotools(scene: Scene, classes: int, limit: int) -> int:
    """Compare every choice, and give how many boxes were taken."""
    detections, examples = scene
    ours = judge(detections, examples, max_per_class=limit)
    theirs = pycocotools(detections, examples, classes, [limit])
    seen = 0
    for of in theirs.evalImgs:
        if of is None or of["aRng"] != [0, 1e10]:
            continue
        rows = (ours.image_ids == of["image_id"] - 1) & (ours.class_ids == of["category_id"] - 1)
        # Annotations are numbered from 1 in the order of the truths; 0 means none.
        np.testing.assert_array_equal(ours.taken[:, rows] + 1, of["dtMatches"])
        np.testing.assert_array_equal(~ours.counted[:, rows], of["dtIgnore"])
        np.testing.assert_array_equal(ours.scores[rows], np.float32(of["dtScores"]))
        seen += int(rows.sum())
    assert seen == len(ours.scores)
    return int((ours.taken >= 0).sum())


@settings(deadline=None, max_examples=80)
@given(crowded_scenes(), st.integers(1, 9))
def test_every_choice_equals_that_of_pycocotools(scene: Scene, limit: int) -> None:
    # pycocotools takes no empty list of results.
    assume(any(len(detections) for detections in scene[0]))
    assert_equal_to_pycocotools(scene, 2, limit)


@pytest.mark.parametrize("seed", range(2))
def test_every_choice_equals_that_of_pycocotools_on_boxes_of_all_sizes(seed: int) -> None:
    assert assert_equal_to_pycocotools(random_case(seed), 3, 100) > 200


def test_the_thresholds_are_those_of_pycocotools_to_the_bit() -> None:
    theirs = pycocotools([found((BOX, 0.9, 0))], [example([BOX], [0])], 1)
    assert theirs.params.iouThrs.tolist() == list(COCO_IOU_THRESHOLDS)
