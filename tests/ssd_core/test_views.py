"""Boxes go exactly where the pixels go, and cut objects are known as such."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from ssd_core.views import FILL, NOTHING, Labelled, flip_boxes, keep_visible, look_through, whole_window

BLACK = np.zeros((40, 60, 3), np.uint8)


def _labelled(image: np.ndarray, *boxes: tuple[float, float, float, float]) -> Labelled:
    count = len(boxes)
    return Labelled(
        tf.constant(image),
        tf.constant(np.array(boxes, np.float32).reshape(-1, 4)),
        tf.range(count, dtype=tf.int64),
        tf.zeros([count], tf.bool),
    )


@settings(deadline=None, max_examples=60)
@given(st.integers(-30, 50), st.integers(-30, 30), st.integers(8, 90), st.integers(8, 90))
def test_a_window_of_whole_pixels_shows_just_these_pixels(x: int, y: int, width: int, height: int) -> None:
    image = np.random.default_rng(0).integers(0, 255, (40, 60, 3), np.uint8)
    window = tf.constant([x, y, x + width, y + height], tf.float32)
    seen = look_through(_labelled(image, (7, 9, 21, 30)), window, (height, width))
    framed = np.full((40 + 200, 60 + 200, 3), FILL, np.float32)
    framed[100:140, 100:160] = image
    expected = framed[100 + y : 100 + y + height, 100 + x : 100 + x + width]
    np.testing.assert_allclose(seen.image, expected, atol=1e-3)
    np.testing.assert_allclose(seen.boxes_xyxy, [[7 - x, 9 - y, 21 - x, 30 - y]], atol=1e-4)


@settings(deadline=None, max_examples=60)
@given(
    st.tuples(st.integers(3, 37), st.integers(3, 17), st.integers(3, 20), st.integers(3, 20)),
    st.tuples(*[st.floats(-20, 0, width=32)] * 2, *[st.floats(0, 20, width=32)] * 2),
)
def test_the_middle_of_a_box_is_the_middle_of_what_it_marks(
    place: tuple[int, int, int, int], margins: tuple[float, float, float, float]
) -> None:
    x, y, width, height = place
    image = np.full((40, 60, 3), FILL, np.uint8)
    image[y : y + height, x : x + width] = 227
    window = tf.constant(np.array([0, 0, 60, 40]) + margins, tf.float32)
    seen = look_through(_labelled(image, (x, y, x + width, y + height)), window, (55, 80))
    ((x0, y0, x1, y1),) = seen.boxes_xyxy.numpy()
    bright = seen.image.numpy()[..., 0] - FILL
    rows, columns = np.indices(bright.shape) + 0.5
    centre = [(bright * columns).sum() / bright.sum(), (bright * rows).sum() / bright.sum()]
    # Away from the image's border, where the sampler's smoothing is lopsided.
    np.testing.assert_allclose(centre, [(x0 + x1) / 2, (y0 + y1) / 2], atol=0.35)
    np.testing.assert_allclose(bright.sum() / 100, (x1 - x0) * (y1 - y0), rtol=0.12)


def test_wide_images_are_not_taken_for_high_ones() -> None:
    seen = look_through(_labelled(BLACK, (6, 4, 30, 20)), whole_window(BLACK), (80, 30))
    assert seen.image.shape == (80, 30, 3)
    np.testing.assert_allclose(seen.boxes_xyxy, [[3, 8, 15, 40]], rtol=1e-6)


def test_an_object_within_the_picture_stays_as_it_is() -> None:
    kept = keep_visible(_labelled(BLACK, (0, 0, 60, 40), (5, 6, 7, 8)))
    assert kept.boxes_xyxy.numpy().tolist() == [[0, 0, 60, 40], [5, 6, 7, 8]]
    assert kept.ignore.numpy().tolist() == [False, False]


def test_an_object_cut_short_of_its_centre_is_clipped_and_beyond_it_ignored() -> None:
    kept = keep_visible(
        _labelled(BLACK, (-10, 5, 30, 15), (-30, 5, 10, 15), (50, 30, 69, 49), (50, 30, 71, 49))
    )
    assert kept.boxes_xyxy.numpy().tolist() == [
        [0, 5, 30, 15],
        [0, 5, 10, 15],
        [50, 30, 60, 40],
        [50, 30, 60, 40],
    ]
    assert kept.ignore.numpy().tolist() == [False, True, False, True]


def test_objects_that_do_not_show_are_gone_with_their_classes() -> None:
    kept = keep_visible(
        _labelled(BLACK, (-30, 0, -10, 20), (10, 10, 20, 20), (59.5, 0, 80, 20), (0, 41, 9, 50))
    )
    assert kept.class_ids.numpy().tolist() == [1]
    assert kept.ignore.numpy().tolist() == [False]


def test_a_place_with_nothing_goes_once_its_centre_is_out_of_the_picture() -> None:
    places = _labelled(BLACK, (-10, 5, 30, 15), (-30, 5, 10, 15), (5, 6, 7, 8))
    marked = places._replace(class_ids=tf.constant([NOTHING] * 3, tf.int64), ignore=tf.fill([3], True))
    kept = keep_visible(marked)
    assert kept.boxes_xyxy.numpy().tolist() == [[0, 5, 30, 15], [5, 6, 7, 8]]
    assert kept.class_ids.numpy().tolist() == [NOTHING] * 2


def test_ignored_objects_stay_ignored() -> None:
    marked = _labelled(BLACK, (5, 5, 20, 20))._replace(ignore=tf.constant([True]))
    assert keep_visible(marked).ignore.numpy().tolist() == [True]


def test_flipping_twice_gives_the_box_back() -> None:
    boxes = tf.constant([[10.0, 5.0, 30.0, 25.0]])
    once = flip_boxes(boxes, 90.0)
    assert once.numpy().tolist() == [[60, 5, 80, 25]]
    np.testing.assert_array_equal(flip_boxes(once, 90.0), boxes)
