"""What a run says after each pass over its images."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import tensorflow as tf


@dataclass(frozen=True, slots=True)
class Epoch:
    """A pass over all training images.

    Attributes:
        number: 1 for the first pass.
        step: optimiser steps done when it ended.
        loss: mean over the steps that ended since the pass before was told.
        localisation_loss: the part of it that says where objects are.
        classification_loss: the part of it that says what they are.
        metrics: of the last validation in this pass, as :func:`~ssd_core.evaluation.evaluate` gives them;
            None if this process validated nothing in it.
    """

    number: int
    step: int
    loss: float
    localisation_loss: float
    classification_loss: float
    metrics: Mapping[str, Any] | None = None


class EpochTally(tf.Module):
    """Adds up the losses of a pass, and tells them when it ends.

    A step may end a pass in the midst of its batch, and with fewer images than a batch holds it ends several,
    which are then told one after the other with its losses. A run that goes on after it was killed tells the
    passes since its last checkpoint again.

    Args:
        on_epoch: who is told.
        images: training images.
        batch_size: images per step.
    """

    def __init__(self, on_epoch: Callable[[Epoch], None], images: int, batch_size: int) -> None:
        super().__init__(name="epoch_tally")
        self._on_epoch, self._images, self._batch_size = on_epoch, images, batch_size
        self._metrics: Mapping[str, Any] | None = None
        self.sums = tf.Variable(tf.zeros(3, tf.float64), trainable=False)
        self.steps = tf.Variable(0, dtype=tf.int64, trainable=False)

    def add(self, losses: Sequence[float]) -> None:
        """Take note of a step: its loss and the two parts of it."""
        self.sums.assign_add(tf.constant(losses, tf.float64))
        self.steps.assign_add(1)

    def validated(self, metrics: dict[str, Any]) -> None:
        """Take note of a validation."""
        # TensorFlow would put its own wrappers into a plain dictionary, which JSON does not know.
        self._metrics = MappingProxyType(metrics)

    def end_step(self, step: int) -> None:
        """Tell the passes that ended with this step, before its state is saved.

        Args:
            step: optimiser steps done.
        """
        before, now = (done * self._batch_size // self._images for done in (step - 1, step))
        if before == now:
            return
        loss, localisation, classification = (float(total) / int(self.steps) for total in self.sums.numpy())
        for number in range(before + 1, now + 1):
            self._on_epoch(Epoch(number, step, loss, localisation, classification, self._metrics))
        self._metrics = None
        self.sums.assign(tf.zeros(3, tf.float64))
        self.steps.assign(0)
