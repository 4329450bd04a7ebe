"""What tells images apart, and the order in which they teach most."""

from __future__ import annotations

import numpy as np
import pytest

from ssd_core import diversity
from ssd_core.diversity import DESCRIPTOR_SIZE, descriptor, queue


def rows(*values: float) -> np.ndarray:
    """Descriptors that differ in one number alone."""
    return np.array([[value] for value in values], np.float32)


NONE = np.zeros((0, 1), np.float32)


def order_of(uncertainty: list[float], *given: np.ndarray, **options: int) -> list[int]:
    found = queue(np.array(uncertainty), *given, **options)
    return np.argsort(-found.usefulness, kind="stable").tolist()


def test_a_descriptor_tells_where_which_colour_and_how_rough_it_is() -> None:
    left_red = np.zeros((30, 40, 3), np.uint8)
    left_red[:, :20, 0] = 255
    found = descriptor(left_red)
    assert (found.shape, found.dtype) == ((DESCRIPTOR_SIZE,), np.float32)
    parts = found.reshape(4, 4, 4)
    assert parts[:, 0].tolist() == [[1, 0, 0, 0]] * 4
    assert parts[:, 3].tolist() == [[0, 0, 0, 0]] * 4
    # The edge lies between the middle columns.
    assert parts[0, 1, 3] + parts[0, 2, 3] > 0
    assert np.abs(descriptor(left_red[::-1]) - found).max() == 0
    assert np.abs(descriptor(left_red[:, ::-1]) - found).max() == 1


def test_without_any_difference_the_most_uncertain_comes_first() -> None:
    assert order_of([0.2, 0.9, 0.5], rows(0, 10, 20), NONE) == [1, 2, 0]


def test_an_image_like_one_that_is_known_or_ahead_comes_later() -> None:
    assert order_of([0.9, 0.8], rows(0, 10), rows(0)) == [1, 0]
    # The second is as good as the first, but its twin; the third is worth more beside the first.
    assert order_of([0.9, 0.89, 0.5], rows(0, 0, 10), NONE) == [0, 2, 1]


def test_an_odd_image_waits_until_one_that_stands_for_many_is_ahead() -> None:
    alike_and_odd = ([0.5, 0.5, 0.5, 0.5, 0.4, 0.8], rows(0, 0.1, 0.2, 0.3, 45, 90))
    first, *then = order_of(*alike_and_odd, NONE)
    assert (first < 4, then[:2]) == (True, [5, 4])
    # What is known stands for its like, so that the odd one is next.
    assert order_of(*alike_and_odd, rows(0.1))[:2] == [5, 4]


def test_it_is_told_how_many_others_an_image_stands_for() -> None:
    alike_and_odd = ([0.5] * 5, rows(0, 0.1, 0.2, 45, 90))
    assert sorted(queue(np.array(alike_and_odd[0]), alike_and_odd[1], NONE).stands_for.tolist()) == [
        0
    ] * 4 + [2]
    assert queue(np.array(alike_and_odd[0]), alike_and_odd[1], rows(0.1)).stands_for.tolist() == [0] * 5


def test_of_those_that_stand_for_the_same_the_least_sure_one_is_shown() -> None:
    assert order_of([0.2, 0.9, 0.3], rows(0, 0, 0), NONE)[0] == 1


def test_of_very_many_images_some_are_chosen_for_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diversity, "MOST_CANDIDATES", 20)
    monkeypatch.setattr(diversity, "MOST_STOOD_FOR", 10)
    draw = np.random.default_rng(0)
    uncertainty, descriptors = draw.random(100), draw.random((100, 4), np.float32)
    found = queue(uncertainty, descriptors, descriptors[:0], most=5)
    chosen = np.flatnonzero(found.usefulness > 1)
    assert len(chosen) == pytest.approx(5, abs=1)
    assert set(chosen) <= set(np.argsort(-uncertainty)[:20])
    again = queue(uncertainty, descriptors, descriptors[:0], most=5)
    assert again.usefulness.tolist() == found.usefulness.tolist()


def test_newness_tells_how_unlike_what_is_known_an_image_is() -> None:
    found = queue(np.array([0.5] * 4), rows(0, 1, 50, 80), rows(0))
    assert found.newness[0] == 0
    assert found.newness[2] == 1
    assert 0 < found.newness[1] < 1


def test_those_behind_the_greedy_part_keep_their_place_behind_it() -> None:
    draw = np.random.default_rng(0)
    uncertainty, descriptors = draw.random(300), draw.random((300, 4), np.float32)
    found = queue(uncertainty, descriptors, descriptors[:0], most=50)
    chosen = found.usefulness > 1
    assert chosen.sum() == pytest.approx(50, abs=1)
    assert found.usefulness[chosen].min() > found.usefulness[~chosen].max()
    whole = queue(uncertainty, descriptors, descriptors[:0], most=300)
    first = np.argsort(-found.usefulness)[:49]
    assert first.tolist() == np.argsort(-whole.usefulness)[:49].tolist()


def test_nothing_is_ordered_where_nothing_waits() -> None:
    assert len(queue(np.zeros(0), NONE, NONE).usefulness) == 0
    assert order_of([0.5], rows(1), rows(1)) == [0]


def test_many_images_are_compared_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(0)
    uncertainty, descriptors, known = draw.random(40), draw.random((40, 4)), draw.random((30, 4))
    whole = queue(uncertainty, descriptors, known)
    monkeypatch.setattr(diversity, "_PAIRS_AT_ONCE", 100)
    in_pieces = queue(uncertainty, descriptors, known)
    assert in_pieces.usefulness == pytest.approx(whole.usefulness)
