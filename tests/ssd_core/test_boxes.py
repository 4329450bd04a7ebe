"""Boxes change form, overlap and turn into offsets and back."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ssd_core.boxes import (
    area_xyxy,
    change_box_format,
    clip_boxes,
    compute_iou,
    decode_boxes,
    encode_boxes,
    iou_matrix_xyxy,
)
from ssd_core.errors import InvalidConfig


def boxes_xyxy(most: int = 5) -> st.SearchStrategy[NDArray[np.float32]]:
    low, side = st.floats(-50, 300, width=32), st.floats(1, 300, width=32)
    box = st.tuples(low, low, side, side).map(lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3]))
    return st.lists(box, min_size=1, max_size=most).map(lambda rows: np.array(rows, np.float32))


def test_corners_become_centres_and_back() -> None:
    corners = [[10, 20, 30, 60]]
    centres = change_box_format(corners, "xywh")
    assert centres.tolist() == [[20, 40, 20, 40]]
    assert change_box_format(centres, "xyxy").tolist() == corners
    assert change_box_format(corners, "cxcywh").tolist() == centres.tolist()


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(InvalidConfig, match="'yxyx'"):
        change_box_format([[0, 0, 1, 1]], "yxyx")


def test_iou_of_centre_boxes_is_shared_area_by_covered_area() -> None:
    # Two 2×2 boxes shifted by one: 2 shared of 6 covered.
    iou = compute_iou([[1, 1, 2, 2]], [[2, 1, 2, 2], [1, 1, 2, 2], [9, 9, 2, 2]])
    np.testing.assert_allclose(iou, [[2 / 6, 1, 0]], rtol=1e-6)


def test_boxes_that_only_touch_do_not_overlap() -> None:
    assert iou_matrix_xyxy([[0, 0, 2, 2]], [[2, 0, 4, 2], [2, 2, 3, 3]]).tolist() == [[0, 0]]


def test_boxes_without_area_have_no_overlap_with_anything() -> None:
    assert (
        iou_matrix_xyxy([[1, 1, 1, 1], [5, 5, 2, 2]], [[1, 1, 1, 1], [0, 0, 9, 9]]).tolist() == [[0, 0]] * 2
    )


def test_no_boxes_give_an_empty_matrix() -> None:
    assert iou_matrix_xyxy(np.zeros((0, 4)), [[0, 0, 1, 1]]).shape == (0, 1)


def test_clipping_uses_width_for_x_and_height_for_y() -> None:
    assert clip_boxes([[-5, -5, 999, 999]], (100, 200)).tolist() == [[0, 0, 200, 100]]


def test_an_inside_out_box_has_no_area() -> None:
    assert area_xyxy([[5, 0, 1, 4], [0, 0, 2, 3]]).tolist() == [0, 6]


def test_offsets_are_those_of_the_paper() -> None:
    # Centre moved by (2, 4) on a 10×20 default box; width doubled, height halved.
    offsets = encode_boxes([[2, 9, 22, 19]], [[10, 10, 10, 20]], (0.1, 0.2))
    np.testing.assert_allclose(offsets, [[2, 2, math.log(2) / 0.2, math.log(0.5) / 0.2]], rtol=1e-6)


def test_decoding_nothing_gives_the_default_boxes() -> None:
    assert decode_boxes(np.zeros((1, 4)), [[50, 40, 20, 10]]).tolist() == [[40, 35, 60, 45]]


def test_an_absurd_size_offset_is_held_at_62_and_a_half_times() -> None:
    x0, _, x1, _ = decode_boxes([[0, 0, 50, 0]], [[0, 0, 10, 10]])[0]
    assert x1 - x0 == pytest.approx(625)


def test_inputs_stay_as_they_were() -> None:
    boxes = np.array([[0, 0, 10, 10]], np.float32)
    boxes.flags.writeable = False
    change_box_format(boxes, "xywh")
    clip_boxes(boxes, (5, 5))
    decode_boxes(boxes, boxes)
    assert boxes.tolist() == [[0, 0, 10, 10]]


@given(boxes_xyxy(), boxes_xyxy())
def test_iou_is_symmetric_and_between_0_and_1(
    first: NDArray[np.float32], second: NDArray[np.float32]
) -> None:
    iou = iou_matrix_xyxy(first, second)
    np.testing.assert_array_equal(iou, iou_matrix_xyxy(second, first).T)
    assert ((iou >= 0) & (iou <= 1)).all()
    np.testing.assert_allclose(np.diag(iou_matrix_xyxy(first, first)), 1, rtol=1e-5)


@given(boxes_xyxy(1), boxes_xyxy(1), st.sampled_from([(0.1, 0.2), (1.0, 1.0)]))
def test_decoding_undoes_encoding(
    box: NDArray[np.float32], default: NDArray[np.float32], variances: tuple[float, float]
) -> None:
    default_cxcywh = change_box_format(default, "cxcywh")
    sides = (box[:, 2:] - box[:, :2]) / default_cxcywh[:, 2:]
    offsets = encode_boxes(box, default_cxcywh, variances)
    if (sides < 62).all():
        np.testing.assert_allclose(decode_boxes(offsets, default_cxcywh, variances), box, atol=0.02)


@given(boxes_xyxy())
def test_both_forms_describe_the_same_boxes(boxes: NDArray[np.float32]) -> None:
    there_and_back = change_box_format(change_box_format(boxes, "xywh"), "xyxy")
    np.testing.assert_allclose(there_and_back, boxes, atol=1e-3)
