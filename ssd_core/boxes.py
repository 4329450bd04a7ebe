"""Boxes as NumPy arrays: formats, overlap, offsets. No TensorFlow here: the runtime uses it too.

``xyxy`` is (x0, y0, x1, y1), half-open; ``cxcywh`` is (centre x, centre y, width, height). Units are pixels.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ssd_core.errors import InvalidConfig

#: The largest predicted growth of a side, as a logarithm: exp of anything more would only overflow.
MAX_LOG_SCALE = math.log(1000 / 16)

FloatArray = NDArray[np.float32]


def change_box_format(boxes: ArrayLike, return_format: str) -> FloatArray:
    """Turn centre boxes into corner boxes or corner boxes into centre boxes.

    Args:
        boxes: float [..., 4], in the format that is not asked for.
        return_format: ``xyxy`` for corners, or ``xywh`` (also ``cxcywh``) for centre and size.

    Returns:
        float32 [..., 4].

    Raises:
        InvalidConfig: the format has another name.
    """
    given = np.asarray(boxes, np.float32)
    if return_format == "xyxy":
        half = given[..., 2:] / 2
        return np.concatenate([given[..., :2] - half, given[..., :2] + half], axis=-1)
    if return_format in ("xywh", "cxcywh"):
        low, high = given[..., :2], given[..., 2:]
        return np.concatenate([(low + high) / 2, high - low], axis=-1)
    raise InvalidConfig(f"There is no box format {return_format!r}: use 'xyxy' or 'xywh' (centre and size).")


def compute_iou(boxes1: ArrayLike, boxes2: ArrayLike) -> FloatArray:
    """Intersection over union of every centre box with every other.

    Args:
        boxes1: float [N, 4], cxcywh.
        boxes2: float [M, 4], cxcywh.

    Returns:
        float32 [N, M] in 0..1; 0 where neither box has an area.
    """
    return iou_matrix_xyxy(change_box_format(boxes1, "xyxy"), change_box_format(boxes2, "xyxy"))


def iou_matrix_xyxy(boxes1_xyxy: ArrayLike, boxes2_xyxy: ArrayLike) -> FloatArray:
    """Intersection over union of every corner box with every other.

    Args:
        boxes1_xyxy: float [N, 4].
        boxes2_xyxy: float [M, 4].

    Returns:
        float32 [N, M] in 0..1; 0 where neither box has an area.
    """
    first = np.asarray(boxes1_xyxy, np.float32).reshape(-1, 1, 4)
    second = np.asarray(boxes2_xyxy, np.float32).reshape(1, -1, 4)
    sides = np.minimum(first[..., 2:], second[..., 2:]) - np.maximum(first[..., :2], second[..., :2])
    shared = np.prod(np.maximum(sides, 0), axis=-1)
    union = area_xyxy(first) + area_xyxy(second) - shared
    return np.where(union > 0, shared / np.where(union > 0, union, 1), 0).astype(np.float32)


def area_xyxy(boxes_xyxy: ArrayLike) -> FloatArray:
    """The area of each corner box.

    Args:
        boxes_xyxy: float [..., 4].

    Returns:
        float32 [...]; 0 where a box is inside out.
    """
    boxes = np.asarray(boxes_xyxy, np.float32)
    return np.prod(np.maximum(boxes[..., 2:] - boxes[..., :2], 0), axis=-1)


def clip_boxes(boxes_xyxy: ArrayLike, image_size_hw: tuple[float, float]) -> FloatArray:
    """Cut corner boxes at the image's border.

    Args:
        boxes_xyxy: float [..., 4].
        image_size_hw: height and width in pixels.

    Returns:
        float32 [..., 4], every coordinate within the image; a box outside it loses its area.
    """
    height, width = image_size_hw
    limits = np.array([width, height, width, height], np.float32)
    return np.clip(np.asarray(boxes_xyxy, np.float32), np.float32(0), limits)


def encode_boxes(
    boxes_xyxy: ArrayLike, default_boxes_cxcywh: ArrayLike, variances: tuple[float, float] = (0.1, 0.2)
) -> FloatArray:
    """Offsets that lead from default boxes to boxes, pair by pair (SSD paper, section 2.2).

    Args:
        boxes_xyxy: float [..., 4] with positive sides.
        default_boxes_cxcywh: float [..., 4] with positive sides.
        variances: what centre and size offsets are divided by.

    Returns:
        float32 [..., 4]: (dx, dy, dw, dh).
    """
    boxes = change_box_format(boxes_xyxy, "cxcywh")
    defaults = np.asarray(default_boxes_cxcywh, np.float32)
    centre, size = np.float32(variances[0]), np.float32(variances[1])
    moved = (boxes[..., :2] - defaults[..., :2]) / defaults[..., 2:] / centre
    grown = np.log(boxes[..., 2:] / defaults[..., 2:]) / size
    return np.concatenate([moved, grown], axis=-1).astype(np.float32)


def decode_boxes(
    offsets: ArrayLike, default_boxes_cxcywh: ArrayLike, variances: tuple[float, float] = (0.1, 0.2)
) -> FloatArray:
    """Boxes to which offsets lead from default boxes; undoes :func:`encode_boxes`.

    Args:
        offsets: float [..., 4]: (dx, dy, dw, dh).
        default_boxes_cxcywh: float [..., 4].
        variances: as they were for encoding.

    Returns:
        float32 [..., 4], xyxy, not clipped; a side grows at most 62.5 times (:data:`MAX_LOG_SCALE`).
    """
    given = np.asarray(offsets, np.float32)
    defaults = np.asarray(default_boxes_cxcywh, np.float32)
    centre, size = np.float32(variances[0]), np.float32(variances[1])
    moved = defaults[..., :2] + given[..., :2] * centre * defaults[..., 2:]
    grown = np.exp(np.minimum(given[..., 2:] * size, np.float32(MAX_LOG_SCALE))) * defaults[..., 2:]
    return change_box_format(np.concatenate([moved, grown], axis=-1), "xyxy")
