"""Every object owns a default box, padding owns none, and ignored objects neither attract nor repel."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from ssd_core.boxes import encode_boxes, iou_matrix_xyxy
from ssd_core.config import config
from ssd_core.default_boxes import DefaultBoxes
from ssd_core.errors import InvalidConfig
from ssd_core.matching import BACKGROUND, CERTAIN_BACKGROUND, IGNORED, LabelEncoder
from ssd_core.views import NOTHING

#: Four 10×10 boxes side by side, then a 30×30 one around (50, 50): cxcywh.
DEFAULTS = np.array(
    [[5, 5, 10, 10], [15, 5, 10, 10], [25, 5, 10, 10], [35, 5, 10, 10], [50, 50, 30, 30]], np.float32
)


def _classes(boxes: object, ids: object, ignore: object = None, threshold: float = 0.5) -> list[int]:
    return LabelEncoder(DEFAULTS, threshold).encode(boxes, ids, ignore)[1].numpy().tolist()


def test_a_default_box_on_an_object_takes_its_class_and_the_rest_are_background() -> None:
    offsets, classes = LabelEncoder(DEFAULTS, 0.5).encode([[10, 0, 20, 10]], [3])
    assert classes.numpy().tolist() == [0, 4, 0, 0, 0]
    assert classes.dtype == tf.int32
    assert offsets.numpy().tolist() == [[0, 0, 0, 0]] * 5


def test_offsets_lead_from_the_default_box_to_the_object() -> None:
    offsets, _ = LabelEncoder(DEFAULTS, 0.5).encode([[11, 1, 21, 9]], [0])
    np.testing.assert_allclose(offsets[1], encode_boxes([11, 1, 21, 9], DEFAULTS[1]), rtol=1e-5)


def test_an_object_below_the_threshold_still_gets_its_best_default_box() -> None:
    # A 4×4 object in a 10×10 default box: IoU .16.
    assert _classes([[12, 2, 16, 6]], [0]) == [0, 1, 0, 0, 0]


def test_an_overlap_of_just_the_threshold_counts() -> None:
    # The object covers boxes 0 and 1 wholly: an IoU of .5 with each, one of which it owns anyway.
    assert _classes([[0, 0, 20, 10]], [0], threshold=0.5) == [1, 1, 0, 0, 0]
    assert _classes([[0, 0, 20, 10]], [0], threshold=0.51) == [1, 0, 0, 0, 0]


def test_two_objects_with_the_same_best_default_box_both_keep_one() -> None:
    # Both lie over box 1; the first has the larger IoU with it, the second also touches box 2.
    objects = [[10, 0, 20, 9], [12, 0, 22, 8]]
    assert _classes(objects, [0, 1], threshold=0.9) == [0, 1, 2, 0, 0]
    assert _classes(objects[::-1], [1, 0], threshold=0.9) == [0, 1, 2, 0, 0]


def test_an_object_that_touches_no_default_box_is_left_out_without_harm() -> None:
    assert _classes([[80, 80, 90, 90], [10, 0, 20, 10]], [0, 1]) == [0, 2, 0, 0, 0]


def test_an_image_without_objects_is_all_background() -> None:
    offsets, classes = LabelEncoder(DEFAULTS, 0.5).encode(np.zeros((0, 4)), np.zeros(0))
    assert classes.numpy().tolist() == [BACKGROUND] * 5
    assert not offsets.numpy().any()


@pytest.mark.parametrize("padding", [1, 100])
def test_padding_rows_change_nothing(padding: int) -> None:
    objects = np.array([[10, 0, 20, 9], [40, 40, 60, 60]], np.float32)
    plain = LabelEncoder(DEFAULTS, 0.5).encode(objects, [0, 1])
    for rows, label in ((np.zeros((padding, 4)), 0), (np.full((padding, 4), -1.0), 0), (objects[:1], -1)):
        padded = LabelEncoder(DEFAULTS, 0.5).encode(
            np.concatenate([rows, objects]), [label] * len(rows) + [0, 1]
        )
        for expected, found in zip(plain, padded, strict=True):
            np.testing.assert_array_equal(expected, found)


def test_default_boxes_on_an_ignored_object_are_ignored() -> None:
    # The ignored region covers boxes 0 and 1 wholly and .4 of box 2.
    assert _classes([[0, 0, 24, 10]], [0], [True]) == [IGNORED, IGNORED, BACKGROUND, BACKGROUND, BACKGROUND]


def test_an_object_within_an_ignored_region_is_still_found() -> None:
    found = _classes([[0, 0, 24, 10], [10, 0, 20, 10]], [0, 0], [True, False])
    assert found == [IGNORED, 1, BACKGROUND, BACKGROUND, BACKGROUND]


def test_default_boxes_on_a_place_with_nothing_are_background_for_certain_unless_an_object_has_them() -> None:
    # The place has an IoU of .5 with boxes 0 and 1, and less with all others.
    assert _classes([[0, 0, 20, 10]], [NOTHING], [True]) == [CERTAIN_BACKGROUND] * 2 + [BACKGROUND] * 3
    assert _classes([[0, 0, 20, 10]], [NOTHING], [True], threshold=0.51) == [BACKGROUND] * 5
    both = _classes([[0, 0, 20, 10], [10, 0, 20, 10]], [NOTHING, 6], [True, False])
    assert both == [CERTAIN_BACKGROUND, 7, *[BACKGROUND] * 3]


def test_where_something_is_ignored_nothing_is_certain() -> None:
    found = _classes([[0, 0, 10, 10], [0, 0, 20, 10]], [0, NOTHING], [True, True])
    assert found == [IGNORED, CERTAIN_BACKGROUND, *[BACKGROUND] * 3]


def test_the_order_of_objects_does_not_matter() -> None:
    rng = np.random.default_rng(0)
    low = rng.uniform(0, 40, (4, 2))
    objects = np.concatenate([low, low + rng.uniform(2, 30, (4, 2))], 1).astype(np.float32)
    expected = _classes(objects, [0, 1, 2, 3])
    for order in itertools.permutations(range(4)):
        assert _classes(objects[list(order)], order) == expected


def _greedy(iou: NDArray[np.float32]) -> dict[int, int]:
    """The assignment by its definition: largest pair first, both leave."""
    left, owned = iou.copy(), {}
    while left.size and left.max() > 0:
        row, column = np.unravel_index(left.argmax(), left.shape)
        owned[int(row)] = int(column)
        left[row] = -1
        left[:, column] = -1
    return owned


@pytest.mark.parametrize("count", [1, 2, 30])
def test_matching_equals_its_definition_on_crowded_images(count: int) -> None:
    rng = np.random.default_rng(count)
    low = rng.uniform(100, 160, (count, 2))
    objects = np.concatenate([low, low + rng.uniform(5, 60, (count, 2))], 1).astype(np.float32)
    boxes = DefaultBoxes(**config)
    encoder = LabelEncoder(boxes, 0.5)
    iou = iou_matrix_xyxy(objects, encoder._xyxy)
    expected = np.where(iou.max(0) >= 0.5, iou.argmax(0), -1)
    owned = _greedy(iou)
    for row, column in owned.items():
        expected[column] = row
    found = encoder.encode(objects, np.arange(count))[1].numpy() - 1
    np.testing.assert_array_equal(found, expected)
    assert set(range(count)) <= set(found.tolist())


def test_of_two_equal_objects_each_owns_a_box_as_far_as_there_are_boxes() -> None:
    twins = [[100, 100, 160, 150]] * 2
    found = LabelEncoder(DefaultBoxes(**config), 0.99).encode(twins, [0, 1])[1].numpy()
    assert sorted(found[found > 0].tolist()) == [1, 2]
    assert _classes([[10, 0, 20, 10]] * 2, [0, 1], threshold=0.99) == [0, 1, 0, 0, 0]


def test_thresholds_and_default_boxes_that_make_no_sense_are_refused() -> None:
    with pytest.raises(InvalidConfig, match="iou_threshold"):
        LabelEncoder(DEFAULTS, 0.0)
    with pytest.raises(InvalidConfig, match="default_boxes"):
        LabelEncoder(np.zeros((3, 5)), 0.5)
