"""The numbers are COCO's: equal to pycocotools, and to cases worked out by hand."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import numpy as np
import pytest

from ssd_core.errors import InvalidExample
from ssd_core.evaluation import coco_dataset, coco_results, evaluate, suggest_score_threshold
from ssd_core.example import Example
from ssd_core.nms import Detections

PIXELS = np.zeros((200, 300, 3), np.uint8)
BOX = [10, 10, 60, 50]
#: Overlaps BOX by exactly one half.
HALF = [10, 10, 60, 30]
ELSEWHERE = [200, 100, 260, 160]


def example(boxes: list[list[float]], class_ids: list[int], ignore: list[bool] | None = None) -> Example:
    return Example("a.jpg", PIXELS, boxes, class_ids, ignore or [False] * len(boxes))


def found(*rows: tuple[list[float], float, int]) -> Detections:
    return Detections(
        np.array([row[0] for row in rows], np.float32).reshape(-1, 4),
        np.array([row[1] for row in rows], np.float32),
        np.array([row[2] for row in rows], np.int64),
    )


def random_case(seed: int, images: int = 25, classes: int = 3) -> tuple[list[Detections], list[Example]]:
    """Labelled boxes, and detections near some of them and near nothing."""
    rng = np.random.default_rng(seed)
    detections, examples = [], []
    for _ in range(images):
        count = int(rng.integers(0, 6))
        corners = rng.uniform(0, 150, (count, 2))
        boxes = np.concatenate([corners, corners + rng.uniform(5, 50, (count, 2))], axis=1)
        class_ids = rng.integers(0, classes, count)
        examples.append(Example("a", PIXELS, boxes, class_ids, rng.random(count) < 0.15))
        noise = rng.normal(0, 4, (count, 4))
        strays = rng.uniform(0, 100, (3, 4))
        strays[:, 2:] = strays[:, :2] + rng.uniform(5, 60, (3, 2))
        near = np.concatenate([boxes + noise, boxes + noise / 2, strays])
        near_classes = np.concatenate([class_ids, class_ids, rng.integers(0, classes, 3)])
        scores = rng.uniform(0.01, 1, len(near)).astype(np.float32).round(2)
        order = np.argsort(-scores, kind="stable")
        detections.append(Detections(near[order].astype(np.float32), scores[order], near_classes[order]))
    return detections, examples


def pycocotools(detections: list[Detections], examples: list[Example], classes: int) -> Any:
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = coco_dataset(examples, classes)
        truth.createIndex()
        judged = COCOeval(truth, truth.loadRes(coco_results(detections)), "bbox")
        judged.evaluate()
        judged.accumulate()
        judged.summarize()
    return judged


@pytest.mark.parametrize("seed", range(4))
def test_every_number_equals_pycocotools(seed: int) -> None:
    detections, examples = random_case(seed)
    names = ("nut", "bolt", "washer")
    ours, theirs = evaluate(detections, examples, names), pycocotools(detections, examples, 3)
    assert 0.1 < theirs.stats[0] < 0.9
    for key, index in (("AP", 0), ("AP50", 1), ("AP75", 2), ("AR100", 8)):
        assert ours[key] == pytest.approx(theirs.stats[index], abs=1e-6)
    precision = theirs.eval["precision"][:, :, :, 0, -1]
    for index, name in enumerate(names):
        assert ours["per_class"][name]["AP"] == pytest.approx(precision[:, :, index].mean(), abs=1e-6)
        assert ours["per_class"][name]["AP50"] == pytest.approx(precision[0, :, index].mean(), abs=1e-6)


def test_perfect_detections_score_one() -> None:
    result = evaluate(
        [found((BOX, 0.9, 0), (ELSEWHERE, 0.8, 1))], [example([BOX, ELSEWHERE], [0, 1])], ("a", "b")
    )
    assert result == {
        "AP": 1.0,
        "AP50": 1.0,
        "AP75": 1.0,
        "AR100": 1.0,
        "per_class": {"a": {"AP": 1.0, "AP50": 1.0}, "b": {"AP": 1.0, "AP50": 1.0}},
        "images": 1,
        "boxes": 2,
    }


def test_an_overlap_of_one_half_counts_at_50_only() -> None:
    result = evaluate([found((HALF, 0.9, 0))], [example([BOX], [0])], ("a",))
    assert (result["AP50"], result["AP75"], result["AP"]) == (1.0, 0.0, pytest.approx(0.1))


def test_a_detection_of_another_class_is_wrong() -> None:
    result = evaluate([found((BOX, 0.9, 1))], [example([BOX], [0])], ("a", "b"))
    assert result["AP"] == 0.0
    assert result["per_class"]["b"]["AP"] is None


def test_ignored_boxes_count_neither_way() -> None:
    truth = [example([BOX, ELSEWHERE], [0, 0], [False, True])]
    with_it = evaluate([found((ELSEWHERE, 0.95, 0), (BOX, 0.9, 0))], truth, ("a",))
    assert (with_it["AP"], with_it["boxes"]) == (1.0, 1)
    assert evaluate([found((BOX, 0.9, 0))], truth, ("a",))["AP"] == 1.0


def test_nothing_found_scores_zero_and_is_finite() -> None:
    result = evaluate([found()], [example([BOX], [0])], ("a", "b"))
    assert (result["AP"], result["AP50"], result["AR100"]) == (0.0, 0.0, 0.0)
    assert result["per_class"] == {"a": {"AP": 0.0, "AP50": 0.0}, "b": {"AP": None, "AP50": None}}


def test_without_labelled_boxes_there_is_no_number() -> None:
    for examples, detections in (
        ([example([], [])], [found((BOX, 0.9, 0))]),
        ([example([BOX], [0], [True])], [found()]),
        ([], []),
    ):
        result = evaluate(detections, examples, ("a",))
        assert result["AP"] is result["AP50"] is result["AP75"] is result["AR100"] is None
        assert (result["boxes"], result["images"]) == (0, len(examples))


def test_detections_on_empty_images_cost_precision() -> None:
    examples = [example([BOX], [0]), example([], [])]
    clean = evaluate([found((BOX, 0.5, 0)), found()], examples, ("a",))
    noisy = evaluate([found((BOX, 0.5, 0)), found((BOX, 0.9, 0))], examples, ("a",))
    assert (clean["AP50"], noisy["AP50"]) == (1.0, pytest.approx(0.5))


def test_lists_of_different_length_are_refused() -> None:
    with pytest.raises(InvalidExample, match="detections of 1 images for 2"):
        evaluate([found()], [example([], [])] * 2, ("a",))
    with pytest.raises(InvalidExample, match="detections of 1 images for 2"):
        suggest_score_threshold([found()], [example([], [])] * 2)


def test_a_class_index_without_a_name_is_refused() -> None:
    with pytest.raises(InvalidExample, match=r"'a\.jpg' has class index 1, but there are 1 classes"):
        evaluate([found()], [example([BOX], [1])], ("a",))


def test_the_suggested_threshold_parts_right_from_wrong() -> None:
    detections = [found((BOX, 0.9, 0), (ELSEWHERE, 0.3, 0)), found((BOX, 0.7, 0))]
    examples = [example([BOX], [0]), example([BOX], [0])]
    assert suggest_score_threshold(detections, examples) == pytest.approx((0.7 + 0.3) / 2)


def test_the_suggested_threshold_accepts_a_mistake_that_pays() -> None:
    # F1: 2/5 after the first, 2/6 after the mistake, 4/7, 6/8 after the last.
    rows = (BOX, 0.9, 0), ([100, 10, 140, 50], 0.8, 0), (ELSEWHERE, 0.6, 0), ([10, 100, 60, 140], 0.5, 0)
    truth = example([BOX, ELSEWHERE, [10, 100, 60, 140], [150, 10, 190, 50]], [0, 0, 0, 0])
    assert suggest_score_threshold([found(*rows)], [truth]) == 0.25


def test_a_hit_of_another_class_is_a_mistake() -> None:
    rows = (BOX, 0.9, 1), (BOX, 0.8, 0), (ELSEWHERE, 0.3, 1)
    truth = example([BOX, ELSEWHERE, [10, 100, 60, 140]], [0, 0, 1])
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
