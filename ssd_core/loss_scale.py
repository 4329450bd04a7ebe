"""A factor that keeps gradients of half precision from vanishing (arXiv 1710.03740, section 3.2)."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

_START = 2.0**15
_HIGHEST = 2.0**24
#: Good steps after which a larger factor is tried.
_PATIENCE = 2000


class LossScale(tf.Module):
    """The loss is multiplied by it before the gradient is taken, the gradient divided by it afterwards.

    It is halved when a gradient overflows and doubled after many that did not. Always a power of two, so it
    changes no digit.

    Args:
        active: whether the precision needs it; otherwise it is 1 for ever.
    """

    def __init__(self, active: bool) -> None:
        super().__init__(name="loss_scale")
        self.active = active
        self.value = tf.Variable(_START if active else 1.0, dtype=tf.float32, trainable=False)
        self.good_steps = tf.Variable(0, dtype=tf.int64, trainable=False)

    def scaled(self, loss: Any) -> Any:
        """The loss as the gradient should be taken of it."""
        return loss * self.value if self.active else loss

    def unscaled(self, gradient: Any) -> Any:
        """The gradient of the loss itself."""
        return gradient / self.value if self.active else gradient

    def overflowed(self) -> bool:
        """Take note of a gradient that is not finite; says whether it may be so because of the factor."""
        if not self.active or float(self.value) <= 1.0:
            return False
        self.value.assign(self.value / 2.0)
        self.good_steps.assign(0)
        return True

    def went_well(self) -> None:
        """Take note of a finite gradient."""
        if not self.active:
            return
        self.good_steps.assign_add(1)
        if int(self.good_steps) >= _PATIENCE:
            self.value.assign(tf.minimum(self.value * 2.0, _HIGHEST))
            self.good_steps.assign(0)
