"""One optimizer for a run whose variables do not all learn from its beginning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ssd_core.freezing import Freezing
from ssd_core.optimizer import ScaledAdamW, warmup_cosine
from ssd_core.stages import Stage
from ssd_core.train_config import TrainConfig

#: Variables that weight decay would pull towards zero for no good: normalisation and biases.
_UNDECAYED = ("gamma", "beta", "bias", "scale")


class StagedOptimizer(tf.Module):
    """AdamW over everything that learns in any stage; the state of what is still frozen is there and rests.

    Variables that join later count their own steps, so that Adam's correction of its young averages is right
    for them, and their rate climbs as the others' did in the beginning.

    Args:
        network: the network, in the strategy's scope.
        freezing: of the network; it ends in the state of the first stage.
        stages: of the run, each freezing less than the one before.
        settings: rates, decay and length of the run.
        speeds: factors of the learning rate by a variable's path, numbers or arrays of its shape; 1 for those
            that are not in it.
    """

    def __init__(
        self,
        network: keras.Model,
        freezing: Freezing,
        stages: Sequence[Stage],
        settings: TrainConfig,
        speeds: Mapping[str, Any],
    ) -> None:
        super().__init__(name="staged_optimizer")
        self._settings = settings
        self._first_steps = [stage.first_step for stage in stages]
        self._variables: list[list[Any]] = []
        self.parts: list[ScaledAdamW] = []
        known: set[int] = set()
        for stage in stages:
            freezing.freeze(stage.frozen)
            joining = [variable for variable in network.trainable_variables if id(variable) not in known]
            known |= {id(variable) for variable in joining}
            self._variables.append([variable.value for variable in joining])
            self.parts.append(
                ScaledAdamW(
                    [variable.value for variable in joining],
                    [speeds.get(variable.path, 1.0) for variable in joining],
                    [0.0 if variable.name in _UNDECAYED else settings.weight_decay for variable in joining],
                )
            )
        freezing.freeze(stages[0].frozen)

    def learning(self, stage: int) -> list[Any]:
        """What learns in a stage, given by its index; the gradients of :meth:`apply` have this order."""
        return [variable for part in self._variables[: stage + 1] for variable in part]

    def apply(self, gradients: Sequence[Any], factor: Any, step: Any, stage: int) -> None:
        """Update what learns in a stage; not inside a replica.

        Args:
            gradients: one per variable of :meth:`learning`.
            factor: float32 scalar by which all rates are multiplied.
            step: int scalar, steps of the run done before this one.
            stage: the index of the stage.
        """
        settings = self._settings
        rate = factor * warmup_cosine(
            settings.head_learning_rate, settings.steps, settings.warmup_fraction, step
        )
        warmup = max(1, round(settings.steps * settings.warmup_fraction))
        left = list(gradients)
        for first, variables, part in list(zip(self._first_steps, self._variables, self.parts, strict=True))[
            : stage + 1
        ]:
            own, left = left[: len(variables)], left[len(variables) :]
            if not variables:
                continue
            if first == 0:
                part.apply(own, rate, step)
            else:
                climbing = tf.minimum(1.0, (tf.cast(step - first, tf.float32) + 1.0) / float(warmup))
                part.apply(own, rate * climbing, step - first)


def speeds_of(
    network: keras.Model, settings: TrainConfig, *, trunk_learnt: bool, fresh: Mapping[str, Any] | None
) -> dict[str, Any]:
    """How fast each variable learns, in parts of the heads' rate.

    Args:
        network: the network.
        settings: both rates.
        trunk_learnt: the trunk is pretrained.
        fresh: what of an inherited network is new: by a variable's path, bool of its shape; what is
            not in it was inherited whole. None if nothing but the trunk was there before.

    Returns:
        By the path of each variable, a number or float32 of its shape.
    """
    slower = settings.backbone_learning_rate / settings.head_learning_rate
    trunk = {id(variable) for variable in network.get_layer("backbone").variables}
    speeds: dict[str, Any] = {}
    for variable in network.variables:
        if id(variable) in trunk:
            speeds[variable.path] = slower if trunk_learnt else 1.0
        elif fresh is not None:
            new = fresh.get(variable.path)
            speeds[variable.path] = slower if new is None else np.where(new, 1.0, slower).astype(np.float32)
    return speeds
