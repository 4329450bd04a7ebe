"""Average precision as the VOC challenges computed it, and where it parts from COCO's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from ssd_core.boxes import iou_matrix_xyxy
from ssd_core.errors import InvalidExample
from ssd_core.evaluation import evaluate
from ssd_core.example import Example
from ssd_core.nms import Detections
from ssd_core.voc_metric import all_point_average, eleven_point_average, voc_metrics
from tests.ssd_core.detection_cases import BOX, ELSEWHERE, FAR, HALF, Scene, crowded_scenes, example, found


def nut(detections: list[Detections], examples: list[Example]) -> tuple[float | None, float | None]:
    """Both averages of the only class."""
    result = voc_metrics(detections, examples, ("nut",))
    return result["AP11"], result["AP_all_points"]


@pytest.mark.parametrize(
    ("right", "boxes", "eleven", "every"),
    [
        ([1], 1, 1, 1),
        ([0, 1], 1, 1 / 2, 1 / 2),
        ([1], 2, 6 / 11, 1 / 2),
        ([1, 0, 1], 2, (6 + 5 * 2 / 3) / 11, (1 + 2 / 3) / 2),
        ([0, 1, 1], 2, 2 / 3, 2 / 3),
        ([0, 0], 1, 0, 0),
        ([], 1, 0, 0),
    ],
)
def test_the_averages_of_a_ranking(right: list[int], boxes: int, eleven: float, every: float) -> None:
    hits = np.cumsum(np.array(right, np.float64))
    recall, precision = hits / boxes, hits / np.arange(1, len(right) + 1)
    assert eleven_point_average(recall, precision) == pytest.approx(eleven)
    assert all_point_average(recall, precision) == pytest.approx(every)


@pytest.mark.parametrize("hits", range(1, 11))
def test_a_recall_of_exactly_so_many_tenths_reaches_its_point(hits: int) -> None:
    recall = np.arange(1, hits + 1) / 10
    assert eleven_point_average(recall, np.ones(hits)) == pytest.approx((hits + 1) / 11)


def test_an_overlap_of_one_half_is_enough() -> None:
    assert nut([found((HALF, 0.9, 0))], [example([BOX], [0])]) == (1, 1)
    strict = voc_metrics([found((HALF, 0.9, 0))], [example([BOX], [0])], ("nut",), iou_threshold=0.51)
    assert strict["AP11"] == 0


def test_a_second_detection_of_a_box_is_wrong_even_if_another_box_is_free() -> None:
    # The second detection overlaps the first box most, and the other by one half: COCO gives it that one.
    detections, truth = [found((BOX, 0.9, 0), (BOX, 0.8, 0))], [example([BOX, HALF], [0, 0])]
    assert nut(detections, truth) == (pytest.approx(6 / 11), 1 / 2)
    assert evaluate(detections, truth, ("nut",))["AP50"] == 1


def test_the_better_score_has_the_box_in_whatever_order_they_are_given() -> None:
    detections = [found((HALF, 0.5, 0), (BOX, 0.9, 0), (ELSEWHERE, 0.7, 0)), found((BOX, 0.8, 0))]
    # Right, right, wrong, and wrong again: two boxes found at once.
    assert nut(detections, [example([BOX], [0]), example([BOX], [0])]) == (1, 1)


def test_a_difficult_box_is_neither_asked_for_nor_wrong_to_find() -> None:
    truth = [example([BOX, FAR], [0, 0], [False, True])]
    assert nut([found((FAR, 0.9, 0), (FAR, 0.8, 0), (BOX, 0.7, 0))], truth) == (1, 1)
    assert nut([found((BOX, 0.7, 0))], truth) == (1, 1)


def test_a_detection_belongs_to_a_difficult_box_that_it_overlaps_most() -> None:
    # COCO gives it the other box, which it overlaps by one half.
    detections, truth = [found((BOX, 0.9, 0))], [example([HALF, BOX], [0, 0], [False, True])]
    assert nut(detections, truth) == (0, 0)
    assert evaluate(detections, truth, ("nut",))["AP50"] == 1


def test_a_small_detection_within_a_large_difficult_box_is_wrong() -> None:
    # COCO excuses it.
    truth = [example([BOX, [0, 60, 300, 200]], [0, 0], [False, True])]
    detections = [found((FAR, 0.9, 0), (BOX, 0.8, 0))]
    assert nut(detections, truth) == (1 / 2, 1 / 2)
    assert evaluate(detections, truth, ("nut",))["AP50"] == 1


def test_a_box_of_another_class_is_no_target() -> None:
    result = voc_metrics([found((BOX, 0.9, 1))], [example([BOX, FAR], [0, 1])], ("nut", "bolt"))
    assert result["per_class"] == {name: {"AP11": 0, "AP_all_points": 0} for name in ("nut", "bolt")}


def test_the_mean_is_over_the_classes_that_have_boxes() -> None:
    truth = [example([BOX, FAR, ELSEWHERE], [0, 1, 1])]
    result = voc_metrics([found((BOX, 0.9, 0), (FAR, 0.8, 1), (HALF, 0.7, 2))], truth, ("nut", "bolt", "cog"))
    assert result["per_class"] == {
        "nut": {"AP11": 1, "AP_all_points": 1},
        "bolt": {"AP11": pytest.approx(6 / 11), "AP_all_points": 1 / 2},
        "cog": {"AP11": None, "AP_all_points": None},
    }
    assert (result["AP11"], result["AP_all_points"]) == (pytest.approx((1 + 6 / 11) / 2), 3 / 4)


def test_without_boxes_there_is_no_number() -> None:
    for detections, examples in (
        ([], []),
        ([found((BOX, 0.9, 0))], [example([], [])]),
        ([found((BOX, 0.9, 0))], [example([BOX], [0], [True])]),
    ):
        assert nut(detections, examples) == (None, None)


def by_the_book(scene: Scene, class_id: int) -> list[bool]:
    """Whether each detection that counts is right, best first: one at a time, as the development kit goes."""
    detections, examples = scene
    queue = [
        (float(score), image, row)
        for image, one in enumerate(detections)
        for row, (score, of) in enumerate(zip(one.scores, one.class_ids, strict=True))
        if of == class_id
    ]
    used, right = set(), []
    for _, image, row in sorted(queue, key=lambda entry: -entry[0]):
        boxes = np.flatnonzero(examples[image].class_ids == class_id).tolist()
        overlaps = iou_matrix_xyxy(detections[image].boxes_xyxy[row], examples[image].boxes_xyxy[boxes])[0]
        if not boxes or overlaps.max() < 0.5:
            right.append(False)
        elif not examples[image].ignore[boxes[overlaps.argmax()]]:
            box = (image, boxes[overlaps.argmax()])
            right.append(box not in used)
            used.add(box)
    return right


@settings(deadline=None, max_examples=80)
@given(crowded_scenes())
def test_the_numbers_equal_those_of_going_through_the_detections_one_by_one(scene: Scene) -> None:
    for class_id, of in enumerate(voc_metrics(*scene, ("nut", "bolt"))["per_class"].values()):
        boxes = sum(int(((one.class_ids == class_id) & ~one.ignore).sum()) for one in scene[1])
        if not boxes:
            assert of["AP11"] is of["AP_all_points"] is None
            continue
        hits, points = 0, [(0.0, 0.0)]
        for rank, right in enumerate(by_the_book(scene, class_id), start=1):
            hits += right
            points.append((hits / boxes, hits / rank))
        best = [max([p for r, p in points if r >= tenths / 10], default=0.0) for tenths in range(11)]
        assert of["AP11"] == pytest.approx(sum(best) / 11)
        steps = [max(p for r, p in points if r >= found / boxes) for found in range(1, hits + 1)]
        assert of["AP_all_points"] == pytest.approx(sum(steps) / boxes)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(InvalidExample, match="detections of 0 images for 1"):
        voc_metrics([], [example([], [])], ("nut",))
    with pytest.raises(InvalidExample, match="class index 1, but there are 1 classes"):
        voc_metrics([found()], [example([BOX], [1])], ("nut",))
