"""Bounding boxes of what is no upright rectangle."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as reference

from data.errors import AnnotationRejected
from data.formats.outlines import is_upright, of_ellipse, of_points, of_rotated, of_run_lengths, run_lengths


def test_points():
    assert of_points([(3, 9), (1, 5), (2, 7)]) == (1, 5, 3, 9)


@pytest.mark.parametrize(
    ("points", "upright"),
    [
        ([(5, 6), (1, 2)], True),
        ([(1, 2), (5, 2), (5, 6), (1, 6)], True),
        ([(1, 2), (5, 2), (5, 6), (1, 6), (1, 2)], True),
        ([(1, 2), (5, 6), (5, 2), (1, 6)], True),
        ([(1, 2), (5, 3), (5, 6), (1, 6)], False),
        ([(1, 2), (5, 2), (5, 6)], False),
        ([(1, 2), (1, 2), (5, 6), (5, 6)], False),
    ],
)
def test_upright_rectangles(points, upright):
    assert is_upright(points) is upright


def test_a_quarter_turn_swaps_the_sides_about_the_centre_or_the_point_given():
    assert of_rotated((10, 5, 20, 25), 90) == pytest.approx((5, 10, 25, 20))
    assert of_rotated((20, 0, 30, 5), 90, about=(20, 0)) == pytest.approx((15, 0, 20, 10))


def test_an_eighth_of_a_turn_makes_a_square_wider_by_the_root_of_two():
    assert of_rotated((-1, -1, 1, 1), 45) == pytest.approx((-(2**0.5), -(2**0.5), 2**0.5, 2**0.5))


def test_ellipses():
    assert of_ellipse((20, 10), (5, 3)) == (15, 7, 25, 13)
    assert of_ellipse((20, 10), (5, 3), 90) == pytest.approx((17, 5, 23, 15))


@given(st.integers(1, 12), st.integers(1, 12), st.data())
def test_masks_are_measured_and_unpacked_like_the_reference_does(height, width, data):
    left, counts = height * width, []
    while left:
        counts.append(data.draw(st.integers(0 if not counts else 1, left)))
        left -= counts[-1]
    packed = reference.frPyObjects({"size": [height, width], "counts": counts}, height, width)
    assert run_lengths(packed["counts"].decode()) == counts
    x, y, across, down = reference.toBbox(packed)
    if across:
        assert of_run_lengths(counts, height, width) == (x, y, x + across, y + down)
    else:
        with pytest.raises(AnnotationRejected):
            of_run_lengths(counts, height, width)


@pytest.mark.parametrize(
    ("counts", "height", "width"),
    [([5, 99], 3, 4), ([-1, 5], 3, 4), ([0, 1], 0, 4), ([0, 1], 10**9, 10**9), ([], 3, 4)],
)
def test_masks_that_cannot_be_are_refused(counts, height, width):
    with pytest.raises(AnnotationRejected):
        of_run_lengths(counts, height, width)


@pytest.mark.parametrize("text", ["\x00", "é", "o" * 50, "PPPPPPPPPPPPPPPPPPP"])
def test_packed_runs_that_are_damaged_are_refused_or_end(text):
    try:
        runs = run_lengths(text)
    except AnnotationRejected:
        return
    assert all(isinstance(run, int) for run in runs)
