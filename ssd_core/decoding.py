"""Decoding as a Keras layer: from predictions to boxes, classes and scores of a whole batch."""

from __future__ import annotations

from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray

from ssd_core.candidates import EVALUATION_PER_CLASS, EVALUATION_SCORE, candidates
from ssd_core.default_boxes import DefaultBoxes
from ssd_core.errors import InvalidConfig
from ssd_core.nms import IOU_THRESHOLD, MAX_BOXES, SOFT_SIGMA, Soft, check_soft, non_max_suppression


class DecodedBatch(NamedTuple):
    """Detections of a batch, best first, padded with zeros (class -1).

    Args:
        boxes_xyxy: float32 [B, max_boxes, 4]; pixels of the network's input.
        scores: float32 [B, max_boxes].
        class_ids: int64 [B, max_boxes]; 0-based into the classes without the background.
        counts: int64 [B]; how many of the boxes are real.
    """

    boxes_xyxy: Any
    scores: Any
    class_ids: Any
    counts: Any


class DecodePredictions(keras.layers.Layer):
    """Turn predictions [B, D, 4 + C] into detections as the SSD paper does: the last layer of a detector.

    Scores from ``score_threshold`` on, the best 400 boxes of each class, per-class suppression, the best 200
    of the image. The layer runs `candidates` and `non_max_suppression` (NumPy) inside the graph, so that all
    parts of the program decode alike; it cannot be exported, which LiteRT and `ssd_core.runtime` are for.

    Args:
        default_boxes: `DefaultBoxes`, or float32 [D, 4] cx, cy, w, h in pixels of the network's input.
        iou_threshold: a box that overlaps a better one of its class by more than this goes.
        score_threshold: the lowest score of a detection.
        input_size_hw: (height, width) of the network's input, to which boxes are clipped.
        variances: as in training.
        max_boxes: boxes per image.
        max_boxes_per_class: candidates of each class that enter suppression.
        class_agnostic: boxes of all classes suppress each other, as in `non_max_suppression`.
        soft: ``linear`` or ``gaussian`` lower scores instead of removing boxes, as there; None removes.
        soft_sigma: width of the Gaussian.

    Raises:
        InvalidConfig: the default boxes are not [D, 4], a prediction does not fit them, ``soft`` has another
            name, or ``soft_sigma`` is not above 0.
    """

    def __init__(
        self,
        default_boxes: DefaultBoxes | ArrayLike,
        iou_threshold: float = IOU_THRESHOLD,
        score_threshold: float = EVALUATION_SCORE,
        *,
        input_size_hw: tuple[int, int] = (300, 300),
        variances: tuple[float, float] = (0.1, 0.2),
        max_boxes: int = MAX_BOXES,
        max_boxes_per_class: int = EVALUATION_PER_CLASS,
        class_agnostic: bool = False,
        soft: Soft = None,
        soft_sigma: float = SOFT_SIGMA,
        **layer_arguments: Any,
    ) -> None:
        super().__init__(trainable=False, dtype="float32", **layer_arguments)
        # XLA, which Keras takes on GPUs unless told otherwise, cannot compile a call of Python.
        self.supports_jit = False
        given = default_boxes.boxes if isinstance(default_boxes, DefaultBoxes) else default_boxes
        self._default_boxes: NDArray[np.float32] = np.asarray(given, np.float32)
        if self._default_boxes.ndim != 2 or self._default_boxes.shape[1] != 4:
            raise InvalidConfig(f"default_boxes must be [D, 4], not {list(self._default_boxes.shape)}.")
        self._iou_threshold = iou_threshold
        self._score_threshold = score_threshold
        self._input_size_hw = input_size_hw
        self._variances = variances
        self._max_boxes = max_boxes
        self._max_boxes_per_class = max_boxes_per_class
        check_soft(soft, soft_sigma)
        self._class_agnostic = class_agnostic
        self._soft: Soft = soft
        self._soft_sigma = soft_sigma

    def call(self, predictions: Any) -> DecodedBatch:
        """Decode a batch.

        Args:
            predictions: float32 [B, D, 4 + C]; offsets first, then logits with the background at 0.

        Returns:
            The detections of each image.
        """
        count = len(self._default_boxes)
        if predictions.shape[1] != count or (predictions.shape[2] or 6) < 6:
            raise InvalidConfig(
                f"Predictions must be [B, {count}, 4 + classes with background] for these default boxes, "
                f"not {list(predictions.shape)}."
            )
        boxes_xyxy, scores, class_ids, counts = tf.numpy_function(
            self._decode_batch, [predictions], [tf.float32, tf.float32, tf.int64, tf.int64], stateful=False
        )
        batch = predictions.shape[0]
        return DecodedBatch(
            tf.ensure_shape(boxes_xyxy, [batch, self._max_boxes, 4]),
            tf.ensure_shape(scores, [batch, self._max_boxes]),
            tf.ensure_shape(class_ids, [batch, self._max_boxes]),
            tf.ensure_shape(counts, [batch]),
        )

    def _decode_batch(self, predictions: NDArray[np.float32]) -> tuple[NDArray, NDArray, NDArray, NDArray]:
        batch = len(predictions)
        boxes_xyxy = np.zeros((batch, self._max_boxes, 4), np.float32)
        scores = np.zeros((batch, self._max_boxes), np.float32)
        class_ids = np.full((batch, self._max_boxes), -1, np.int64)
        counts = np.zeros(batch, np.int64)
        for index, prediction in enumerate(predictions):
            pairs = candidates(
                prediction,
                self._default_boxes,
                self._variances,
                self._input_size_hw,
                self._input_size_hw,
                score_floor=self._score_threshold,
                limit=None,
                limit_per_class=self._max_boxes_per_class,
            )
            found = non_max_suppression(
                pairs,
                self._score_threshold,
                self._iou_threshold,
                self._max_boxes,
                class_agnostic=self._class_agnostic,
                soft=self._soft,
                soft_sigma=self._soft_sigma,
            )
            counts[index] = len(found)
            boxes_xyxy[index, : len(found)] = found.boxes_xyxy
            scores[index, : len(found)] = found.scores
            class_ids[index, : len(found)] = found.class_ids
        return boxes_xyxy, scores, class_ids, counts
