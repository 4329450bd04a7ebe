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
    first, second = first_xyxy[:, None], second_xyxy[None]
    low = tf.maximum(first[..., :2], second[..., :2])
    high = tf.minimum(first[..., 2:], second[..., 2:])
    return areas(tf.concat([low, high], axis=-1))


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
