"""Which part of an image a variation shows: windows, possibly larger than it (SSD paper, sections 2.2, 3.6).

A window is float32 [4], xyxy in pixels of the image.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from ssd_core.box_coding import iou_matrix
from ssd_core.seeding import seed_for

#: What a crop may have to show: an object's centre, and besides this IoU of crop and object at least.
CROP_MIN_IOU = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9)

_CROP_TRIALS = 50
_SMALLEST_CROP = 0.3
_CROP_RATIOS = (0.5, 2.0)


def zoom_out(window: Any, most: float, seed: Any) -> Any:
    """A larger window that holds the given one at a random place.

    Args:
        window: float32 [4], xyxy.
        most: the largest factor of the sides.
        seed: int [2].

    Returns:
        float32 [4], xyxy.
    """
    factor, along_x, along_y = tf.unstack(tf.random.stateless_uniform([3], seed_for(seed, 1)))
    size = window[2:] - window[:2]
    grown = size * (1.0 + factor * (most - 1.0))
    low = window[:2] - (grown - size) * tf.stack([along_x, along_y])
    return tf.concat([low, low + grown], 0)


def crop(window: Any, boxes_xyxy: Any, seed: Any) -> Any:
    """A smaller window that shows enough of an object.

    One of six demands is drawn: any object's centre lies inside, or besides its IoU with the window is at
    least .1, .3, .5, .7 or .9. The first of 50 random windows that meets it is taken.

    Args:
        window: float32 [4], xyxy, what there is to crop.
        boxes_xyxy: float32 [G, 4]. With no boxes, every window will do.
        seed: int [2].

    Returns:
        float32 [4], xyxy; the window itself if none of the 50 meets the demand.
    """
    return crop_showing(window, boxes_xyxy, crop_demand(seed), seed)


def crop_demand(seed: Any) -> Any:
    """The one of :data:`CROP_MIN_IOU` that is drawn: float32 scalar."""
    demand = tf.random.stateless_uniform([], seed_for(seed, 3), 0, len(CROP_MIN_IOU), tf.int32)
    return tf.gather(tf.constant(CROP_MIN_IOU), demand)


def crop_showing(window: Any, boxes_xyxy: Any, least_iou: Any, seed: Any) -> Any:
    """The first of 50 random smaller windows that shows enough of an object.

    Args:
        window: float32 [4], xyxy, what there is to crop.
        boxes_xyxy: float32 [G, 4]. With no boxes, every window will do.
        least_iou: float32 scalar; the IoU that the window must have with some object of which it holds the
            centre.
        seed: int [2].

    Returns:
        float32 [4], xyxy; the window itself if none of the 50 will do.
    """
    size = window[2:] - window[:2]
    sides = tf.random.stateless_uniform([_CROP_TRIALS, 2], seed_for(seed, 1), _SMALLEST_CROP, 1.0)
    places = tf.random.stateless_uniform([_CROP_TRIALS, 2], seed_for(seed, 2))
    low = window[:2] + places * (1.0 - sides) * size
    trials = tf.concat([low, low + sides * size], 1)
    ratio = sides[:, 0] / sides[:, 1]
    good = (ratio >= _CROP_RATIOS[0]) & (ratio <= _CROP_RATIOS[1])
    shows = centres_inside(boxes_xyxy, trials) & (iou_matrix(trials, boxes_xyxy) >= least_iou)
    good &= tf.reduce_any(shows, axis=1) | tf.equal(tf.shape(boxes_xyxy)[0], 0)
    first = tf.argmax(tf.cast(good, tf.int32))
    return tf.where(tf.reduce_any(good), trials[first], window)


def centres_inside(boxes_xyxy: Any, windows_xyxy: Any) -> Any:
    """Which boxes have their centre in which window.

    Args:
        boxes_xyxy: float32 [G, 4].
        windows_xyxy: float32 [W, 4], half-open.

    Returns:
        bool [W, G].
    """
    centres = (boxes_xyxy[:, :2] + boxes_xyxy[:, 2:]) / 2.0
    after = centres[None] >= windows_xyxy[:, None, :2]
    before = centres[None] < windows_xyxy[:, None, 2:]
    return tf.reduce_all(after & before, axis=-1)
