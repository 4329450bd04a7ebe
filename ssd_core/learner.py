"""The network as it learns: weights, optimizer and running average, and the one step that changes them."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from ssd_core.averaging import WeightAverage
from ssd_core.config import SSDConfig
from ssd_core.losses import classification_sums, count_positives, localisation_sums
from ssd_core.model import build_network
from ssd_core.optimizer import ScaledAdamW, warmup_cosine
from ssd_core.pipeline import Batch
from ssd_core.train_config import TrainConfig

#: Variables that weight decay would pull towards zero for no good: normalisation and biases.
_UNDECAYED = ("gamma", "beta", "bias")


class Learner:
    """Everything that a run changes, on one device or several.

    Args:
        config: the detector.
        settings: how it learns.
        strategy: over which devices; losses, gradients and normalisation are those of the whole batch.

    Raises:
        WeightsUnavailable: the pretrained weights cannot be had.
    """

    def __init__(self, config: SSDConfig, settings: TrainConfig, strategy: tf.distribute.Strategy) -> None:
        self._settings = settings
        self._strategy = strategy
        with strategy.scope():
            self.network = build_network(
                config,
                "imagenet" if settings.weights == "imagenet" else None,
                seed=settings.seed,
                synchronized_norm=strategy.num_replicas_in_sync > 1,
            )
            freeze_trunk(self.network, settings.frozen)
            self._trained = [variable.value for variable in self.network.trainable_variables]
            self.optimizer = _optimizer(self.network, settings)
            self.average = WeightAverage(self.network, settings.ema_decay)
            self.step = tf.Variable(0, dtype=tf.int64, trainable=False, name="step")
        # Nothing here branches on tensors, and converting Keras' layers takes seconds.
        self._update = tf.function(self._update_all_devices, autograph=False)

    def train_on(self, batch: Batch) -> tuple[Any, Any]:
        """Do one optimiser step.

        Args:
            batch: distributed if the strategy has several devices.

        Returns:
            float32 scalars: the loss of the whole batch before the step, and the norm of its gradient.
        """
        return self._update(batch.images, batch.offsets, batch.classes)

    def _update_all_devices(self, images: Any, offsets: Any, classes: Any) -> tuple[Any, Any]:
        settings, total = self._settings, tf.distribute.ReduceOp.SUM
        losses, shares = self._strategy.run(self._gradients, args=(images, offsets, classes))
        loss = self._strategy.reduce(total, losses, axis=None)
        gradients = [self._strategy.reduce(total, share, axis=None) for share in shares]
        gradients, norm = tf.clip_by_global_norm(gradients, settings.clip_norm)
        rate = warmup_cosine(settings.head_learning_rate, settings.steps, settings.warmup_fraction, self.step)
        self.optimizer.apply(gradients, rate, self.step)
        self.step.assign_add(1)
        self.average.update(self.step)
        return loss, norm

    def _gradients(self, images: Any, offsets: Any, classes: Any) -> tuple[Any, list[Any]]:
        """This device's share of the batch's loss and of its gradients."""
        settings = self._settings
        with tf.GradientTape() as tape:
            predicted = self.network(images, training=True)
            sums = localisation_sums(offsets, classes, predicted[..., :4]) + classification_sums(
                classes, predicted[..., 4:], settings.negative_ratio, settings.negative_floor
            )
            positives = tf.distribute.get_replica_context().all_reduce(
                tf.distribute.ReduceOp.SUM, tf.reduce_sum(count_positives(classes))
            )
            loss = tf.reduce_sum(sums) / tf.maximum(positives, 1.0)
        return loss, tape.gradient(loss, self._trained)


def freeze_trunk(network: keras.Model, how: str) -> None:
    """Exclude pretrained layers from training.

    Args:
        network: of :func:`~ssd_core.model.build_network`.
        how: ``none``, ``first_map`` (all layers up to the finest feature map) or ``all``.
    """
    backbone = network.get_layer("backbone")
    if how == "all":
        backbone.trainable = False
    elif how == "first_map":
        for layer in keras.Model(backbone.inputs, backbone.outputs[0]).layers:
            layer.trainable = False


def _optimizer(network: keras.Model, settings: TrainConfig) -> ScaledAdamW:
    trunk = {id(variable) for variable in network.get_layer("backbone").trainable_variables}
    slower = settings.backbone_learning_rate / settings.head_learning_rate
    pretrained = settings.weights == "imagenet"
    variables = network.trainable_variables
    return ScaledAdamW(
        [variable.value for variable in variables],
        [slower if pretrained and id(variable) in trunk else 1.0 for variable in variables],
        [0.0 if variable.name in _UNDECAYED else settings.weight_decay for variable in variables],
    )
