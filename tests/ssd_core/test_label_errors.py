"""What a model doubts about labels, in tiny scenes with exact answers, and in which order it is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from ssd_core.candidates import Candidates
from ssd_core.example import Example
from ssd_core.label_errors import LabelError, Reliability, condensed, label_errors, reliability
from tests.ssd_core.detection_cases import BOX, ELSEWHERE, FAR, HALF, PIXELS, example, found

#: Overlaps BOX by .4.
LOOSE = [10, 10, 60, 26]
CERTAIN = Reliability(np.array([0.5, 0.5]), np.array([0.9, 0.9]), np.zeros(2))


def seen(*rows: tuple[Sequence[float], float, int]) -> Candidates:
    """Candidates from rows of box, score and class, best first."""
    detections = found(*rows)
    return Candidates(detections.boxes_xyxy, detections.scores, detections.class_ids)


def doubts(sight: Candidates, truth: Example, believed: Reliability = CERTAIN) -> list[LabelError]:
    return label_errors(sight, truth, believed, PIXELS.shape[:2], (200, 300))


def kinds(sight: Candidates, truth: Example) -> list[tuple[str, int, int | None]]:
    return [(doubt.kind, doubt.class_id, doubt.truth) for doubt in doubts(sight, truth)]


def test_a_box_that_is_seen_is_in_no_doubt() -> None:
    assert kinds(seen((BOX, 0.9, 0)), example([BOX], [0])) == []
    assert kinds(seen((HALF, 0.6, 0)), example([BOX], [0])) == []


def test_what_is_seen_where_nothing_is_drawn_is_a_missing_box() -> None:
    (doubt,) = doubts(seen((ELSEWHERE, 0.9, 1)), example([], []))
    assert (doubt.kind, doubt.class_id, doubt.truth) == ("missing_box", 1, None)
    assert doubt.box_xyxy == tuple(ELSEWHERE)
    assert doubt.score == pytest.approx(0.9)
    assert doubt.badness == pytest.approx(0.9)


def test_several_candidates_of_one_thing_are_one_missing_box() -> None:
    near = [ELSEWHERE[0] + 6, *ELSEWHERE[1:]]
    assert kinds(seen((ELSEWHERE, 0.9, 1), (near, 0.8, 1), (near, 0.4, 0)), example([], [])) == [
        ("missing_box", 1, None)
    ]


def test_a_box_without_any_candidate_is_not_seen() -> None:
    (doubt,) = doubts(seen(), example([BOX], [0]))
    assert (doubt.kind, doubt.class_id, doubt.truth, doubt.score) == ("unseen_box", 0, 0, None)
    assert doubt.box_xyxy == tuple(BOX)


def test_a_faint_candidate_makes_a_box_less_unseen() -> None:
    (nothing,) = doubts(seen(), example([BOX], [0]))
    (faint,) = doubts(seen((BOX, 0.2, 0)), example([BOX], [0]))
    assert faint.score == pytest.approx(0.2)
    assert faint.badness == pytest.approx(nothing.badness * 0.6)


def test_a_better_fit_of_another_class_is_told_as_such() -> None:
    assert kinds(seen((HALF, 0.9, 1)), example([BOX], [0])) == [("other_class", 1, 0)]
    assert kinds(seen((BOX, 0.9, 1), (BOX, 0.06, 0)), example([BOX], [0])) == [("other_class", 1, 0)]
    assert kinds(seen((BOX, 0.8, 0), (HALF, 0.6, 1)), example([BOX], [0])) == []


def test_a_thing_that_overlaps_another_one_is_not_taken_for_it() -> None:
    both = example([BOX, HALF], [0, 1])
    assert kinds(seen((HALF, 0.95, 1), (BOX, 0.6, 0)), both) == []
    assert kinds(seen((HALF, 0.95, 1)), both) == [("unseen_box", 0, 0)]


def test_a_thing_seen_in_a_box_that_hardly_fits_is_a_poor_fit_and_no_missing_box() -> None:
    (doubt,) = doubts(seen((LOOSE, 0.9, 0)), example([BOX], [0]))
    assert (doubt.kind, doubt.truth, doubt.box_xyxy) == ("poor_fit", 0, tuple(LOOSE))


def test_difficult_and_crowd_boxes_are_left_out_with_all_that_lies_within() -> None:
    inside = [20, 20, 40, 40]
    assert kinds(seen((inside, 0.9, 1)), example([BOX], [0], [True])) == []


def test_the_worst_comes_first_whatever_its_kind() -> None:
    sight = seen((ELSEWHERE, 0.97, 0), (BOX, 0.7, 1))
    assert [doubt.kind for doubt in doubts(sight, example([BOX, FAR], [0, 0]))] == [
        "missing_box",
        "other_class",
        "unseen_box",
    ]


def test_what_is_hardly_worth_a_look_is_not_told() -> None:
    assert kinds(seen((ELSEWHERE, 0.16, 0)), example([], [])) == [("missing_box", 0, None)]
    assert kinds(seen((ELSEWHERE, 0.14, 0)), example([], [])) == []
    assert kinds(seen(), example([[100, 10, 108, 18]], [0])) == []


def test_a_small_box_that_is_not_seen_counts_less_than_a_large_one() -> None:
    small = [100, 10, 120, 30]
    found_ones = doubts(seen(), example([small, BOX], [0, 0]))
    assert [doubt.truth for doubt in found_ones] == [1, 0]
    # Two thirds of the plain side have four ninths of the weight.
    assert found_ones[1].badness == pytest.approx(found_ones[0].badness * 4 / 9)


def test_the_silence_of_a_model_that_misses_much_says_little() -> None:
    (keen,) = doubts(seen(), example([BOX], [0]), replace(CERTAIN, recalls=np.array([0.99, 0.99])))
    (dull,) = doubts(seen(), example([BOX], [0]), replace(CERTAIN, recalls=np.array([0.5, 0.5])))
    assert keen.badness > 0.8
    assert dull.badness < 0.1


def test_another_class_says_little_where_the_model_confuses_it_often() -> None:
    sight, truth = seen((BOX, 0.9, 1)), example([BOX], [0])
    (keen,) = doubts(sight, truth)
    (dull,) = doubts(sight, truth, replace(CERTAIN, confusions=np.array([0.0, 0.5])))
    assert keen.badness == pytest.approx(0.9)
    assert dull.badness < 0.1


def test_scores_count_by_the_threshold_of_their_class() -> None:
    believed = replace(CERTAIN, thresholds=np.array([0.2, 0.8]))
    first, second = doubts(seen((ELSEWHERE, 0.6, 1), (FAR, 0.5, 0)), example([], []), believed)
    assert (first.class_id, first.badness) == (0, pytest.approx(0.5 + 0.5 * 0.3 / 0.8))
    assert (second.class_id, second.badness) == (1, pytest.approx(0.5 * 0.6 / 0.8))


def test_a_thing_that_touches_a_drawn_box_is_missed_with_less_certainty() -> None:
    apart, beside = [100, 10, 150, 50], [40, 10, 90, 50]
    free = doubts(seen((BOX, 0.9, 0), (apart, 0.8, 1)), example([BOX], [0]))[0]
    touching = doubts(seen((BOX, 0.9, 0), (beside, 0.8, 1)), example([BOX], [0]))[0]
    assert 0 < touching.badness < free.badness


def test_a_second_view_of_a_drawn_box_is_no_missing_box() -> None:
    lower_half = [10, 30, 60, 50]
    assert kinds(seen((HALF, 0.9, 0), (lower_half, 0.8, 0)), example([BOX], [0])) == []


def test_a_part_of_a_drawn_box_is_a_missing_box_of_its_class_with_less_certainty() -> None:
    inside = [20, 20, 40, 40]
    of_the_class = doubts(seen((BOX, 0.9, 0), (inside, 0.8, 0)), example([BOX], [0]))[0]
    of_another = doubts(seen((BOX, 0.9, 0), (inside, 0.8, 1)), example([BOX], [0]))[0]
    assert of_the_class.badness == pytest.approx(of_another.badness / 2)


def test_condensing_keeps_what_says_something_of_its_own() -> None:
    same = [ELSEWHERE[0] + 2, *ELSEWHERE[1:]]
    kept = condensed(seen((ELSEWHERE, 0.9, 1), (same, 0.8, 1), (same, 0.7, 0), (BOX, 0.1, 1)))
    assert kept.scores.tolist() == pytest.approx([0.9, 0.7, 0.1])


def test_reliability_is_measured_on_the_labels_in_doubt() -> None:
    sights = [seen((BOX, 0.9, 0), (ELSEWHERE, 0.3, 0))] * 20
    truths = [example([BOX, FAR], [0, 0])] * 20
    believed = reliability(sights, truths, ("nut", "bolt"))
    assert 0.3 < believed.thresholds[0] <= 0.9
    # Half of the boxes are found; a class without boxes has what all have together.
    assert believed.recalls.tolist() == pytest.approx([0.5, 0.5])
    assert believed.confusions.tolist() == [0, 0]
    assert believed.recall == pytest.approx(0.5)
    assert reliability([seen((BOX, 0.9, 0))], [example([], [])], ("nut", "bolt")).recall is None


def test_confusions_are_counted_by_the_class_that_is_seen() -> None:
    sights = [seen((BOX, 0.9, 1), (FAR, 0.9, 0))] * 20
    believed = reliability(sights, [example([BOX, FAR], [0, 0])] * 20, ("nut", "bolt"))
    # Of 40 boxes, 20 are found as what they are.
    assert believed.recall == pytest.approx(0.5)
    # Half of all that is seen on boxes: of the first class none of 20, of the second all of 20.
    assert believed.confusions.tolist() == pytest.approx([0.25, 0.75])
