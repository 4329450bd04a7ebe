"""Variations follow from their seed, and the boxes go where the pixels go."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from ssd_core.augment import (
    FILL,
    POLICIES,
    Labelled,
    Policy,
    augment,
    centres_inside,
    crop,
    flip_boxes,
    zoom_out,
)
from ssd_core.box_coding import iou_matrix
from ssd_core.errors import InvalidConfig
from ssd_core.preprocess import resize_for_network

SIZE = (60, 90)


def _scene(*boxes: tuple[float, float, float, float], size_hw: tuple[int, int] = (120, 180)) -> Labelled:
    """A black image whose boxes are painted white."""
    image = np.zeros((*size_hw, 3), np.uint8)
    for x0, y0, x1, y1 in boxes:
        image[int(y0) : int(y1), int(x0) : int(x1)] = 255
    count = len(boxes)
    return Labelled(
        tf.constant(image),
        tf.constant(np.array(boxes, np.float32).reshape(-1, 4)),
        tf.constant(np.arange(count), tf.int64),
        tf.zeros([count], tf.bool),
    )


_VARY = tf.function(
    lambda labelled, policy, seed: augment(Labelled(*labelled), SIZE, POLICIES[policy], seed),
    reduce_retracing=True,
)


def _vary(labelled: Labelled, policy: str, seed: int) -> Labelled:
    return Labelled(*_VARY(labelled, policy, tf.constant([seed, 0], tf.int64)))


def test_no_augmentation_is_the_resize_of_validation_and_runtime() -> None:
    rng = np.random.default_rng(0)
    # Smooth, as photographs are; the two resizers round differently, by one level at most.
    image = (np.linspace(0, 200, 180)[None, :, None] + rng.uniform(0, 50, (120, 180, 3))).astype(np.uint8)
    box = tf.constant([[18.0, 12.0, 90.0, 60.0]])
    given = Labelled(tf.constant(image), box, tf.constant([1]), tf.constant([False]))
    result = augment(given, SIZE, "none", tf.constant([1, 2]))
    assert np.abs(result.image - resize_for_network(image, SIZE)).max() < 1.01
    np.testing.assert_allclose(result.boxes_xyxy, [[9, 6, 45, 30]], rtol=1e-5)
    assert result.class_ids.numpy().tolist() == [1]


def test_equal_seeds_give_equal_variations_and_others_do_not() -> None:
    scene = _scene((20, 20, 80, 90), (100, 10, 160, 100))
    first, again, other = (_vary(scene, "standard", seed) for seed in (5, 5, 6))
    for left, right in zip(first, again, strict=True):
        np.testing.assert_array_equal(left, right)
    assert not np.array_equal(first.image, other.image)


@pytest.mark.parametrize("policy", ["light", "standard"])
def test_boxes_stay_on_what_they_mark(policy: str) -> None:
    scene = _scene((40, 30, 100, 90))
    seen = 0
    for seed in range(40):
        result = _vary(scene, policy, seed)
        bright = np.where(result.image.numpy().min(-1) > 180)
        for x0, y0, x1, y1 in result.boxes_xyxy.numpy():
            if not result.ignore.numpy()[0] and len(bright[0]) > 50:
                seen += 1
                edges = [bright[1].min(), bright[0].min(), bright[1].max() + 1, bright[0].max() + 1]
                np.testing.assert_allclose([x0, y0, x1, y1], edges, atol=2.0)
    assert seen > 20


def test_boxes_are_within_the_picture_and_have_an_area() -> None:
    scene = _scene((0, 0, 60, 60), (50, 40, 180, 120), (170, 5, 178, 15))
    for seed in range(60):
        x0, y0, x1, y1 = np.split(_vary(scene, "standard", seed).boxes_xyxy.numpy(), 4, axis=1)
        assert (x0 >= 0).all()
        assert (y0 >= 0).all()
        assert (x1 <= SIZE[1]).all()
        assert (y1 <= SIZE[0]).all()
        assert (x1 - x0 >= 1).all()
        assert (y1 - y0 >= 1).all()


def test_pixels_stay_between_0_and_255() -> None:
    scene = _scene((40, 30, 100, 90))
    for seed in range(20):
        image = _vary(scene, "standard", seed).image.numpy()
        assert image.min() >= 0
        assert image.max() <= 255
        assert image.dtype == np.float32


def test_an_image_without_boxes_can_be_varied() -> None:
    for seed in range(10):
        result = _vary(_scene(), "standard", seed)
        assert result.boxes_xyxy.shape == (0, 4)
        assert result.image.shape == (*SIZE, 3)


def test_flipping_twice_gives_the_box_back() -> None:
    boxes = tf.constant([[10.0, 5.0, 30.0, 25.0]])
    once = flip_boxes(boxes, 90.0)
    assert once.numpy().tolist() == [[60, 5, 80, 25]]
    np.testing.assert_array_equal(flip_boxes(once, 90.0), boxes)


def test_flipping_mirrors_the_pixels_too() -> None:
    scene = _scene((0, 0, 90, 120))
    result = augment(scene, SIZE, Policy(flip=1.0), tf.constant([0, 0]))
    np.testing.assert_allclose(result.boxes_xyxy, [[45, 0, 90, 60]])
    assert result.image[30, 70, 0] == 255
    assert result.image[30, 20, 0] == 0


def test_zooming_out_surrounds_the_image_with_grey() -> None:
    scene = _scene((0, 0, 180, 120))
    result = augment(scene, SIZE, Policy(zoom_out=1.0), tf.constant([3, 1]))
    ((x0, y0, x1, y1),) = result.boxes_xyxy.numpy()
    assert x1 - x0 < SIZE[1] * 0.95
    # Both sides shrink alike, because the canvas keeps the image's shape.
    assert (x1 - x0) / SIZE[1] == pytest.approx((y1 - y0) / SIZE[0], rel=1e-4)
    outside = np.ones(SIZE, bool)
    outside[int(y0) - 1 : int(y1) + 2, int(x0) - 1 : int(x1) + 2] = False
    assert outside.any()
    np.testing.assert_allclose(result.image.numpy()[outside], FILL, atol=0.01)


def test_a_canvas_holds_the_whole_image_and_grows_threefold_at_most() -> None:
    window = tf.constant([0.0, 0.0, 200.0, 100.0])
    for seed in range(50):
        x0, y0, x1, y1 = zoom_out(window, 3.0, tf.constant([seed, 0])).numpy()
        assert x0 <= 0.001
        assert y0 <= 0.001
        assert x1 >= 199.9
        assert y1 >= 99.9
        assert x1 - x0 >= 199.9
        assert x1 - x0 <= 600.1
        assert (x1 - x0) / (y1 - y0) == pytest.approx(2, rel=1e-4)


def _demanded(seed: int) -> float:
    """The IoU that `crop` draws for this seed."""
    demand = tf.random.stateless_uniform([], tf.random.fold_in(tf.constant([seed, 0]), 3), 0, 6, tf.int32)
    return (0.0, 0.1, 0.3, 0.5, 0.7, 0.9)[int(demand)]


def test_a_crop_meets_the_demand_that_was_drawn() -> None:
    window = tf.constant([0.0, 0.0, 180.0, 120.0])
    boxes = tf.constant([[30.0, 20.0, 150.0, 110.0], [5.0, 5.0, 20.0, 20.0]])
    met: dict[float, int] = {}
    for seed in range(120):
        part = crop(window, boxes, tf.constant([seed, 0]))
        if np.array_equal(part, window):
            continue
        least = _demanded(seed)
        met[least] = met.get(least, 0) + 1
        shown = centres_inside(boxes, part[None])[0].numpy()
        overlaps = iou_matrix(part[None], boxes)[0].numpy()
        assert overlaps[shown].max() >= least
        x0, y0, x1, y1 = part.numpy()
        assert x0 >= 0
        assert y0 >= 0
        assert x1 <= 180.01
        assert y1 <= 120.01
        assert 0.5 <= ((x1 - x0) / 180) / ((y1 - y0) / 120) <= 2.001
    assert set(met) >= {0.0, 0.1, 0.3, 0.5, 0.7}


def test_a_demand_that_nothing_meets_leaves_the_window() -> None:
    window = tf.constant([0.0, 0.0, 1000.0, 1000.0])
    speck = tf.constant([[500.0, 500.0, 504.0, 504.0]])
    for seed in range(20):
        if _demanded(seed) >= 0.1:
            np.testing.assert_array_equal(crop(window, speck, tf.constant([seed, 0])), window)


def test_an_object_cut_off_beyond_its_centre_is_ignored_not_called_background() -> None:
    scene = _scene((0, 0, 60, 120), (60, 0, 180, 120))
    marks = set()
    for seed in range(60):
        result = augment(scene, SIZE, Policy(crop=1.0), tf.constant([seed, 0]))
        for box, class_id, ignored in zip(
            result.boxes_xyxy.numpy(), result.class_ids.numpy(), result.ignore.numpy(), strict=True
        ):
            if class_id == 0:
                marks.add(bool(ignored))
                if ignored:
                    assert box[0] == 0
    assert marks == {True, False}


def test_ignored_boxes_stay_ignored() -> None:
    scene = _scene((20, 20, 80, 90))._replace(ignore=tf.constant([True]))
    for seed in range(10):
        assert _vary(scene, "standard", seed).ignore.numpy().all()


def test_colour_changes_leave_grey_pictures_grey_and_boxes_alone() -> None:
    grey = Labelled(
        tf.fill([120, 180, 3], tf.constant(100, tf.uint8)),
        tf.constant([[18.0, 12.0, 90.0, 60.0]]),
        tf.constant([0]),
        tf.constant([False]),
    )
    brightness: list[float] = []
    for seed in range(20):
        result = augment(grey, SIZE, Policy(colour=1.0), tf.constant([seed, 0]))
        image: Any = result.image.numpy()
        np.testing.assert_allclose(image[..., 0], image[..., 1], atol=0.5)
        np.testing.assert_allclose(image[..., 0], image[..., 2], atol=0.5)
        np.testing.assert_allclose(result.boxes_xyxy, [[9, 6, 45, 30]], rtol=1e-5)
        brightness.append(float(image.mean()))
    assert max(brightness) - min(brightness) > 20


def test_an_unknown_policy_is_refused_by_name() -> None:
    with pytest.raises(InvalidConfig, match="'wild'"):
        augment(_scene(), SIZE, "wild", tf.constant([0, 0]))
