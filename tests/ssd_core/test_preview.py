"""People see what training sees, as plain arrays."""

from __future__ import annotations

import numpy as np
import pytest

from ssd_core.errors import InvalidConfig, InvalidExample
from ssd_core.example import Example
from ssd_core.policies import Policy
from ssd_core.preprocess import resize_for_network
from ssd_core.preview import preview

PIXELS = np.linspace(0, 250, 40 * 60 * 3).reshape(40, 60, 3).astype(np.uint8)
EXAMPLE = Example("a.png", PIXELS, [[6, 4, 30, 20]], [1])
SIZE = (20, 30)


def test_without_variation_it_is_the_image_at_the_wanted_size() -> None:
    (only,) = preview(EXAMPLE, "none", 1, size_hw=SIZE, seed=0)
    assert only.rgb.dtype == np.uint8
    assert np.abs(only.rgb - resize_for_network(PIXELS, SIZE)).max() <= 1
    np.testing.assert_allclose(only.boxes_xyxy, [[3, 2, 15, 10]], rtol=1e-5)
    assert only.class_ids.tolist() == [1]
    assert only.ignore.tolist() == [False]


def test_it_gives_as_many_as_are_wanted_each_another() -> None:
    shown = preview(EXAMPLE, "strong", 5, size_hw=SIZE, seed=0)
    assert len({variation.rgb.tobytes() for variation in shown}) == 5
    assert preview(EXAMPLE, "strong", 0, size_hw=SIZE, seed=0) == []


def test_equal_seeds_show_the_same_and_more_of_them_begin_alike() -> None:
    few = preview(EXAMPLE, "standard", 2, size_hw=SIZE, seed=4)
    more = preview(EXAMPLE, "standard", 3, size_hw=SIZE, seed=4)
    other = preview(EXAMPLE, "standard", 2, size_hw=SIZE, seed=5)
    for left, right in zip(few, more, strict=False):
        for one, again in zip(left, right, strict=True):
            np.testing.assert_array_equal(one, again)
    assert not np.array_equal(few[0].rgb, other[0].rgb)


def test_a_mosaic_takes_its_other_tiles_from_the_images_given() -> None:
    red = np.zeros((30, 30, 3), np.uint8) + np.array([250, 0, 0], np.uint8)
    others = [Example("b.png", red, [[5, 5, 25, 25]], [3])]
    (made,) = preview(EXAMPLE, Policy(mosaic=1.0), 1, size_hw=SIZE, seed=0, others=others)
    assert (made.rgb == [250, 0, 0]).all(-1).mean() > 0.4
    assert set(made.class_ids.tolist()) >= {3}
    (alone,) = preview(EXAMPLE, Policy(mosaic=1.0), 1, size_hw=SIZE, seed=0)
    assert set(alone.class_ids.tolist()) == {1}


def test_what_cannot_be_shown_is_refused_by_name() -> None:
    with pytest.raises(InvalidConfig, match="'wild'"):
        preview(EXAMPLE, "wild", 1, size_hw=SIZE, seed=0)
    with pytest.raises(InvalidExample, match=r"'b\.png'"):
        preview(Example("b.png", b"no image"), "none", 1, size_hw=SIZE, seed=0)
