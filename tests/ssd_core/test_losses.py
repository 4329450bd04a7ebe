"""The objective, on cases small enough to work out by hand."""

from __future__ import annotations

import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from ssd_core.losses import (
    SSDClsLoss,
    SSDLocLoss,
    classification_sums,
    count_positives,
    localisation_sums,
)
from ssd_core.matching import CERTAIN_BACKGROUND, IGNORED

#: Cross-entropy of two equal logits.
EVEN = math.log(2)


def _negatives_taken(logits: list[list[float]], classes: list[int], **how: float) -> int:
    """How many default boxes other than positives get a gradient."""
    tensor = tf.Variable([logits], dtype=tf.float32)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(classification_sums(tf.constant([classes]), tensor, **how))
    touched = np.abs(tape.gradient(loss, tensor).numpy()[0]).sum(-1) > 0
    return int(touched[np.array(classes) <= 0].sum())


def test_the_localisation_loss_is_a_sum_over_four_not_a_mean() -> None:
    # Distances .5, 1, 2 and 0: .125 + .5 + 1.5 + 0.
    predicted = tf.constant([[[0.5, 1.0, -2.0, 0.0]]])
    assert localisation_sums(tf.zeros([1, 1, 4]), tf.constant([[1]]), predicted).numpy() == [2.125]


def test_only_positives_are_localised() -> None:
    predicted = tf.ones([1, 3, 4]) * 3.0
    sums = localisation_sums(tf.zeros([1, 3, 4]), tf.constant([[0, IGNORED, 2]]), predicted)
    assert sums.numpy() == [4 * 2.5]


def test_positives_are_counted_per_image_without_ignored_ones() -> None:
    assert count_positives(tf.constant([[1, 0, -1], [2, 1, 1]])).numpy().tolist() == [1, 3]


def test_classification_adds_positives_and_three_negatives_for_each() -> None:
    sums = classification_sums(tf.constant([[1] + [0] * 9]), tf.zeros([1, 10, 2]), negative_floor=0)
    assert sums.numpy()[0] == pytest.approx(4 * EVEN)


def test_the_hardest_negatives_are_taken() -> None:
    # Background logits 0, 1, 2, 3, 4: the surest background is the easiest.
    logits = [[0.0, 9.0], *([float(sure), 0.0] for sure in range(5))]
    sums = classification_sums(
        tf.constant([[1, 0, 0, 0, 0, 0]]), tf.constant([logits]), negative_ratio=2, negative_floor=0
    )
    expected = math.log1p(math.exp(-9)) + EVEN + math.log1p(math.exp(-1))
    assert sums.numpy()[0] == pytest.approx(expected, rel=1e-5)


def test_positives_are_never_among_the_negatives() -> None:
    # The positives are called background with certainty, so a careless ranking would take them.
    assert _negatives_taken([[9.0, 0.0]] * 2 + [[0.0, 9.0]] * 8, [1, 1] + [0] * 8) == 6


def test_negatives_are_as_many_as_there_are() -> None:
    assert _negatives_taken([[0.0, 0.0]] * 5, [1, 1, 1, 0, 0]) == 2
    assert _negatives_taken([[0.0, 0.0]] * 5, [1] * 5) == 0


def test_ignored_boxes_are_never_negatives() -> None:
    assert _negatives_taken([[0.0, 0.0]] * 6, [1, IGNORED, IGNORED, IGNORED, 0, 0]) == 2


def test_certain_background_counts_however_sure_and_beyond_the_quota() -> None:
    # Three of the nine may come along; the surest background of all comes besides them.
    logits = [[0.0, 9.0], [9.0, 0.0], *([0.0, 0.0] for _ in range(8))]
    classes = [1, CERTAIN_BACKGROUND, *[0] * 8]
    sums = classification_sums(tf.constant([classes]), tf.constant([logits]), negative_floor=0)
    assert sums.numpy()[0] == pytest.approx(2 * math.log1p(math.exp(-9)) + 3 * EVEN)
    assert _negatives_taken(logits, classes, negative_floor=0) == 4
    assert _negatives_taken(logits, [1, 0, *classes[2:]], negative_floor=0) == 3


def test_certain_background_alone_teaches_too() -> None:
    assert _negatives_taken([[0.0, 0.0]] * 4, [CERTAIN_BACKGROUND] * 4) == 4
    assert count_positives(tf.constant([[CERTAIN_BACKGROUND, 1]])).numpy().tolist() == [1]


def test_an_image_without_objects_teaches_by_the_floor() -> None:
    assert _negatives_taken([[0.0, 0.0]] * 9, [0] * 9, negative_floor=3) == 3


def test_equal_negatives_do_not_all_come_along() -> None:
    assert _negatives_taken([[0.0, 0.0]] * 50, [1] + [0] * 49) == 3


def test_negatives_are_mined_per_image() -> None:
    # The second image's negatives are all harder, but the first image still has its own three.
    logits = tf.concat([tf.zeros([1, 9, 2]), tf.tile([[[0.0, 5.0]]], [1, 9, 1])], 0)
    classes = tf.constant([[1] + [0] * 8] * 2)
    first, second = classification_sums(classes, logits, negative_floor=0).numpy()
    assert first == pytest.approx(4 * EVEN)
    assert second == pytest.approx(math.log1p(math.exp(-5)) + 3 * math.log1p(math.exp(5)), rel=1e-5)


def test_a_batch_of_empty_images_has_a_finite_loss_and_still_teaches() -> None:
    prediction = tf.Variable(tf.zeros([2, 20, 4 + 3]))
    target = tf.zeros([2, 20, 5])
    with tf.GradientTape() as tape:
        loss = SSDLocLoss()(target, prediction) + SSDClsLoss()(target, prediction)
    gradient = tape.gradient(loss, prediction).numpy()
    assert loss.numpy() == pytest.approx(2 * 3 * math.log(3))
    assert np.isfinite(gradient).all()
    assert np.abs(gradient[..., 4:]).sum() > 0
    assert not gradient[..., :4].any()


def test_extreme_logits_give_the_exact_loss_not_infinity() -> None:
    logits = tf.constant([[[80.0, -80.0], [-80.0, 80.0], [80.0, -80.0]]])
    sums = classification_sums(tf.constant([[0, 0, 1]]), logits)
    assert sums.numpy()[0] == pytest.approx(160 + 160)


def test_losses_are_divided_by_the_positives_of_the_whole_batch() -> None:
    target = np.zeros((2, 10, 5), np.float32)
    target[0, :3, 4] = 1
    target[1, 0, 4] = 1
    prediction = tf.zeros([2, 10, 6])
    target[0, 0, :4] = 2
    assert SSDLocLoss()(target, prediction).numpy() == pytest.approx(4 * 1.5 / 4)
    # Image 0 has three positives and seven negatives, all taken; image 1 has one and three.
    assert SSDClsLoss()(target, prediction).numpy() == pytest.approx((10 + 4) * EVEN / 4)


def test_losses_are_float32_even_for_half_precision_predictions() -> None:
    prediction = tf.cast(tf.fill([1, 20, 6], 300.0), tf.float16)
    target = np.zeros((1, 20, 5), np.float32)
    target[0, 0, 4] = 1
    for loss in (SSDLocLoss(), SSDClsLoss()):
        assert loss(target, prediction).dtype == tf.float32
    assert SSDLocLoss()(target, prediction).numpy() == pytest.approx(4 * 299.5)
    assert keras.backend.floatx() == "float32"
