"""Variations follow from their seed, and the boxes go where the pixels go."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from ssd_core.augment import augment
from ssd_core.errors import InvalidConfig
from ssd_core.policies import POLICIES, Policy
from ssd_core.preprocess import resize_for_network
from ssd_core.views import FILL, NOTHING, Labelled

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


def _other(seed: Any) -> Labelled:
    """The image that every seed draws: one object of another class."""
    del seed
    return _scene((60, 30, 120, 90))._replace(class_ids=tf.constant([7], tf.int64))


_VARY = tf.function(
    lambda labelled, policy, seed: augment(Labelled(*labelled), SIZE, POLICIES[policy], seed, _other),
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


@pytest.mark.parametrize("policy", ["standard", "strong"])
def test_equal_seeds_give_equal_variations_and_others_do_not(policy: str) -> None:
    scene = _scene((20, 20, 80, 90), (100, 10, 160, 100))
    first, again, other = (_vary(scene, policy, seed) for seed in (5, 5, 6))
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


@pytest.mark.parametrize("policy", ["standard", "strong"])
def test_boxes_are_within_the_picture_and_have_an_area(policy: str) -> None:
    scene = _scene((0, 0, 60, 60), (50, 40, 180, 120), (170, 5, 178, 15))
    for seed in range(60):
        x0, y0, x1, y1 = np.split(_vary(scene, policy, seed).boxes_xyxy.numpy(), 4, axis=1)
        assert (x0 >= 0).all()
        assert (y0 >= 0).all()
        assert (x1 <= SIZE[1]).all()
        assert (y1 <= SIZE[0]).all()
        assert (x1 - x0 >= 1).all()
        assert (y1 - y0 >= 1).all()


@pytest.mark.parametrize("policy", list(POLICIES))
def test_pixels_stay_between_0_and_255(policy: str) -> None:
    scene = _scene((40, 30, 100, 90))
    for seed in range(20):
        image = _vary(scene, policy, seed).image.numpy()
        assert image.min() >= 0
        assert image.max() <= 255
        assert image.dtype == np.float32


def test_an_image_without_boxes_can_be_varied() -> None:
    for seed in range(10):
        result = _vary(_scene(), "standard", seed)
        assert result.boxes_xyxy.shape == (0, 4)
        assert result.image.shape == (*SIZE, 3)


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


@pytest.mark.parametrize("policy", list(POLICIES))
def test_a_place_with_nothing_goes_where_an_object_there_would_go_and_changes_nothing_else(
    policy: str,
) -> None:
    scene = _scene((20, 20, 80, 90), (100, 10, 160, 100))
    kept = 0
    for seed in range(15):
        alone = _vary(scene, policy, seed)
        marked = scene._replace(
            boxes_xyxy=tf.concat([scene.boxes_xyxy, scene.boxes_xyxy[:1]], 0),
            class_ids=tf.constant([0, 1, NOTHING], tf.int64),
            ignore=tf.constant([False, False, True]),
        )
        varied = _vary(marked, policy, seed)
        np.testing.assert_array_equal(varied.image, alone.image)
        nothing = varied.class_ids.numpy() == NOTHING
        for left, right in zip(varied[1:], alone[1:], strict=True):
            np.testing.assert_array_equal(left.numpy()[~nothing], right)
        # The object at the same place, while it is no cut one.
        there = (alone.class_ids.numpy() == 0) & ~alone.ignore.numpy()
        np.testing.assert_array_equal(varied.boxes_xyxy.numpy()[nothing], alone.boxes_xyxy.numpy()[there])
        kept += int(nothing.sum())
    assert kept > 5


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


def test_strong_shows_other_images_and_the_policies_below_it_never_do() -> None:
    scene = _scene((20, 20, 80, 90))
    shown = {
        policy: sum(7 in _vary(scene, policy, seed).class_ids.numpy() for seed in range(40))
        for policy in POLICIES
    }
    assert shown["none"] == shown["light"] == shown["standard"] == 0
    assert 4 <= shown["strong"] <= 22


def test_without_other_images_there_is_no_mosaic_and_no_pasting() -> None:
    scene = _scene((20, 20, 80, 90))
    alone = augment(scene, SIZE, Policy(mosaic=1.0, paste=1.0), tf.constant([0, 0]))
    plain = augment(scene, SIZE, "none", tf.constant([0, 0]))
    for left, right in zip(alone, plain, strict=True):
        np.testing.assert_array_equal(left, right)


def test_pasting_adds_as_many_objects_as_the_policy_says_at_most() -> None:
    counts = set()
    for seed in range(30):
        policy = Policy(paste=1.0, paste_most=2)
        varied = augment(_scene((0, 0, 10, 10)), SIZE, policy, tf.constant([seed, 0]), _other)
        counts.add(int((varied.class_ids.numpy() == 7).sum()))
        assert 0 in varied.class_ids.numpy()
    assert counts == {1, 2}
