"""Windows hold what they promise: a canvas the whole image, a crop enough of an object."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ssd_core.boxes import iou_matrix_xyxy
from ssd_core.windows import CROP_MIN_IOU, centres_inside, crop, crop_demand, crop_showing, zoom_out

WINDOW = tf.constant([0.0, 0.0, 180.0, 120.0])
BOXES = tf.constant([[20.0, 10.0, 165.0, 112.0], [5.0, 5.0, 20.0, 20.0]])
SEEDS = tf.stack([tf.range(300, dtype=tf.int64), tf.zeros([300], tf.int64)], 1)


def _over_seeds(draw: Callable[[Any], Any]) -> NDArray[np.float32]:
    """What a function gives for each of the seeds."""
    return tf.function(lambda: tf.map_fn(draw, SEEDS, tf.float32))().numpy()


def _meets(window: NDArray[np.float32], boxes: NDArray[np.float32], least: float) -> bool:
    """Whether some object has its centre in the window and this IoU with it, by the definition."""
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    inside = ((centres >= window[:2]) & (centres < window[2:])).all(1)
    return bool((inside & (iou_matrix_xyxy(window[None], boxes)[0] >= least - 1e-6)).any())


def test_a_canvas_holds_the_whole_image_and_grows_threefold_at_most() -> None:
    window = tf.constant([0.0, 0.0, 200.0, 100.0])
    for x0, y0, x1, y1 in _over_seeds(lambda seed: zoom_out(window, 3.0, seed)):
        assert x0 <= 0.001
        assert y0 <= 0.001
        assert x1 >= 199.9
        assert y1 >= 99.9
        assert x1 - x0 <= 600.1
        assert (x1 - x0) / (y1 - y0) == pytest.approx(2, rel=1e-4)


def test_every_demand_of_the_paper_is_drawn() -> None:
    drawn = _over_seeds(crop_demand)
    assert np.unique(drawn).tolist() == [np.float32(least) for least in (0, 0.1, 0.3, 0.5, 0.7, 0.9)]
    # Of 300 draws 50 are expected of each.
    assert (np.unique(drawn, return_counts=True)[1] > 25).all()


@pytest.mark.parametrize("least", CROP_MIN_IOU)
def test_every_crop_meets_its_demand(least: float) -> None:
    parts = _over_seeds(lambda seed: crop_showing(WINDOW, BOXES, least, seed))
    cropped = [part for part in parts if not np.array_equal(part, WINDOW)]
    assert len(cropped) > 30
    assert all(_meets(part, BOXES.numpy(), least) for part in cropped)
    assert len(np.unique(cropped, axis=0)) == len(cropped)


def test_a_crop_lies_in_the_window_and_is_neither_a_slit_nor_a_speck() -> None:
    x0, y0, x1, y1 = _over_seeds(lambda seed: crop(WINDOW, BOXES, seed)).T
    assert (x0 >= 0).all()
    assert (y0 >= 0).all()
    assert (x1 <= 180.01).all()
    assert (y1 <= 120.01).all()
    wide, high = (x1 - x0) / 180, (y1 - y0) / 120
    assert (np.minimum(wide, high) >= 0.299).all()
    assert (wide / high >= 0.499).all()
    assert (wide / high <= 2.001).all()


def test_the_demand_that_is_drawn_is_the_one_that_is_met() -> None:
    for seed in SEEDS[:20]:
        expected = crop_showing(WINDOW, BOXES, crop_demand(seed), seed)
        np.testing.assert_array_equal(crop(WINDOW, BOXES, seed), expected)


def test_a_demand_that_nothing_meets_leaves_the_window() -> None:
    window = tf.constant([0.0, 0.0, 1000.0, 1000.0])
    speck = tf.constant([[500.0, 500.0, 504.0, 504.0]])
    for seed in SEEDS[:20]:
        np.testing.assert_array_equal(crop_showing(window, speck, 0.1, seed), window)


def test_an_image_without_objects_may_be_cropped_anywhere() -> None:
    part = crop_showing(WINDOW, tf.zeros([0, 4]), 0.9, SEEDS[0])
    assert not np.array_equal(part, WINDOW)


_SHOWING = tf.function(crop_showing, reduce_retracing=True)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(*[st.floats(0, 150, width=32)] * 2, *[st.floats(1, 150, width=32)] * 2), min_size=1),
    st.sampled_from(CROP_MIN_IOU),
    st.integers(0, 2**31),
)
def test_any_crop_meets_its_demand_or_is_none(
    corners_and_sides: list[tuple[float, float, float, float]], least: float, seed: int
) -> None:
    boxes = np.array([(x, y, x + w, y + h) for x, y, w, h in corners_and_sides], np.float32)
    part = _SHOWING(WINDOW, tf.constant(boxes), tf.constant(least), tf.constant([seed, 1], tf.int64)).numpy()
    assert np.array_equal(part, WINDOW) or _meets(part, boxes, least)


def test_a_centre_on_the_lower_border_is_inside_and_on_the_upper_one_is_not() -> None:
    boxes = tf.constant([[0.0, 0.0, 20.0, 20.0], [10.0, 10.0, 30.0, 30.0]])
    windows = tf.constant([[10.0, 10.0, 20.0, 20.0], [0.0, 0.0, 10.0, 10.0]])
    assert centres_inside(boxes, windows).numpy().tolist() == [[True, False], [False, False]]
