"""The training objective (SSD paper, section 2.2): where the boxes are, and what they are.

Everything is computed in float32, whatever the network's precision.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from ssd_core.matching import BACKGROUND, CERTAIN_BACKGROUND


def count_positives(classes: Any) -> Any:
    """How many default boxes of each image have an object.

    Args:
        classes: int [B, A], targets of :class:`~ssd_core.matching.LabelEncoder`.

    Returns:
        float32 [B].
    """
    return tf.reduce_sum(tf.cast(classes > BACKGROUND, tf.float32), axis=-1)


def localisation_sums(true_offsets: Any, classes: Any, offsets: Any) -> Any:
    """Smooth L1 of the offsets, summed over the four of each positive default box and over these boxes.

    Args:
        true_offsets: float32 [B, A, 4].
        classes: int [B, A]; only positives count.
        offsets: float [B, A, 4], the prediction.

    Returns:
        float32 [B].
    """
    distance = tf.abs(tf.cast(offsets, tf.float32) - true_offsets)
    each = tf.where(distance < 1.0, 0.5 * distance * distance, distance - 0.5)
    positive = tf.cast(classes > BACKGROUND, tf.float32)
    return tf.reduce_sum(tf.reduce_sum(each, axis=-1) * positive, axis=-1)


def classification_sums(
    classes: Any, logits: Any, negative_ratio: float = 3.0, negative_floor: int = 3
) -> Any:
    """Cross-entropy of the positives and of the hardest negatives of each image.

    The hardest negatives are those called background least surely, ``negative_ratio`` per positive of the
    same image and at least ``negative_floor``, as far as there are any. So an empty image teaches too. Those
    that are background for certain come besides these, all of them, however sure the network is already.

    Args:
        classes: int [B, A]; ignored default boxes count neither as positive nor as negative.
        logits: float [B, A, C], background first.
        negative_ratio: negatives per positive.
        negative_floor: negatives of an image at least.

    Returns:
        float32 [B].
    """
    logits = tf.cast(logits, tf.float32)
    entropy = tf.nn.sparse_softmax_cross_entropy_with_logits(
        labels=tf.maximum(tf.cast(classes, tf.int32), BACKGROUND), logits=logits
    )
    positive = classes > BACKGROUND
    negative = tf.equal(classes, BACKGROUND)
    certain = tf.equal(classes, CERTAIN_BACKGROUND)
    of_certain = tf.reduce_sum(tf.where(positive | certain, entropy, 0.0), axis=-1)
    positives = count_positives(classes)
    wanted = tf.maximum(tf.math.floor(positives * negative_ratio), float(negative_floor))
    available = tf.reduce_sum(tf.cast(negative, tf.float32), axis=-1)
    taken = tf.cast(tf.minimum(wanted, available), tf.int32)
    # top_k breaks ties by position, so exactly as many as wanted are taken.
    hardest, _ = tf.math.top_k(tf.where(negative, entropy, -1.0), k=tf.reduce_max(taken))
    of_negatives = tf.where(tf.sequence_mask(taken, tf.shape(hardest)[-1]), hardest, 0.0)
    return of_certain + tf.reduce_sum(of_negatives, axis=-1)


class SSDLocLoss:
    """Localisation loss of a batch: the sum over its images by the number of its positives (at least 1)."""

    def __call__(self, y_true: Any, y_pred: Any) -> Any:
        """Compare a prediction with its target.

        Args:
            y_true: float32 [B, A, 5]: offsets (dx, dy, dw, dh), then the target class.
            y_pred: float [B, A, 4 + C], the network's output; the offsets are read.

        Returns:
            float32 scalar.
        """
        y_true, y_pred = tf.convert_to_tensor(y_true), tf.convert_to_tensor(y_pred)
        classes = tf.cast(y_true[..., 4], tf.int32)
        return _by_positives(localisation_sums(y_true[..., :4], classes, y_pred[..., :4]), classes)


class SSDClsLoss:
    """Classification loss of a batch with hard negatives, by the number of its positives (at least 1).

    Args:
        negative_ratio: hard negatives per positive of an image.
        negative_floor: hard negatives of an image at least.
    """

    def __init__(self, negative_ratio: float = 3.0, negative_floor: int = 3) -> None:
        self.negative_ratio = negative_ratio
        self.negative_floor = negative_floor

    def __call__(self, y_true: Any, y_pred: Any) -> Any:
        """Compare a prediction with its target.

        Args:
            y_true: float32 [B, A, 5]: offsets (dx, dy, dw, dh), then the target class.
            y_pred: float [B, A, 4 + C], the network's output; the logits are read.

        Returns:
            float32 scalar.
        """
        y_true, y_pred = tf.convert_to_tensor(y_true), tf.convert_to_tensor(y_pred)
        classes = tf.cast(y_true[..., 4], tf.int32)
        sums = classification_sums(classes, y_pred[..., 4:], self.negative_ratio, self.negative_floor)
        return _by_positives(sums, classes)


def _by_positives(sums: Any, classes: Any) -> Any:
    return tf.reduce_sum(sums) / tf.maximum(tf.reduce_sum(count_positives(classes)), 1.0)
