"""Detection as TensorFlow operations, for exports that must run where this package is not installed.

The definition is that of `ssd_core.candidates` and `ssd_core.nms`; here it is said again in a graph.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from ssd_core.boxes import MAX_LOG_SCALE
from ssd_core.candidates import CANDIDATE_LIMIT, SCORE_FLOOR
from ssd_core.config import SSDConfig
from ssd_core.nms import MAX_BOXES


def detections_in_graph(
    predictions: Any,
    default_boxes_cxcywh: NDArray[np.float32],
    config: SSDConfig,
    score_threshold: Any,
    iou_threshold: Any,
) -> dict[str, Any]:
    """Turn predictions into detections: candidates, then suppression per class.

    Args:
        predictions: float32 [B, D, 4 + C]; offsets first, then C logits with the background at 0.
        default_boxes_cxcywh: float32 [D, 4]; pixels of the network's input.
        config: the detector.
        score_threshold: float32 scalar; the lowest score of a detection. Below .05 there are no candidates.
        iou_threshold: float32 scalar; a box that overlaps a better one of its class by more than this goes.

    Returns:
        ``boxes_xyxy`` float32 [B, 200, 4] in pixels of the network's input, ``scores`` float32 [B, 200],
        ``class_ids`` int64 [B, 200], 0-based into the classes without the background, and ``counts``
        int64 [B]. Best first, padded with zeros (class -1).
    """
    return tf.map_fn(
        lambda prediction: _of_one_image(
            prediction, default_boxes_cxcywh, config, score_threshold, iou_threshold
        ),
        predictions,
        fn_output_signature={
            "boxes_xyxy": tf.TensorSpec([MAX_BOXES, 4], tf.float32),
            "scores": tf.TensorSpec([MAX_BOXES], tf.float32),
            "class_ids": tf.TensorSpec([MAX_BOXES], tf.int64),
            "counts": tf.TensorSpec([], tf.int64),
        },
    )


def _of_one_image(
    prediction: Any,
    default_boxes_cxcywh: NDArray[np.float32],
    config: SSDConfig,
    score_threshold: Any,
    iou_threshold: Any,
) -> dict[str, Any]:
    names = config.num_classes - 1
    scores = tf.reshape(tf.nn.softmax(prediction[:, 4:])[:, 1:], [-1])
    # Scores that are not a number reach no floor. Of equal ones, top_k takes the lower index first.
    scores = tf.where(scores >= SCORE_FLOOR, scores, -1.0)
    scores, places = tf.math.top_k(scores, min(CANDIDATE_LIMIT, config.num_default_boxes * names))
    boxes_xyxy = _decoded(
        tf.gather(prediction[:, :4], places // names),
        tf.gather(tf.constant(default_boxes_cxcywh), places // names),
        config,
    )
    nowhere = tf.reduce_any(tf.math.is_nan(boxes_xyxy), axis=1)
    left = tf.where(~nowhere & (scores >= tf.maximum(score_threshold, SCORE_FLOOR)))[:, 0]
    boxes_xyxy, scores = _clipped(tf.gather(boxes_xyxy, left), config.input_size_hw), tf.gather(scores, left)
    class_ids = tf.gather(tf.cast(places % names, tf.int64), left)
    rivals = class_ids[:, None] == class_ids[None, :]
    overlaps = tf.where(rivals, _iou(boxes_xyxy[:, None], boxes_xyxy[None, :]), 0.0)
    kept = tf.image.non_max_suppression_overlaps(overlaps, scores, MAX_BOXES, iou_threshold)
    missing = MAX_BOXES - tf.size(kept)
    return {
        "boxes_xyxy": tf.pad(tf.gather(boxes_xyxy, kept), [[0, missing], [0, 0]]),
        "scores": tf.pad(tf.gather(scores, kept), [[0, missing]]),
        "class_ids": tf.pad(tf.gather(class_ids, kept), [[0, missing]], constant_values=-1),
        "counts": tf.size(kept, tf.int64),
    }


def _decoded(offsets: Any, defaults: Any, config: SSDConfig) -> Any:
    centre, size = config.variances
    middle = defaults[:, :2] + offsets[:, :2] * centre * defaults[:, 2:]
    half = tf.exp(tf.minimum(offsets[:, 2:] * size, MAX_LOG_SCALE)) * defaults[:, 2:] / 2
    return tf.concat([middle - half, middle + half], axis=1)


def _clipped(boxes_xyxy: Any, size_hw: tuple[int, int]) -> Any:
    height, width = size_hw
    return tf.clip_by_value(boxes_xyxy, 0.0, tf.constant([width, height, width, height], tf.float32))


def _iou(a: Any, b: Any) -> Any:
    sides = tf.maximum(tf.minimum(a[..., 2:], b[..., 2:]) - tf.maximum(a[..., :2], b[..., :2]), 0.0)
    inter = sides[..., 0] * sides[..., 1]
    area_a = (a[..., 2] - a[..., 0]) * (a[..., 3] - a[..., 1])
    area_b = (b[..., 2] - b[..., 0]) * (b[..., 3] - b[..., 1])
    return tf.math.divide_no_nan(inter, (area_a + area_b) - inter)
