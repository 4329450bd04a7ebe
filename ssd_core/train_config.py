"""How a detector is trained: :class:`TrainConfig`, validated, and the presets.

No TensorFlow here: the server reads these too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ssd_core.config_fields import is_int, json_values, known_fields, require, require_number
from ssd_core.errors import InvalidConfig


@dataclass(frozen=True)
class TrainConfig:
    """How one run trains. A run is a number of optimiser steps, whatever the size of the data set.

    Attributes:
        name: the name of the preset these values came from, for the record.
        steps: optimiser steps.
        batch_size: images per step, over all devices.
        head_learning_rate: peak rate of the new layers.
        backbone_learning_rate: peak rate of the pretrained layers, ten to twenty times lower. These are the
            trunk's or, of a run that goes on from an earlier model, all but what stands for new classes.
        weight_decay: decoupled decay of kernels; biases and norms have none.
        clip_norm: global norm to which gradients are cut.
        warmup_fraction: part of the steps in which the rate climbs; then it falls along a cosine to zero.
        frozen: how much of the pretrained trunk stays as it is: ``none``, ``first_map`` (all layers up to
            the finest feature map), ``all``, or ``auto`` (by the number of training images, see
            :func:`~ssd_core.stages.stages_for`).
        unfreeze_at: part of the steps after which frozen layers begin to learn; 1 means never. Not read if
            ``frozen`` is ``auto``.
        ema_decay: limit of the running average's decay, ramped for short runs; 0 switches the average off.
        augment: ``none``, ``light``, ``standard`` or ``strong``.
        match_iou: IoU from which a default box counts as an object.
        negative_ratio: hard negatives per positive, per image.
        negative_floor: hard negatives of an image at least, so that empty images teach.
        validate_every: steps between two looks at the validation images.
        checkpoint_every: steps between two checkpoints.
        patience: validations without a better AP after which the run stops early; 0 means never.
        precision: of the layers' arithmetic: ``float32``, ``bfloat16``, ``float16``, or ``auto``, which is
            float32 (:func:`~ssd_core.devices.choose_precision` says why). Weights, losses and predictions are
            float32 in any case.
        weights: ``imagenet`` or ``none``.
        seed: everything random follows from it.

    Raises:
        InvalidConfig: a field makes no sense; the message names it.
    """

    name: str = "custom"
    steps: int = 100
    batch_size: int = 16
    head_learning_rate: float = 2e-3
    backbone_learning_rate: float = 1e-4
    weight_decay: float = 5e-4
    clip_norm: float = 10.0
    warmup_fraction: float = 0.05
    frozen: Literal["none", "first_map", "all", "auto"] = "none"
    unfreeze_at: float = 1.0
    ema_decay: float = 0.99
    augment: Literal["none", "light", "standard", "strong"] = "standard"
    match_iou: float = 0.5
    negative_ratio: float = 3.0
    negative_floor: int = 3
    validate_every: int = 25
    checkpoint_every: int = 50
    patience: int = 0
    precision: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    weights: Literal["imagenet", "none"] = "imagenet"
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("steps", "batch_size", "validate_every", "checkpoint_every"):
            value = getattr(self, name)
            require(is_int(value) and value >= 1, name, value, "a whole number of at least 1")
        for name in ("seed", "negative_floor", "patience"):
            value = getattr(self, name)
            require(is_int(value) and value >= 0, name, value, "a whole number of at least 0")
        for name in ("head_learning_rate", "clip_norm"):
            require_number(self, name, above=0.0)
        for name in ("backbone_learning_rate", "weight_decay", "negative_ratio"):
            require_number(self, name)
        require_number(self, "warmup_fraction", most=1.0)
        require_number(self, "unfreeze_at", most=1.0)
        require_number(self, "match_iou", above=0.0, most=1.0)
        require_number(self, "ema_decay", most=0.99999)
        frozen = ("none", "first_map", "all", "auto")
        require(self.frozen in frozen, "frozen", self.frozen, " or ".join(frozen))
        precisions = ("auto", "float32", "bfloat16", "float16")
        require(self.precision in precisions, "precision", self.precision, " or ".join(precisions))
        policies = ("none", "light", "standard", "strong")
        require(self.augment in policies, "augment", self.augment, " or ".join(policies))
        require(self.weights in ("imagenet", "none"), "weights", self.weights, "imagenet or none")
        frozen_noise = self.weights == "none" and self.frozen in ("first_map", "all")
        require(
            not frozen_noise, "frozen", self.frozen, "none while weights is none: random layers must learn"
        )

    @classmethod
    def preset(cls, name: str, /, **overrides: Any) -> TrainConfig:
        """The preset ``quick``, ``balanced`` or ``best``, with any field overridden (None overrides nothing).

        Raises:
            InvalidConfig: there is no such preset or field.
        """
        if name not in PRESETS:
            raise InvalidConfig(f"There is no preset {name!r}: choose one of {', '.join(PRESETS)}.")
        given = {key: value for key, value in overrides.items() if value is not None}
        return cls(**known_fields(cls, {**PRESETS[name], **given, "name": name}))

    def to_json(self) -> dict[str, Any]:
        """The config as a dictionary that JSON can hold."""
        return json_values(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any] | str) -> TrainConfig:
        """Read what :meth:`to_json` gave, as a mapping or as JSON text.

        Raises:
            InvalidConfig: a field is unknown or makes no sense.
        """
        return cls(**known_fields(cls, values))


# What did best on photographs of raccoons and on rendered workshop parts alike. Small batches make more
# steps of the same images; the trunk below the first feature map stays as ImageNet left it; the rest of it
# learns ten times slower than the heads.
_RECIPE = {
    "batch_size": 8,
    "head_learning_rate": 4e-3,
    "backbone_learning_rate": 4e-4,
    "frozen": "auto",
}
#: What each preset sets; a preset is a number of steps of 8 images, so it costs the same on any data set.
PRESETS: dict[str, dict[str, Any]] = {
    "quick": {**_RECIPE, "steps": 240, "validate_every": 80, "checkpoint_every": 80},
    "balanced": {**_RECIPE, "steps": 900, "validate_every": 100, "checkpoint_every": 100},
    "best": {**_RECIPE, "steps": 3000, "validate_every": 200, "checkpoint_every": 200},
}
