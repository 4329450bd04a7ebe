"""Overlap and offsets of boxes as TensorFlow operations, for the graph that prepares training targets.

The same mathematics as :mod:`ssd_core.boxes`, which the runtime uses without TensorFlow.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf


def areas(boxes_xyxy: Any) -> Any:
    """The area of each corner box; 0 where it is inside out.

    Args:
        boxes_xyxy: float32 [..., 4].

    Returns:
        float32 [...].
    """
    sides = tf.maximum(boxes_xyxy[..., 2:] - boxes_xyxy[..., :2], 0.0)
    return sides[..., 0] * sides[..., 1]


def intersections(first_xyxy: Any, second_xyxy: Any) -> Any:
    """The shared area of every corner box with every other.

    Args:
        first_xyxy: float32 [N, 4].
        second_xyxy: float32 [M, 4].

    Returns:
        float32 [N, M].
    """
    # Coordinate by coordinate: over a last axis of two or four numbers TensorFlow takes ten times as long.
    x0, y0, x1, y1 = tf.unstack(first_xyxy[:, None], num=4, axis=-1)
    other_x0, other_y0, other_x1, other_y1 = tf.unstack(second_xyxy[None], num=4, axis=-1)
    widths = tf.maximum(tf.minimum(x1, other_x1) - tf.maximum(x0, other_x0), 0.0)
    heights = tf.maximum(tf.minimum(y1, other_y1) - tf.maximum(y0, other_y0), 0.0)
    return widths * heights


def iou_matrix(first_xyxy: Any, second_xyxy: Any) -> Any:
    """Intersection over union of every corner box with every other.

    Args:
        first_xyxy: float32 [N, 4].
        second_xyxy: float32 [M, 4].

    Returns:
        float32 [N, M]; 0 where neither has an area.
    """
    shared = intersections(first_xyxy, second_xyxy)
    union = areas(first_xyxy)[:, None] + areas(second_xyxy)[None] - shared
    return tf.math.divide_no_nan(shared, union)


def encode(boxes_xyxy: Any, default_boxes_cxcywh: Any, variances: tuple[float, float]) -> Any:
    """Offsets that lead from default boxes to boxes, pair by pair.

    Args:
        boxes_xyxy: float32 [N, 4] with positive sides.
        default_boxes_cxcywh: float32 [N, 4] with positive sides.
        variances: what centre and size offsets are divided by.

    Returns:
        float32 [N, 4]: (dx, dy, dw, dh).
    """
    centres = (boxes_xyxy[..., :2] + boxes_xyxy[..., 2:]) / 2.0
    sizes = boxes_xyxy[..., 2:] - boxes_xyxy[..., :2]
    default_centres, default_sizes = default_boxes_cxcywh[..., :2], default_boxes_cxcywh[..., 2:]
    moved = (centres - default_centres) / default_sizes / variances[0]
    grown = tf.math.log(sizes / default_sizes) / variances[1]
    return tf.concat([moved, grown], axis=-1)
