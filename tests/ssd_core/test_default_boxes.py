"""Default boxes lie where the notebook and the paper put them."""

from __future__ import annotations

import numpy as np
import pytest

from ssd_core.boxes import change_box_format
from ssd_core.config import SSDConfig, config
from ssd_core.default_boxes import DefaultBoxes, default_boxes_of
from ssd_core.errors import InvalidConfig


def test_the_notebook_s_rows_come_out() -> None:
    boxes = DefaultBoxes(**config).boxes
    assert boxes.shape == (8732, 4)
    assert boxes.dtype == np.float32
    np.testing.assert_allclose(
        boxes[:3], [[4, 4, 21.2132, 42.4264], [4, 4, 30, 30], [4, 4, 42.4264, 21.2132]], atol=1e-4
    )
    np.testing.assert_allclose(boxes[-1], [150, 150, 288.37476, 288.37476], atol=1e-4)


def test_the_extra_square_comes_last_in_its_cell() -> None:
    side = 300 * (0.1 * 0.2) ** 0.5
    np.testing.assert_allclose(DefaultBoxes(**config).boxes[3], [4, 4, side, side], rtol=1e-6)


def test_the_order_is_level_row_column_box() -> None:
    boxes = DefaultBoxes(**config).boxes
    assert boxes[4, :2].tolist() == [12, 4]
    assert boxes[38 * 4, :2].tolist() == [4, 12]
    assert boxes[38 * 38 * 4, :2].tolist() == [8, 8]


def test_centres_follow_the_steps_not_the_map_size() -> None:
    # Level 2 has 10 cells of ⌈300 ÷ 10⌉ = 30; level 3 has 5 of 60; the paper's own steps are 32 and 64.
    start = 38 * 38 * 4 + 19 * 19 * 6
    assert DefaultBoxes(**config).boxes[start, :2].tolist() == [15, 15]
    with_steps = DefaultBoxes(**config, steps=[8, 16, 32, 64, 100, 300]).boxes
    assert with_steps[start, :2].tolist() == [16, 16]


def test_no_default_box_appears_twice() -> None:
    boxes = DefaultBoxes(**config).boxes
    assert len(np.unique(boxes.round(3), axis=0)) == len(boxes)


def test_clipping_cuts_corners_and_moves_the_centre_along() -> None:
    boxes = DefaultBoxes(**{**config, "clip_default_boxes": True}).boxes
    corners = change_box_format(boxes, "xyxy")
    assert corners.min() >= 0
    assert corners.max() <= 300.001
    # The first box reached from -11 to 19 and from -11 to 19: what is left is 0..19.
    np.testing.assert_allclose(boxes[1], [9.5, 9.5, 19, 19], atol=1e-4)


def test_a_wide_input_has_wide_boxes_and_its_own_steps() -> None:
    boxes = default_boxes_of(SSDConfig(("a",), input_size_hw=(96, 200)))
    assert len(boxes) == SSDConfig(("a",), input_size_hw=(96, 200)).num_default_boxes
    np.testing.assert_allclose(boxes[1], [4, 4, 20, 9.6], rtol=1e-6)
    assert boxes[4, :2].tolist() == [12, 4]
    assert boxes[25 * 4, :2].tolist() == [4, 12]


def test_numbers_of_an_array_describe_levels_too() -> None:
    sizes = np.array(config["feature_sizes"])
    boxes = DefaultBoxes(
        **{**config, "feature_sizes": sizes, "steps": np.array([8, 16, 30, 60, 100, 300])}
    ).boxes
    np.testing.assert_array_equal(boxes, DefaultBoxes(**config).boxes)


def test_a_config_and_the_notebook_s_dictionary_agree() -> None:
    np.testing.assert_array_equal(default_boxes_of(SSDConfig(("raccoon",))), DefaultBoxes(**config).boxes)


def test_boxes_cannot_be_changed_by_accident() -> None:
    with pytest.raises(ValueError, match="read-only"):
        DefaultBoxes(**config).boxes[0] = 0


@pytest.mark.parametrize("field", ["scales", "aspect_ratios", "steps"])
def test_levels_that_differ_in_number_are_refused_by_name(field: str) -> None:
    with pytest.raises(InvalidConfig, match=field):
        DefaultBoxes(**{**config, field: [[1.0]]})
