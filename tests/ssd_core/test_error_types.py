"""Every mistake has one of TIDE's six types, and mending a type gains what the paper says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from ssd_core.box_judging import judge, overlap_matrix
from ssd_core.error_types import ERROR_TYPES, error_types
from ssd_core.errors import InvalidExample
from ssd_core.evaluation import evaluate
from ssd_core.example import Example
from ssd_core.nms import Detections
from tests.ssd_core.detection_cases import (
    BOX,
    ELSEWHERE,
    FAR,
    HALF,
    Scene,
    crowded_scenes,
    example,
    found,
    random_case,
)

NAMES = ("nut", "bolt")
#: Overlap BOX by .4, .1 and .05.
LOOSE = [10, 10, 60, 26]
TOUCHING = [10, 10, 60, 14]
BARELY = [10, 10, 60, 12]
STRAY = [100, 10, 140, 50]


def types_of(detections: Detections, truth: Example) -> list[tuple[str, int | None, int | None]]:
    """Type, detection and box of each mistake in one image."""
    records = error_types([detections], [truth], NAMES)["records"]
    return [(of["type"], of["detection"], of["truth"]) for of in records]


def gains(detections: Detections, truth: Example) -> dict[str, Any]:
    return error_types([detections], [truth], NAMES)["delta_AP50"]


def test_a_good_fit_of_the_wrong_class_is_a_cls_error() -> None:
    assert types_of(found((HALF, 0.9, 1)), example([BOX], [0])) == [("cls", 0, 0)]


def test_a_loose_fit_of_the_right_class_is_a_loc_error() -> None:
    assert types_of(found((LOOSE, 0.9, 0)), example([BOX], [0])) == [("loc", 0, 0)]
    assert types_of(found((TOUCHING, 0.9, 0)), example([BOX], [0])) == [("loc", 0, 0)]


def test_a_loose_fit_of_the_wrong_class_is_both_and_the_box_is_missed() -> None:
    assert types_of(found((LOOSE, 0.9, 1)), example([BOX], [0])) == [("both", 0, 0), ("miss", None, 0)]


def test_a_second_fit_is_a_dupe() -> None:
    assert types_of(found((BOX, 0.9, 0), (HALF, 0.8, 0)), example([BOX], [0])) == [("dupe", 1, 0)]


def test_a_detection_of_next_to_nothing_is_bkg() -> None:
    truth = example([BOX], [0])
    assert types_of(found((BARELY, 0.9, 0)), truth) == [("bkg", 0, None), ("miss", None, 0)]
    assert types_of(found((STRAY, 0.9, 0)), example([], [])) == [("bkg", 0, None)]


def test_a_box_that_nothing_finds_is_a_miss() -> None:
    assert types_of(found(), example([BOX], [0])) == [("miss", None, 0)]


def test_right_detections_are_no_mistakes() -> None:
    assert types_of(found((BOX, 0.9, 0), (FAR, 0.8, 1)), example([BOX, FAR], [0, 1])) == []


def test_a_loose_fit_excuses_a_miss_and_a_dupe_or_both_does_not() -> None:
    assert types_of(found((BOX, 0.9, 0), (LOOSE, 0.8, 0)), example([BOX], [0])) == [("loc", 1, 0)]
    twins = example([BOX, HALF], [0, 1])
    assert types_of(found((BOX, 0.9, 0), (BOX, 0.8, 0)), twins) == [("dupe", 1, 0), ("miss", None, 1)]


def test_the_largest_overlap_gives_the_type() -> None:
    # .4 with the own class, 1 with the other.
    assert types_of(found((BOX, 0.9, 0)), example([LOOSE, BOX], [0, 1])) == [("cls", 0, 1), ("miss", None, 0)]
    # .4 with one class, .25 with the other.
    for own, kind in ((0, "loc"), (1, "both")):
        truth = example([BOX, TOUCHING], [own, 1 - own])
        assert (kind, 0, 0) in types_of(found((LOOSE, 0.9, 0)), truth)


def test_of_equal_overlaps_the_own_class_gives_the_type() -> None:
    for class_ids in ([0, 1], [1, 0]):
        own = class_ids.index(0)
        errors = types_of(found((LOOSE, 0.9, 0)), example([BOX, BOX], class_ids))
        assert errors == [("loc", 0, own), ("miss", None, 1 - own)]


def test_ignored_boxes_are_not_missed_and_excuse_detections_of_their_class() -> None:
    truth = example([BOX], [0], [True])
    assert types_of(found((BOX, 0.9, 0)), truth) == []
    assert types_of(found((BOX, 0.9, 1)), truth) == [("bkg", 0, None)]
    assert types_of(found((BOX, 0.9, 1)), example([BOX, LOOSE], [0, 0], [True, False])) == [
        ("both", 0, 1),
        ("miss", None, 1),
    ]


def test_records_say_where_to_look() -> None:
    detections = [found(), found((BOX, 0.9, 0), (HALF, 0.75, 1))]
    result = error_types(detections, [example([FAR], [1]), example([BOX], [0])], NAMES)
    assert result["records"] == [
        {"image": 0, "type": "miss", "detection": None, "truth": 0, "iou": None, "score": None},
        {"image": 1, "type": "cls", "detection": 1, "truth": 0, "iou": 0.5, "score": 0.75},
    ]
    assert result["counts"] == {"cls": 1, "loc": 0, "both": 0, "dupe": 0, "bkg": 0, "miss": 1}


def test_only_detections_from_the_score_on_are_judged() -> None:
    given, truth = [found((STRAY, 0.5, 0), (BOX, 0.4, 0))], [example([BOX], [0])]
    assert error_types(given, truth, NAMES)["counts"]["miss"] == 0
    shown = error_types(given, truth, NAMES, score_threshold=0.5)
    assert (shown["counts"]["bkg"], shown["counts"]["miss"]) == (1, 1)


def test_mending_cls_gives_the_box_a_right_detection() -> None:
    # The bolt loses its mistake, the nut finds its box: AP50 of (0 + 1/2) / 2 becomes 1.
    result = gains(found((BOX, 0.9, 1), (FAR, 0.8, 1)), example([BOX, FAR], [0, 1]))
    assert result == {**dict.fromkeys(ERROR_TYPES, 0), "cls": pytest.approx(1 - 1 / 4)}


def test_mending_loc_gives_the_box_a_right_detection() -> None:
    assert gains(found((LOOSE, 0.9, 0)), example([BOX], [0])) == {
        **dict.fromkeys(ERROR_TYPES, 0),
        "loc": pytest.approx(1),
    }


def test_mending_loc_keeps_the_best_of_a_box() -> None:
    # The loose fit comes first and becomes right; the fit after it goes.
    result = gains(found((LOOSE, 0.9, 0), (BOX, 0.8, 0)), example([BOX], [0]))
    assert result["loc"] == pytest.approx(1 / 2)
    # It comes later and goes itself: right, wrong, right becomes right, right.
    rows = (BOX, 0.9, 0), (LOOSE, 0.8, 0), (FAR, 0.7, 0)
    result = gains(found(*rows), example([BOX, FAR], [0, 0]))
    assert result["loc"] == pytest.approx(1 - (51 + 50 * 2 / 3) / 101)
    # It goes and finds no second box.
    assert gains(found((BOX, 0.9, 0), (LOOSE, 0.8, 0)), example([BOX, FAR], [0, 0]))["loc"] == 0
    # Two on a box that nothing fits: one is made right, one goes.
    rows = (LOOSE, 0.9, 0), (LOOSE, 0.8, 0), (FAR, 0.7, 0)
    assert gains(found(*rows), example([BOX, FAR], [0, 0]))["loc"] == pytest.approx(1 - (51 / 3) / 101)


@pytest.mark.parametrize(
    ("mistake", "kind"),
    [((HALF, 0.8, 0), "dupe"), ((STRAY, 0.8, 0), "bkg"), (([200, 100, 260, 118], 0.8, 0), "both")],
    ids=["dupe", "bkg", "both"],
)
def test_mending_dupe_bkg_or_both_takes_the_mistakes_away(mistake: tuple, kind: str) -> None:
    # The nut: right, wrong, right. The bolt is found.
    truth = example([BOX, FAR, ELSEWHERE], [0, 0, 1])
    result = gains(found((BOX, 0.9, 0), mistake, (FAR, 0.7, 0), (ELSEWHERE, 0.6, 1)), truth)
    gain = pytest.approx((1 - (51 + 50 * 2 / 3) / 101) / 2)
    assert result == {**dict.fromkeys(ERROR_TYPES, 0), kind: gain}


def test_mending_misses_asks_for_fewer_boxes() -> None:
    result = gains(found((BOX, 0.9, 0)), example([BOX, FAR], [0, 0]))
    assert result == {**dict.fromkeys(ERROR_TYPES, 0), "miss": pytest.approx(50 / 101)}


def test_mending_misses_of_a_class_never_found_leaves_its_mistakes() -> None:
    assert gains(found(), example([BOX], [0]))["miss"] == 1
    assert gains(found((STRAY, 0.9, 0)), example([BOX], [0]))["miss"] == 0


def test_without_boxes_there_are_mistakes_but_no_gains() -> None:
    result = error_types([found((STRAY, 0.9, 0))], [example([], [])], NAMES)
    assert (result["AP50"], result["delta_AP50"]) == (None, dict.fromkeys(ERROR_TYPES))
    assert result["counts"]["bkg"] == 1


def assert_every_mistake_has_its_type(detections: list[Detections], examples: list[Example]) -> dict:
    """Check all that the definitions guarantee, and give the counts."""
    names = ("nut", "bolt", "cog")
    result = error_types(detections, examples, names)
    ap50 = evaluate(detections, examples, names)["AP50"]
    assert result["AP50"] == (None if ap50 is None else pytest.approx(ap50, abs=1e-9))
    for gain in result["delta_AP50"].values():
        assert (gain is None) == (ap50 is None)
        assert gain is None or -1e-12 <= gain <= 1 - ap50 + 1e-9
    for kind, count in result["counts"].items():
        assert count == sum(of["type"] == kind for of in result["records"])
        assert count or not result["delta_AP50"][kind]
    judged = judge(detections, examples, [0.5])
    wrong = judged.counted[0] & ~judged.right[0]
    expected = set(zip(judged.image_ids[wrong].tolist(), judged.detection_ids[wrong].tolist(), strict=True))
    listed = [(of["image"], of["detection"]) for of in result["records"] if of["type"] != "miss"]
    assert len(listed) == len(expected)
    assert set(listed) == expected
    for of in result["records"]:
        if of["type"] != "miss":
            assert of["type"] == type_by_the_book(detections[of["image"]], examples[of["image"]], of)
    assert [of["image"] for of in result["records"]] == sorted(of["image"] for of in result["records"])
    return result["counts"]


def type_by_the_book(detections: Detections, truth: Example, record: dict[str, Any]) -> str:
    """The type that follows from the overlap with the box named, after checking that none is larger."""
    row, none = record["detection"], np.zeros(len(truth.class_ids), np.bool_)
    overlaps = overlap_matrix(detections.boxes_xyxy[[row]], truth.boxes_xyxy, none)[0]
    assert record["iou"] == overlaps[~truth.ignore].max(initial=0)
    if record["truth"] is None:
        assert record["iou"] < 0.1
        return "bkg"
    assert record["iou"] == overlaps[record["truth"]] >= 0.1
    own = truth.class_ids[record["truth"]] == detections.class_ids[row]
    if record["iou"] < 0.5:
        return "loc" if own else "both"
    return "dupe" if own else "cls"


@settings(deadline=None, max_examples=80)
@given(crowded_scenes())
def test_every_mistake_has_the_type_that_follows_from_its_box_and_no_gain_is_negative(scene: Scene) -> None:
    assert_every_mistake_has_its_type(*scene)


def test_all_six_types_occur_among_many_mistakes() -> None:
    assert min(assert_every_mistake_has_its_type(*random_case(0, images=60)).values()) > 0


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(InvalidExample, match="detections of 0 images for 1"):
        error_types([], [example([], [])], NAMES)
    with pytest.raises(InvalidExample, match="class index 2, but there are 2 classes"):
        error_types([found((BOX, 0.9, 2))], [example([], [])], NAMES)
