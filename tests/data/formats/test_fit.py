"""Fitting boxes to their image."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from data.formats.annotated import Labels, NamedBox
from data.formats.fit import TOLERANCE, fit

TURNS = {
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def labels(*corners: float, size: tuple[int, int] | None = None) -> Labels:
    return Labels((NamedBox("nut", *corners, line=7),), size, file="a.xml")


def test_boxes_inside_stay_exactly_as_they_are():
    given_ = labels(0, 0.5, 40, 30, size=(40, 30))
    fitted = fit(given_, 40, 30, 1)
    assert fitted.boxes == given_.boxes
    assert (fitted.problems, fitted.clipped, fitted.turned, fitted.other_size) == ((), 0, False, "")


def test_a_box_a_little_over_the_edge_is_clipped_and_counted():
    fitted = fit(labels(-1, 0, 41, 31), 40, 30, 1)
    assert fitted.boxes == (NamedBox("nut", 0, 0, 40, 30, line=7),)
    assert fitted.clipped == 1


def test_a_box_far_outside_is_reported_with_file_and_line():
    fitted = fit(labels(0, 0, 40 + TOLERANCE + 0.5, 30), 40, 30, 1)
    assert fitted.boxes == ()
    (problem,) = fitted.problems
    assert (problem.file, problem.line) == ("a.xml", 7)
    assert "'nut' (0, 0, 42.5, 30) reaches outside the 40×30 image" in problem.problem


def test_a_box_wholly_beyond_the_edge_is_not_clipped_to_nothing():
    assert fit(labels(40.2, 0, 41, 30), 40, 30, 1).boxes == ()


def test_another_stated_size_is_told_and_helps_to_explain_a_box_outside():
    fitted = fit(labels(0, 0, 80, 60, size=(80, 60)), 40, 30, 1)
    assert fitted.other_size == "80×60 instead of 40×30"
    assert "80×60" in fitted.problems[0].remedy


@pytest.mark.parametrize("orientation", [5, 6, 7, 8])
@given(data=st.data())
def test_boxes_drawn_on_the_stored_picture_turn_with_it(orientation, data):
    width, height = 40, 30
    x0, y0 = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    x1, y1 = data.draw(st.integers(x0 + 1, width)), data.draw(st.integers(y0 + 1, height))
    stored = Image.new("L", (width, height))
    ImageDraw.Draw(stored).rectangle((x0, y0, x1 - 1, y1 - 1), fill=255)
    upright = stored.transpose(TURNS[orientation])
    fitted = fit(labels(x0, y0, x1, y1, size=(width, height)), *upright.size, orientation)
    assert fitted.turned
    (box,) = fitted.boxes
    assert (box.x0, box.y0, box.x1, box.y1) == upright.getbbox()


def test_boxes_drawn_on_the_upright_picture_are_not_turned():
    fitted = fit(labels(1, 2, 3, 4, size=(30, 40)), 30, 40, 6)
    assert not fitted.turned
    assert fitted.boxes == (NamedBox("nut", 1, 2, 3, 4, line=7),)
