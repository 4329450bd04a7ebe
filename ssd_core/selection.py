"""Which state of a network was the best one, judged on few validation images."""

from __future__ import annotations

import math
from pathlib import Path

import keras
import tensorflow as tf

_SMOOTHING = 0.5


class BestWeights(tf.Module):
    """Keeps the weights that did best on validation.

    AP of a few images jumps with a single box, so it is smoothed over validations, and a later state, which
    has learnt more at a lower rate, wins unless an earlier one was better by more than chance: a share of n
    boxes has a standard error of up to 1 / (2 √n), which is .2 for six boxes and .02 for six hundred.

    Args:
        folder: where the weights are kept.
        boxes: the number of validation boxes.
    """

    def __init__(self, folder: Path, boxes: int) -> None:
        super().__init__(name="best_weights")
        self._folder = folder
        self._tolerance = 0.5 / math.sqrt(max(boxes, 1))
        self.step = tf.Variable(-1, dtype=tf.int64, trainable=False)
        self.score = tf.Variable(-1.0, dtype=tf.float32, trainable=False)
        self.smoothed = tf.Variable(-1.0, dtype=tf.float32, trainable=False)

    def offer(self, network: keras.Model, score: float, step: int) -> bool:
        """Keep the network's weights if they are the best so far.

        Args:
            network: with the weights that were validated.
            score: their AP.
            step: after which they were taken.

        Returns:
            Whether they were kept.
        """
        before = float(self.smoothed)
        smoothed = score if before < 0 else _SMOOTHING * score + (1 - _SMOOTHING) * before
        self.smoothed.assign(smoothed)
        if smoothed < float(self.score) - self._tolerance:
            return False
        self._write(network, step)
        self.score.assign(max(smoothed, float(self.score)))
        self.step.assign(step)
        return True

    def load_into(self, network: keras.Model) -> bool:
        """Load the best weights into a network; says whether there are any."""
        if int(self.step) < 0:
            return False
        network.load_weights(self._path(int(self.step)))
        return True

    def forget_others(self) -> None:
        """Remove the files of states that are no longer the best; call once the new state is saved."""
        for path in self._folder.glob("best-*.weights.h5"):
            if path != self._path(int(self.step)):
                path.unlink(missing_ok=True)

    def _path(self, step: int) -> Path:
        return self._folder / f"best-{step:08d}.weights.h5"

    def _write(self, network: keras.Model, step: int) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._path(step)
        temporary = path.with_name(f"writing-{path.name}")
        network.save_weights(temporary)
        temporary.replace(path)
