"""When a run has learnt what it can."""

from __future__ import annotations

import tensorflow as tf


class Patience(tf.Module):
    """Counts validations that brought nothing better.

    Args:
        limit: so many in a row are enough; 0 waits for ever.
    """

    def __init__(self, limit: int) -> None:
        super().__init__(name="patience")
        self._limit = limit
        self.best = tf.Variable(-1.0, dtype=tf.float32, trainable=False)
        self.waited = tf.Variable(0, dtype=tf.int64, trainable=False)

    def look(self, score: float) -> None:
        """Take note of a validation.

        Args:
            score: its AP, smoothed, since that of few images jumps with a single box.
        """
        if score > float(self.best):
            self.best.assign(score)
            self.waited.assign(0)
        else:
            self.waited.assign_add(1)

    @property
    def lost(self) -> str | None:
        """Why the run should stop, as a sentence; None while it should go on."""
        if not self._limit or int(self.waited) < self._limit:
            return None
        return (
            f"Stopped early: AP did not rise above {float(self.best):.3f} (smoothed) in the last "
            f"{int(self.waited)} validations."
        )
