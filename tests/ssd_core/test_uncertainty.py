"""How unsure a model is of an image."""

from __future__ import annotations

import numpy as np
import pytest

from ssd_core.candidates import Candidates
from ssd_core.uncertainty import MOST_BOXES, doubt


def seen(*scores: float) -> Candidates:
    """Boxes side by side with these scores, best first."""
    boxes = [[20 * number, 0, 20 * number + 10, 10] for number in range(len(scores))]
    return Candidates(
        np.array(boxes, np.float32).reshape(-1, 4),
        np.array(scores, np.float32),
        np.zeros(len(scores), np.int64),
    )


def test_a_sure_box_leaves_little_doubt_and_an_even_one_much() -> None:
    sure, even, half = (doubt(seen(score)).uncertainty for score in (0.99, 0.5, 0.75))
    assert sure < 0.1 < half < even
    # It may be nothing at all (one half), or the box may be wrong (half of one bit of doubt).
    assert even == pytest.approx(1 - 0.5 * 0.5)


def test_more_doubtful_boxes_are_more_doubt() -> None:
    assert doubt(seen(0.9, 0.5)).uncertainty > doubt(seen(0.9)).uncertainty
    assert doubt(seen(0.9, 0.5, 0.4)).unsure_scores == pytest.approx((0.5, 0.4))


def test_nothing_found_weighs_as_much_as_objects_are_expected() -> None:
    assert doubt(seen()).uncertainty == 1
    assert doubt(seen(), expected=0.25).uncertainty == pytest.approx(0.25)
    assert doubt(seen(0.05)) == doubt(seen())
    assert doubt(seen()).best_score is None


def test_a_score_counts_as_even_where_the_model_s_own_threshold_lies() -> None:
    shifted, usual = doubt(seen(0.3), threshold=0.3), doubt(seen(0.5))
    assert shifted.uncertainty == pytest.approx(usual.uncertainty, abs=1e-6)
    assert shifted.unsure_scores == pytest.approx((0.3,))
    assert doubt(seen(0.85), threshold=0.3).unsure_scores == ()


@pytest.mark.parametrize("class_ids", [(0, 0), (0, 1)])
def test_boxes_of_one_place_count_once_whatever_they_may_be(class_ids: tuple[int, int]) -> None:
    one_place = Candidates(
        np.array([[0, 0, 10, 10], [0, 0, 10, 9]], np.float32),
        np.array([0.6, 0.5], np.float32),
        np.array(class_ids, np.int64),
    )
    assert len(doubt(one_place).unsure_scores) == 1


def test_all_boxes_in_doubt_are_told_though_a_few_decide_how_much_it_is() -> None:
    many, more = doubt(seen(*[0.5] * MOST_BOXES)), doubt(seen(*[0.5] * 9))
    assert (len(more.unsure_scores), more.uncertainty) == (9, many.uncertainty)
