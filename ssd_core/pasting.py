"""Objects of other images at free places (as "Simple Copy-Paste", arXiv 2012.07177, but with boxes)."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from ssd_core.box_coding import intersections
from ssd_core.seeding import seed_for
from ssd_core.views import Labelled, look_through, whole_window

_TRIALS = 20
#: The size of a pasted object, in its size in its own image.
_ENLARGED = (0.3, 1.5)
_LARGEST_SIDE = 0.6
_SMALLEST_SIDE = 4.0


def paste_object(labelled: Labelled, donor: Labelled, seed: Any) -> Labelled:
    """Paste one object of another image, with the rectangle around it, where it touches no object.

    Args:
        labelled: float32 [height, width, 3], where to paste.
        donor: where the object comes from; one that is marked ``ignore`` is never taken.
        seed: int [2].

    Returns:
        The image with one box more; as it was without a donor's object or if none of 20 rectangles is free.
    """
    candidates = tf.where(~donor.ignore)[:, 0]
    return tf.cond(
        tf.size(candidates) > 0, lambda: _paste_one_of(labelled, donor, candidates, seed), lambda: labelled
    )


def _paste_one_of(labelled: Labelled, donor: Labelled, candidates: Any, seed: Any) -> Labelled:
    count = tf.size(candidates, tf.int64)
    chosen = candidates[tf.random.stateless_uniform([], seed_for(seed, 1), 0, count, tf.int64)]
    window = donor.boxes_xyxy[chosen]
    canvas = whole_window(labelled.image)[2:]
    enlarged = tf.random.stateless_uniform([_TRIALS, 1], seed_for(seed, 2), *_ENLARGED)
    part = (window[2:] - window[:2]) / whole_window(donor.image)[2:]
    enlarged = tf.minimum(enlarged, _LARGEST_SIDE / tf.reduce_max(part))
    # Whole pixels, so that the box is exactly what is pasted.
    sizes = tf.round(tf.maximum(part * enlarged * canvas, _SMALLEST_SIDE))
    places = tf.random.stateless_uniform([_TRIALS, 2], seed_for(seed, 3))
    low = tf.floor(places * (canvas - sizes + 1.0))
    trials = tf.concat([low, low + sizes], 1)
    free = tf.reduce_all(intersections(trials, labelled.boxes_xyxy) <= 0.0, axis=1)
    box = trials[tf.argmax(tf.cast(free, tf.int32))]

    def pasted() -> Labelled:
        x0, y0, x1, y1 = tf.unstack(tf.cast(box, tf.int32))
        patch = look_through(donor, window, tf.stack([y1 - y0, x1 - x0])).image
        shape = tf.shape(labelled.image)
        margins = [[y0, shape[0] - y1], [x0, shape[1] - x1], [0, 0]]
        inside = tf.pad(tf.ones_like(patch, tf.bool), margins)
        return Labelled(
            tf.ensure_shape(tf.where(inside, tf.pad(patch, margins), labelled.image), labelled.image.shape),
            tf.concat([labelled.boxes_xyxy, box[None]], 0),
            tf.concat([labelled.class_ids, donor.class_ids[chosen][None]], 0),
            tf.concat([labelled.ignore, [False]], 0),
        )

    return tf.cond(tf.reduce_any(free), pasted, lambda: labelled)
