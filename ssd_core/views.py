"""Looking at a labelled image through a window: pixels are warped, and boxes go where the pixels go."""

from __future__ import annotations

from typing import Any, NamedTuple

import tensorflow as tf

from ssd_core.box_coding import areas
from ssd_core.windows import centres_inside

#: Class of a box that marks no object but a place where a person said that there is none. Such boxes are
#: marked ``ignore`` as well: they are no objects to crop around or to paste.
NOTHING = -2

#: What is beyond the image: the grey that the default backbone normalises to zero.
FILL = 127.0

_SMALLEST_SIDE = 1.0


class Labelled(NamedTuple):
    """An image with its objects, as tensors.

    Attributes:
        image: [height, width, 3], RGB 0..255.
        boxes_xyxy: float32 [G, 4], pixels of that image.
        class_ids: int [G]; :data:`NOTHING` for places where there is nothing.
        ignore: bool [G].
    """

    image: Any
    boxes_xyxy: Any
    class_ids: Any
    ignore: Any


def whole_window(image: Any) -> Any:
    """The window that shows all of an image and nothing else: float32 [4], xyxy."""
    height, width = tf.shape(image)[0], tf.shape(image)[1]
    return tf.cast(tf.stack([0, 0, width, height]), tf.float32)


def look_through(labelled: Labelled, window: Any, size_hw: Any) -> Labelled:
    """Warp what a window shows to a size, in one antialiased resampling.

    Args:
        labelled: an image of any size.
        window: float32 [4], xyxy in its pixels; what lies beyond the image is grey.
        size_hw: height and width of the result: two numbers, or int32 [2].

    Returns:
        float32 [*size_hw, 3] in 0..255 up to rounding; the boxes, all of them, follow and are not clipped.
    """
    size_hw = tf.convert_to_tensor(size_hw, tf.int32)
    scale = tf.cast(tf.reverse(size_hw, [0]), tf.float32) / (window[2:] - window[:2])
    shift = -window[:2] * scale
    # Beyond the source the sampler gives zeros, so the fill colour is made zero for its time.
    image = tf.raw_ops.ScaleAndTranslate(
        images=tf.cast(labelled.image, tf.float32)[None] - FILL,
        size=size_hw,
        scale=tf.reverse(scale, [0]),
        translation=tf.reverse(shift, [0]),
        kernel_type="triangle",
        antialias=True,
    )
    moved = labelled.boxes_xyxy * tf.tile(scale, [2]) + tf.tile(shift, [2])
    return labelled._replace(image=image[0] + FILL, boxes_xyxy=moved)


def flip_boxes(boxes_xyxy: Any, width: float) -> Any:
    """Mirror boxes left and right.

    Args:
        boxes_xyxy: float32 [G, 4].
        width: of the image.

    Returns:
        float32 [G, 4].
    """
    x0, y0, x1, y1 = tf.unstack(boxes_xyxy, axis=-1)
    return tf.stack([width - x1, y0, width - x0, y1], axis=-1)


def keep_visible(labelled: Labelled) -> Labelled:
    """Drop the objects that an image does not show, and clip the others to it.

    An object stays if its centre is in the picture. One that is cut off but still shows is marked ``ignore``:
    half an object is neither an object to be found whole nor background. Of a place where there is nothing
    (:data:`NOTHING`) no such half stays: what it shows is not what that was said of.

    Args:
        labelled: boxes may lie anywhere.

    Returns:
        The same image with the boxes that are left, within it.
    """
    boxes = labelled.boxes_xyxy
    window = whole_window(labelled.image)
    visible = tf.clip_by_value(boxes, 0.0, tf.tile(window[2:], [2]))
    seen = tf.reduce_all(visible[:, 2:] - visible[:, :2] >= _SMALLEST_SIDE, axis=-1) & (areas(boxes) > 0)
    kept = centres_inside(boxes, window[None])[0]
    seen &= kept | tf.not_equal(labelled.class_ids, NOTHING)
    return Labelled(
        labelled.image,
        tf.boolean_mask(visible, seen),
        tf.boolean_mask(labelled.class_ids, seen),
        tf.boolean_mask(labelled.ignore | ~kept, seen),
    )
