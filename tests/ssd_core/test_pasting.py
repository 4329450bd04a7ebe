"""A pasted object is where its box is, and covers no other object."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from ssd_core.pasting import paste_object
from ssd_core.views import Labelled


def _image(grey: int, *boxes: tuple[int, int, int, int], ignore: tuple[bool, ...] = ()) -> Labelled:
    """A plain picture whose objects are 100 levels brighter."""
    image = np.full((60, 80, 3), grey, np.float32)
    for x0, y0, x1, y1 in boxes:
        image[y0:y1, x0:x1] += 100
    return Labelled(
        tf.constant(image),
        tf.constant(np.array(boxes, np.float32).reshape(-1, 4)),
        tf.fill([len(boxes)], tf.constant(grey, tf.int64)),
        tf.constant(ignore or (False,) * len(boxes), tf.bool),
    )


CANVAS = _image(10, (30, 20, 60, 50))
DONOR = _image(100, (5, 5, 25, 35))


def _seed(number: int) -> tf.Tensor:
    return tf.constant([number, 0], tf.int64)


def test_a_pasted_object_fills_its_box_and_touches_no_other() -> None:
    places = set()
    for number in range(40):
        pasted = paste_object(CANVAS, DONOR, _seed(number))
        if len(pasted.boxes_xyxy) == 1:
            continue
        x0, y0, x1, y1 = pasted.boxes_xyxy.numpy()[1].astype(int)
        image, inside = pasted.image.numpy(), np.zeros((60, 80), bool)
        inside[y0:y1, x0:x1] = True
        np.testing.assert_array_equal(image[~inside], CANVAS.image.numpy()[~inside])
        # The object is 200; at its border shrinking mixes in some of the 100 around it.
        assert (image[inside] > 140).all()
        assert image[inside].max() > 199
        assert x1 <= 30 or x0 >= 60 or y1 <= 20 or y0 >= 50
        assert 0 <= x0 < x1 <= 80
        assert 0 <= y0 < y1 <= 60
        # 20×30 in its own image, .3 to 1.5 times as large here.
        assert 6 <= x1 - x0 <= 30
        assert 9 <= y1 - y0 <= 36
        assert pasted.class_ids.numpy().tolist() == [10, 100]
        assert pasted.ignore.numpy().tolist() == [False, False]
        places.add((x0, y0))
    assert len(places) > 20


def test_nothing_is_pasted_where_nothing_is_free() -> None:
    full = _image(10, (0, 0, 80, 60))
    for number in range(5):
        pasted = paste_object(full, DONOR, _seed(number))
        np.testing.assert_array_equal(pasted.image, full.image)
        assert len(pasted.boxes_xyxy) == 1


def test_ignored_objects_are_never_taken() -> None:
    for donor in (_image(100), _image(100, (5, 5, 25, 35), ignore=(True,))):
        assert len(paste_object(CANVAS, donor, _seed(0)).boxes_xyxy) == 1
    mixed = _image(100, (5, 5, 25, 35), (40, 0, 80, 5), ignore=(False, True))
    ratios = [
        float((box[3] - box[1]) / (box[2] - box[0]))
        for number in range(10)
        for box in paste_object(CANVAS, mixed, _seed(number)).boxes_xyxy.numpy()[1:]
    ]
    assert len(ratios) > 5
    assert all(ratio > 1 for ratio in ratios)


def test_equal_seeds_paste_alike() -> None:
    for left, right in zip(
        paste_object(CANVAS, DONOR, _seed(1)), paste_object(CANVAS, DONOR, _seed(1)), strict=True
    ):
        np.testing.assert_array_equal(left, right)
