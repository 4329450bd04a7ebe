"""The network as it learns: weights, optimizer and running average, and the one step that changes them.

A step has two halves. The first computes the gradient and, but for the moving statistics of normalisations,
changes nothing; so a step that runs out of memory or whose loss is no number can be taken back. The second
changes the weights.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from ssd_core.averaging import WeightAverage
from ssd_core.config import SSDConfig
from ssd_core.devices import POLICIES, choose_precision
from ssd_core.freezing import Freezing, MovingStatistics, norms_within
from ssd_core.inheritance import EarlierModel
from ssd_core.loss_scale import LossScale
from ssd_core.losses import classification_sums, count_positives, localisation_sums
from ssd_core.model import build_network
from ssd_core.optimizer import warmup_cosine
from ssd_core.pipeline import Batch
from ssd_core.staged_optimizer import StagedOptimizer, speeds_of
from ssd_core.stages import Stage, stages_for
from ssd_core.train_config import TrainConfig

#: What lack of memory looks like.
_NO_MEMORY = (tf.errors.ResourceExhaustedError, MemoryError)


class StepResult(NamedTuple):
    """What came of a step.

    Attributes:
        loss: of the whole batch before the step.
        localisation_loss: the part of it that says where objects are.
        classification_loss: the part of it that says what they are.
        finite: whether loss and gradient were numbers; if not, nothing has changed.
    """

    loss: float
    localisation_loss: float
    classification_loss: float
    finite: bool


class StepTooLarge(Exception):
    """A step did not fit into memory.

    Args:
        intact: nothing has changed; otherwise a part of the weights may have.
    """

    def __init__(self, intact: bool) -> None:
        super().__init__("a step did not fit into memory")
        self.intact = intact


class Learner:
    """Everything that a run changes, on one device or several.

    Args:
        config: the detector.
        settings: how it learns.
        strategy: over which devices; losses, gradients and normalisation are those of the whole batch.
        stages: how much of the trunk learns when; None for what ``settings`` say whatever the number of
            images (``auto`` then freezes nothing).
        earlier: the model to go on from instead of ImageNet's weights or none.

    Raises:
        WeightsUnavailable: the pretrained weights cannot be had.
        InvalidArtifact: the earlier model is damaged.
        InvalidConfig: the earlier model is of another shape.
    """

    def __init__(
        self,
        config: SSDConfig,
        settings: TrainConfig,
        strategy: tf.distribute.Strategy,
        stages: Sequence[Stage] | None = None,
        earlier: EarlierModel | None = None,
    ) -> None:
        self._settings, self._strategy = settings, strategy
        self._stages = tuple(stages or stages_for(2**31, settings))
        pretrained = settings.weights == "imagenet" and earlier is None
        precision = choose_precision(settings.precision)
        several = strategy.num_replicas_in_sync > 1
        #: Images of a batch on each device.
        self.share_size = settings.batch_size // strategy.num_replicas_in_sync
        with strategy.scope():
            self.network = build_network(
                config,
                "imagenet" if pretrained else None,
                seed=settings.seed,
                synchronized_norm=several,
                precision=POLICIES[precision],
            )
            for norm in norms_within(self.network.get_layer("backbone")):
                norm.synchronized = several
            fresh = None if earlier is None else earlier.give_to(self.network)
            speeds = speeds_of(
                self.network, settings, trunk_learnt=pretrained or earlier is not None, fresh=fresh
            )
            self._statistics = MovingStatistics(self.network)
            self._freezing = Freezing(self.network)
            self.optimizer = StagedOptimizer(self.network, self._freezing, self._stages, settings, speeds)
            self.average = WeightAverage(self.network, settings.ema_decay)
            self.step = tf.Variable(0, dtype=tf.int64, trainable=False, name="step")
            #: By which all learning rates are multiplied.
            self.rate_factor = tf.Variable(1.0, dtype=tf.float32, trainable=False, name="rate_factor")
        #: Images that a device looks at together; a larger share of a batch is looked at in parts.
        self.images_at_once = tf.Variable(
            self.share_size, dtype=tf.int64, trainable=False, name="images_at_once"
        )
        self.loss_scale = LossScale(precision == "float16")
        self._entered: int | None = None
        self._sum = tf.function(_sums, autograph=False)
        self._norm = tf.function(tf.linalg.global_norm, autograph=False)

    def state(self) -> dict[str, Any]:
        """What must be saved to go on later as if nothing had happened."""
        return {
            "network": self.network,
            "optimizer": self.optimizer,
            "average": self.average,
            "step": self.step,
            "rate_factor": self.rate_factor,
            "images_at_once": self.images_at_once,
            "loss_scale": self.loss_scale,
        }

    @property
    def learning_rate(self) -> float:
        """Of the heads at the next step."""
        settings = self._settings
        step = tf.minimum(self.step, settings.steps - 1)
        course = warmup_cosine(settings.head_learning_rate, settings.steps, settings.warmup_fraction, step)
        return float(self.rate_factor * course)

    def train_on(self, batch: Batch) -> StepResult:
        """Do one optimiser step, unless its loss or gradient is not finite.

        In half precision a gradient may overflow although the loss is finite. Such a step is counted and
        leaves the weights as they are.

        Args:
            batch: distributed if the strategy has several devices.

        Raises:
            StepTooLarge: it does not fit into memory.
        """
        self._enter_stage()
        statistics = self._statistics.read()
        try:
            losses, gradients, norm = self._look_at(batch)
        except _NO_MEMORY as error:
            self._statistics.put_back(statistics)
            raise StepTooLarge(intact=True) from error
        loss, localisation, classification = (float(value) for value in losses)
        finite = math.isfinite(loss) and math.isfinite(norm)
        if finite:
            try:
                self._change(gradients, tf.constant(norm, tf.float32))
            except _NO_MEMORY as error:
                raise StepTooLarge(intact=False) from error
            self.loss_scale.went_well()
        elif math.isfinite(loss) and self.loss_scale.overflowed():
            self.step.assign_add(1)
            finite = True
        else:
            self._statistics.put_back(statistics)
        return StepResult(loss, localisation, classification, finite)

    def _enter_stage(self) -> None:
        """Freeze and thaw what the current step's stage says; what was traced before knows other layers."""
        done = int(self.step.numpy())
        stage = max(index for index, stage in enumerate(self._stages) if stage.first_step <= done)
        if stage == self._entered:
            return
        self._entered = stage
        self._freezing.freeze(self._stages[stage].frozen)
        self._learning = self.optimizer.learning(stage)
        # Nothing in these branches on tensors, and converting Keras' layers takes seconds.
        self._look_at_part = tf.function(self._part, autograph=False)
        self._change = tf.function(self._change_all_devices, autograph=False)

    def _look_at(self, batch: Batch) -> tuple[Any, list[Any], float]:
        """The batch's losses, its gradients and their norm."""
        most = int(self.images_at_once)
        total: tuple[Any, list[Any]] | None = None
        for begin in range(0, self.share_size, most):
            size = min(most, self.share_size - begin)
            part = self._look_at_part(
                batch.images, batch.offsets, batch.classes, tf.constant(begin), size=size
            )
            total = part if total is None else self._sum(total, part)
        assert total is not None
        losses, gradients = total
        return losses.numpy(), gradients, float(self._norm(gradients))

    def _part(self, images: Any, offsets: Any, classes: Any, begin: Any, size: int) -> tuple[Any, list[Any]]:
        """What some images of each device add to the losses and gradients of the whole batch."""
        total = tf.distribute.ReduceOp.SUM
        losses, shares = self._strategy.run(self._gradients, (images, offsets, classes, begin, size))
        gradients = [self._strategy.reduce(total, share, axis=None) for share in shares]
        return (
            self._strategy.reduce(total, losses, axis=None),
            [self.loss_scale.unscaled(gradient) for gradient in gradients],
        )

    def _gradients(
        self, images: Any, offsets: Any, classes: Any, begin: Any, size: int
    ) -> tuple[Any, list[Any]]:
        settings = self._settings
        # Those of the whole batch, so that the sum over devices and parts does not depend on the split.
        positives = tf.distribute.get_replica_context().all_reduce(
            tf.distribute.ReduceOp.SUM, tf.reduce_sum(count_positives(classes))
        )
        images, offsets, classes = (_slice(each, begin, size) for each in (images, offsets, classes))
        with tf.GradientTape() as tape:
            predicted = self.network(images, training=True)
            localisation = localisation_sums(offsets, classes, predicted[..., :4])
            classification = classification_sums(
                classes, predicted[..., 4:], settings.negative_ratio, settings.negative_floor
            )
            shared = tf.maximum(positives, 1.0)
            loss = tf.reduce_sum(localisation + classification) / shared
            scaled = self.loss_scale.scaled(loss)
        parts = [tf.reduce_sum(sums) / shared for sums in (localisation, classification)]
        return tf.stack([loss, *parts]), tape.gradient(scaled, self._learning)

    def _change_all_devices(self, gradients: list[Any], norm: Any) -> None:
        assert self._entered is not None
        cut, _ = tf.clip_by_global_norm(gradients, self._settings.clip_norm, use_norm=norm)
        self.optimizer.apply(cut, self.rate_factor, self.step, self._entered)
        self.step.assign_add(1)
        self.average.update(self.step)


def _sums(left: Any, right: Any) -> Any:
    return tf.nest.map_structure(tf.add, left, right)


def _slice(tensor: Any, begin: Any, size: int) -> Any:
    """Some of the images, or all without touching them."""
    if tensor.shape[0] == size:
        return tensor
    rest = tensor.shape.rank - 1
    return tf.slice(tensor, [begin, *[0] * rest], [size, *[-1] * rest])
