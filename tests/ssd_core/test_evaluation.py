"""The numbers are COCO's: equal to pycocotools, and to cases worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings

from ssd_core.errors import InvalidExample
from ssd_core.evaluation import evaluate
from ssd_core.example import Example
from ssd_core.nms import Detections
from tests.ssd_core.detection_cases import (
    BOX,
    ELSEWHERE,
    HALF,
    PIXELS,
    Scene,
    crowded_scenes,
    example,
    found,
    pycocotools,
    random_case,
)

#: Our keys, in the order of pycocotools' summary.
KEYS = (
    *("AP", "AP50", "AP75", "AP_small", "AP_medium", "AP_large"),
    *("AR1", "AR10", "AR100", "AR_small", "AR_medium", "AR_large"),
)


def assert_equal_to_pycocotools(detections: list[Detections], examples: list[Example], classes: int) -> Any:
    """Compare every number, and give pycocotools' summary."""
    names = tuple(str(index) for index in range(classes))
    ours, theirs = evaluate(detections, examples, names), pycocotools(detections, examples, classes)
    for key, expected in zip(KEYS, theirs.stats, strict=True):
        assert ours[key] == (None if expected == -1 else pytest.approx(expected, abs=1e-6)), key
    precision, recall = theirs.eval["precision"][:, :, :, 0, -1], theirs.eval["recall"][:, :, 0, -1]
    for index, name in enumerate(names):
        expected = precision[:, :, index].mean(), precision[0, :, index].mean(), recall[:, index].mean()
        for key, value in zip(("AP", "AP50", "AR100"), expected, strict=True):
            given = ours["per_class"][name][key]
            assert given == (None if value == -1 else pytest.approx(value, abs=1e-6)), (name, key)
    return theirs.stats


@pytest.mark.parametrize("seed", range(4))
def test_every_number_equals_pycocotools(seed: int) -> None:
    detections, examples = random_case(seed)
    assert any(len(one.class_ids) == 0 for one in examples)
    assert any(one.ignore.any() for one in examples)
    stats = assert_equal_to_pycocotools(detections, examples, 3)
    assert (stats > 0.05).all()
    assert (stats < 0.95).all()
    assert stats[6] < stats[7]


@pytest.mark.parametrize("seed", range(2))
def test_every_number_equals_pycocotools_where_most_scores_are_equal(seed: int) -> None:
    detections, examples = random_case(seed, decimals=1)
    assert_equal_to_pycocotools(detections, examples, 3)


@settings(deadline=None, max_examples=50)
@given(crowded_scenes(classes=3))
def test_every_number_equals_pycocotools_on_a_coarse_grid(scene: Scene) -> None:
    detections, examples = scene
    # pycocotools takes no empty list of results.
    assume(any(len(one) for one in detections))
    if any((~one.ignore).any() for one in examples):
        assert_equal_to_pycocotools(detections, examples, 3)


def test_every_number_equals_pycocotools_in_a_crowd() -> None:
    rng = np.random.default_rng(0)
    corners = rng.uniform(0, 180, (130, 2))
    boxes = np.concatenate([corners, corners + rng.uniform(8, 19, (130, 2))], axis=1)
    rows = [(box, score, 0) for box, score in zip(boxes.tolist(), np.linspace(0.9, 0.1, 130), strict=True)]
    detections, examples = [found(*rows)], [Example("a", PIXELS, boxes, [0] * 130)]
    stats = assert_equal_to_pycocotools(detections, examples, 1)
    assert stats[8] == pytest.approx(100 / 130)


def test_perfect_detections_score_one() -> None:
    result = evaluate(
        [found((BOX, 0.9, 0), (ELSEWHERE, 0.8, 1))], [example([BOX, ELSEWHERE], [0, 1])], ("a", "b")
    )
    perfect = {"AP": 1.0, "AP50": 1.0, "AR100": 1.0, "boxes": 1}
    assert result == {
        **dict.fromkeys(KEYS, 1.0),
        **dict.fromkeys(("AP_small", "AP_large", "AR_small", "AR_large")),
        "per_class": {"a": perfect, "b": perfect},
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


def test_recall_depends_on_how_many_detections_may_be_used() -> None:
    boxes = [[10 * index, 10, 10 * index + 9, 19] for index in range(20)]
    detections = [found(*[(box, 0.9 - 0.01 * rank, 0) for rank, box in enumerate(boxes)])]
    result = evaluate(detections, [example(boxes, [0] * 20)], ("a",))
    assert (result["AR1"], result["AR10"], result["AR100"]) == pytest.approx((1 / 20, 1 / 2, 1))


@pytest.mark.parametrize(
    ("side", "sizes"),
    [
        (31, {"small"}),
        (32, {"small", "medium"}),
        (33, {"medium"}),
        (96, {"medium", "large"}),
        (97, {"large"}),
    ],
)
def test_small_medium_and_large_are_parted_at_32_and_96_pixels(side: int, sizes: set[str]) -> None:
    box = [10, 10, 10 + side, 10 + side]
    result = evaluate([found((box, 0.9, 0))], [example([box], [0])], ("a",))
    assert {size for size in ("small", "medium", "large") if result[f"AP_{size}"] == 1} == sizes
    assert {size for size in ("small", "medium", "large") if result[f"AR_{size}"] is not None} == sizes


def test_a_detection_of_another_size_costs_an_area_nothing() -> None:
    rows = ([0, 0, 150, 150], 0.9, 0), (BOX, 0.8, 0)
    result = evaluate([found(*rows)], [example([BOX], [0])], ("a",))
    assert (result["AP50"], result["AP_medium"]) == (pytest.approx(0.5), 1.0)


def test_ignored_boxes_count_neither_way() -> None:
    truth = [example([BOX, ELSEWHERE], [0, 0], [False, True])]
    with_it = evaluate([found((ELSEWHERE, 0.95, 0), (BOX, 0.9, 0))], truth, ("a",))
    assert (with_it["AP"], with_it["boxes"]) == (1.0, 1)
    assert evaluate([found((BOX, 0.9, 0))], truth, ("a",))["AP"] == 1.0


def test_nothing_found_scores_zero_and_is_finite() -> None:
    result = evaluate([found()], [example([BOX], [0])], ("a", "b"))
    assert (result["AP"], result["AP50"], result["AR100"]) == (0.0, 0.0, 0.0)
    assert result["per_class"] == {
        "a": {"AP": 0.0, "AP50": 0.0, "AR100": 0.0, "boxes": 1},
        "b": {"AP": None, "AP50": None, "AR100": None, "boxes": 0},
    }


def test_without_labelled_boxes_there_is_no_number() -> None:
    for examples, detections in (
        ([example([], [])], [found((BOX, 0.9, 0))]),
        ([example([BOX], [0], [True])], [found()]),
        ([], []),
    ):
        result = evaluate(detections, examples, ("a",))
        assert {key: result[key] for key in KEYS} == dict.fromkeys(KEYS)
        assert (result["boxes"], result["images"]) == (0, len(examples))


def test_detections_on_empty_images_cost_precision() -> None:
    examples = [example([BOX], [0]), example([], [])]
    clean = evaluate([found((BOX, 0.5, 0)), found()], examples, ("a",))
    noisy = evaluate([found((BOX, 0.5, 0)), found((BOX, 0.9, 0))], examples, ("a",))
    assert (clean["AP50"], noisy["AP50"]) == (1.0, pytest.approx(0.5))


def test_lists_of_different_length_are_refused() -> None:
    with pytest.raises(InvalidExample, match="detections of 1 images for 2"):
        evaluate([found()], [example([], [])] * 2, ("a",))


def test_a_class_index_without_a_name_is_refused() -> None:
    with pytest.raises(InvalidExample, match=r"'a\.jpg' has class index 1, but there are 1 classes"):
        evaluate([found()], [example([BOX], [1])], ("a",))
