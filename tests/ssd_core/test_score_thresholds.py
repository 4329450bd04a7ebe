"""The thresholds suggested have the best F1 there is, and leave unseen images some room."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from ssd_core.box_judging import judge
from ssd_core.errors import InvalidExample
from ssd_core.score_thresholds import best_score_thresholds, suggest_score_threshold
from tests.ssd_core.detection_cases import BOX, ELSEWHERE, FAR, HALF, Scene, crowded_scenes, example, found


def test_the_suggested_threshold_parts_right_from_wrong() -> None:
    detections = [found((BOX, 0.9, 0), (ELSEWHERE, 0.3, 0)), found((BOX, 0.7, 0))]
    examples = [example([BOX], [0]), example([BOX], [0])]
    assert suggest_score_threshold(detections, examples) == pytest.approx((0.7 + 0.3) / 2)


def test_the_suggested_threshold_accepts_a_mistake_that_pays() -> None:
    # F1: 2/5 after the first, 2/6 after the mistake, 4/7, 6/8 after the last.
    rows = (BOX, 0.9, 0), ([100, 10, 140, 50], 0.8, 0), (ELSEWHERE, 0.6, 0), (FAR, 0.5, 0)
    truth = example([BOX, ELSEWHERE, FAR, [150, 10, 190, 50]], [0, 0, 0, 0])
    assert suggest_score_threshold([found(*rows)], [truth]) == 0.25


def test_of_equally_good_thresholds_the_highest_is_suggested() -> None:
    # F1: 2/3 after the first, 2/4, 4/6 after the last.
    rows = (BOX, 0.9, 0), ([100, 10, 140, 50], 0.7, 0), ([150, 10, 190, 50], 0.6, 0), (FAR, 0.5, 0)
    assert suggest_score_threshold([found(*rows)], [example([BOX, FAR], [0, 0])]) == 0.8


def test_a_hit_of_another_class_is_a_mistake() -> None:
    rows = (BOX, 0.9, 1), (BOX, 0.8, 0), (ELSEWHERE, 0.3, 1)
    truth = example([BOX, ELSEWHERE, FAR], [0, 0, 1])
    assert suggest_score_threshold([found(*rows)], [truth]) == 0.55


def test_a_second_hit_on_the_same_box_is_a_mistake() -> None:
    rows = (BOX, 0.9, 0), (HALF, 0.8, 0)
    assert suggest_score_threshold([found(*rows)], [example([BOX], [0])]) == 0.85


def test_equal_scores_are_never_parted() -> None:
    rows = (BOX, 0.6, 0), (ELSEWHERE, 0.6, 0)
    assert suggest_score_threshold([found(*rows)], [example([BOX], [0])]) == 0.3


def test_ignored_boxes_do_not_move_the_threshold() -> None:
    rows = (BOX, 0.9, 0), (ELSEWHERE, 0.7, 0), (HALF, 0.2, 0)
    truth = example([BOX, ELSEWHERE], [0, 0], [False, True])
    assert suggest_score_threshold([found(*rows)], [truth]) == 0.55


def test_the_suggested_threshold_stays_where_a_slider_can_go() -> None:
    truth = [example([BOX], [0])]
    assert suggest_score_threshold([found((BOX, 0.06, 0))], truth) == 0.05
    assert suggest_score_threshold([found((BOX, 0.99, 0), (FAR, 0.98, 0))], truth) == 0.95


def test_more_than_a_hundred_objects_in_one_image_all_count() -> None:
    boxes = [
        [10 * (index % 15), 10 * (index // 15), 10 * (index % 15) + 9, 10 * (index // 15) + 9]
        for index in range(150)
    ]
    rows = [(box, 0.9 if index < 100 else 0.6, 0) for index, box in enumerate(boxes)]
    assert suggest_score_threshold([found(*rows)], [example(boxes, [0] * 150)]) == 0.3


@pytest.mark.parametrize(
    ("detections", "examples"),
    [
        ([], []),
        ([found((BOX, 0.9, 0))], [example([], [])]),
        ([found()], [example([BOX], [0])]),
        ([found((ELSEWHERE, 0.9, 0))], [example([BOX], [0])]),
    ],
    ids=["no images", "no boxes", "nothing found", "nothing right"],
)
def test_one_half_is_suggested_where_nothing_can_be_learnt(detections: list, examples: list) -> None:
    assert suggest_score_threshold(detections, examples) == 0.5
    assert best_score_thresholds(detections, examples, ("nut",)) == {
        "overall": 0.5,
        "per_class": {
            "nut": {
                "threshold": 0.5,
                "own": None,
                "F1": None,
                "boxes": sum(len(e.class_ids) for e in examples),
            }
        },
    }


def test_each_class_has_its_own_threshold() -> None:
    rows = (BOX, 0.9, 0), (FAR, 0.7, 0), (ELSEWHERE, 0.3, 1), ([100, 10, 140, 50], 0.1, 1)
    given, truth = [found(*rows)], [example([BOX, ELSEWHERE, [200, 10, 240, 50]], [0, 1, 1])]
    assert best_score_thresholds(given, truth, ("nut", "bolt"), enough_boxes=1) == {
        # F1: 2/4, 2/5, 4/6, 4/7.
        "overall": 0.2,
        "per_class": {
            "nut": {"threshold": 0.8, "own": 0.8, "F1": 1.0, "boxes": 1},
            "bolt": {"threshold": 0.2, "own": 0.2, "F1": pytest.approx(2 / 3), "boxes": 2},
        },
    }


def test_a_class_with_few_boxes_is_drawn_towards_the_threshold_of_all() -> None:
    rows = (BOX, 0.9, 0), (FAR, 0.7, 0), (ELSEWHERE, 0.3, 1), ([100, 10, 140, 50], 0.1, 1)
    given, truth = [found(*rows)], [example([BOX, ELSEWHERE, [200, 10, 240, 50]], [0, 1, 1])]
    result = best_score_thresholds(given, truth, ("nut", "bolt", "cog"), enough_boxes=4)
    assert [of["threshold"] for of in result["per_class"].values()] == [
        pytest.approx(0.8 / 4 + 0.2 * 3 / 4),
        0.2,
        0.2,
    ]


def test_the_f1_given_is_that_at_the_threshold_given() -> None:
    # .95 is as high as a threshold goes, so the mistake at .97 stays: 2/3 instead of 1.
    result = best_score_thresholds([found((BOX, 0.99, 0), (FAR, 0.97, 0))], [example([BOX], [0])], ("nut",))
    assert result["per_class"]["nut"] == {
        "threshold": 0.95,
        "own": 0.95,
        "F1": pytest.approx(2 / 3),
        "boxes": 1,
    }


@settings(deadline=None, max_examples=60)
@given(crowded_scenes())
def test_no_other_threshold_has_a_better_f1(scene: Scene) -> None:
    detections, examples = scene

    def f1_at(threshold: float, class_id: int) -> float:
        shown = judge(detections, examples, [0.5], score_threshold=threshold)
        rows = shown.class_ids == class_id
        right, counted = int(shown.right[0, rows].sum()), int(shown.counted[0, rows].sum())
        return 2 * right / max(counted + shown.boxes(class_id), 1)

    for class_id, of in enumerate(best_score_thresholds(detections, examples, "ab")["per_class"].values()):
        tried = [f1_at(threshold, class_id) for threshold in np.arange(0.05, 1, 0.1)]
        if of["own"] is None:
            assert max(tried) == 0
        else:
            assert of["F1"] == pytest.approx(max(tried))
            assert f1_at(of["own"], class_id) == pytest.approx(of["F1"])


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(InvalidExample, match="detections of 1 images for 2"):
        suggest_score_threshold([found()], [example([], [])] * 2)
    with pytest.raises(InvalidExample, match="class index 1, but there are 1 classes"):
        best_score_thresholds([found()], [example([BOX], [1])], ("nut",))
