"""What a detector is (:class:`SSDConfig`) and how it is trained (:class:`TrainConfig`), as validated values.

No TensorFlow here: the runtime reads these too.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from ssd_core.errors import InvalidConfig

#: Strides of the feature maps that each backbone hands to the heads; the detector adds coarser levels.
BACKBONE_STRIDES: dict[str, tuple[int, ...]] = {
    "efficientnet_lite0": (8, 16, 32),
    "resnet50": (8, 16, 32),
}

_SCALES_300 = (0.1, 0.2, 0.37, 0.54, 0.71, 0.88, 1.05)
_RATIOS_300 = (
    (0.5, 1.0, 2.0),
    (0.5, 1 / 3, 1.0, 2.0, 3.0),
    (0.5, 1 / 3, 1.0, 2.0, 3.0),
    (0.5, 1 / 3, 1.0, 2.0, 3.0),
    (0.5, 1.0, 2.0),
    (0.5, 1.0, 2.0),
)
# SSD512 of the paper's code (VOC): sizes 35.84, 76.8, 153.6, 230.4, 307.2, 384, 460.8 and 537.6 of 512.
_SCALES_512 = (0.07, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9, 1.05)
_RATIOS_512 = (_RATIOS_300[0], *(_RATIOS_300[1],) * 4, *(_RATIOS_300[0],) * 2)

#: Inputs with a longer side than this use the seven levels of SSD512.
_LARGEST_SIX_LEVEL_INPUT = 400

#: The original notebook's dictionary: SSD300, one class and the background.
config: dict[str, Any] = {
    "input_shape": [300, 300],
    "scales": list(_SCALES_300),
    "aspect_ratios": [list(ratios) for ratios in _RATIOS_300],
    "feature_sizes": [38, 19, 10, 5, 3, 1],
    "clip_default_boxes": False,
    "num_classes": 2,
    "batch_size": 16,
}


@dataclass(frozen=True)
class SSDConfig:
    """A detector's architecture: equal configs build equal networks.

    Attributes:
        classes: names without the background, in their frozen order; class index 0 is ``classes[0]``.
        input_size_hw: height and width in pixels to which every image is warped.
        backbone: a key of :data:`BACKBONE_STRIDES`.
        head: ``depthwise`` (3×3 depthwise, then 1×1: small and fast) or ``plain`` (3×3, as the paper).
        scales: one scale per level plus one; a default box of ratio 1 has the side ``scale × input side``.
            Empty means the usual ones for the input size (SSD300's six levels, SSD512's seven).
        aspect_ratios: width ÷ height of the default boxes of each level. Empty means the usual ones.
        steps: distance in pixels between default boxes of each level; None means ceil(input ÷ feature size).
        variances: what centre and size offsets are divided by (paper's code: .1 and .2).
        clip_default_boxes: cut default boxes at the image border.

    Raises:
        InvalidConfig: a field makes no sense; the message names it.
    """

    classes: tuple[str, ...]
    input_size_hw: tuple[int, int] = (300, 300)
    backbone: str = "efficientnet_lite0"
    head: Literal["depthwise", "plain"] = "depthwise"
    scales: tuple[float, ...] = ()
    aspect_ratios: tuple[tuple[float, ...], ...] = ()
    steps: tuple[float, ...] | None = None
    variances: tuple[float, float] = (0.1, 0.2)
    clip_default_boxes: bool = False

    def __post_init__(self) -> None:
        set_field = object.__setattr__  # the one moment at which a frozen value may complete itself
        _require(not isinstance(self.classes, str), "classes", self.classes, "a sequence of names")
        set_field(self, "classes", tuple(self.classes))
        set_field(self, "input_size_hw", tuple(self.input_size_hw))
        _check_classes(self.classes)
        _check_input_size(self.input_size_hw)
        seven_levels = max(self.input_size_hw) > _LARGEST_SIX_LEVEL_INPUT
        scales = self.scales or (_SCALES_512 if seven_levels else _SCALES_300)
        ratios = self.aspect_ratios or (_RATIOS_512 if seven_levels else _RATIOS_300)
        set_field(self, "scales", tuple(float(scale) for scale in scales))
        set_field(self, "aspect_ratios", tuple(tuple(float(r) for r in level) for level in ratios))
        set_field(self, "variances", tuple(float(v) for v in self.variances))
        if self.steps is not None:
            set_field(self, "steps", tuple(float(step) for step in self.steps))
        known = ", ".join(BACKBONE_STRIDES)
        _require(self.backbone in BACKBONE_STRIDES, "backbone", self.backbone, f"one of {known}")
        _require(self.head in ("depthwise", "plain"), "head", self.head, "depthwise or plain")
        self._check_levels()
        positive = len(self.variances) == 2 and all(v > 0 and math.isfinite(v) for v in self.variances)
        _require(positive, "variances", self.variances, "two positive numbers")

    def _check_levels(self) -> None:
        positive = all(scale > 0 and math.isfinite(scale) for scale in self.scales)
        _require(positive, "scales", self.scales, "positive numbers")
        ratios = all(level and all(r > 0 and math.isfinite(r) for r in level) for level in self.aspect_ratios)
        _require(ratios, "aspect_ratios", self.aspect_ratios, "positive numbers, at least one per level")
        distinct = all(len(set(level)) == len(level) for level in self.aspect_ratios)
        _require(distinct, "aspect_ratios", self.aspect_ratios, "each ratio once per level")
        levels = len(self.aspect_ratios)
        enough = levels >= len(BACKBONE_STRIDES[self.backbone])
        _require(enough, "aspect_ratios", self.aspect_ratios, "at least one level per map of the backbone")
        _require(
            len(self.scales) == levels + 1,
            "scales",
            self.scales,
            f"{levels + 1} numbers, one per level and one",
        )
        if self.steps is not None:
            good = len(self.steps) == levels and all(step > 0 and math.isfinite(step) for step in self.steps)
            _require(good, "steps", self.steps, f"{levels} positive numbers, one per level")

    @property
    def num_classes(self) -> int:
        """The number of classes with the background."""
        return len(self.classes) + 1

    @property
    def feature_sizes_hw(self) -> tuple[tuple[int, int], ...]:
        """Height and width of every level's feature map, finest first."""
        height, width = self.input_size_hw
        sizes = [(-(-height // s), -(-width // s)) for s in BACKBONE_STRIDES[self.backbone]]
        while len(sizes) < len(self.aspect_ratios):
            sizes.append((halved(sizes[-1][0]), halved(sizes[-1][1])))
        return tuple(sizes)

    @property
    def boxes_per_cell(self) -> tuple[int, ...]:
        """The number of default boxes of one cell, per level: its ratios and one more square."""
        return tuple(len(ratios) + 1 for ratios in self.aspect_ratios)

    @property
    def num_default_boxes(self) -> int:
        """The number of default boxes over all levels (8732 for SSD300)."""
        return sum(h * w * n for (h, w), n in zip(self.feature_sizes_hw, self.boxes_per_cell, strict=True))

    def to_json(self) -> dict[str, Any]:
        """The config as a dictionary that JSON can hold; :meth:`from_json` gives back an equal one."""
        return _to_json(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any] | str) -> SSDConfig:
        """Read what :meth:`to_json` gave, as a mapping or as JSON text.

        Raises:
            InvalidConfig: a field is unknown, missing or makes no sense.
        """
        return cls(**_known_fields(cls, values))


@dataclass(frozen=True)
class TrainConfig:
    """How one run trains. A run is a number of optimiser steps, whatever the size of the data set.

    Attributes:
        name: the name of the preset these values came from, for the record.
        steps: optimiser steps.
        batch_size: images per step, over all devices.
        head_learning_rate: peak rate of the new layers.
        backbone_learning_rate: peak rate of the pretrained layers, ten to twenty times lower.
        weight_decay: decoupled decay of kernels; biases and norms have none.
        clip_norm: global norm to which gradients are cut.
        warmup_fraction: part of the steps in which the rate climbs; then it falls along a cosine to zero.
        frozen: how much of the pretrained trunk stays as it is: ``none``, ``first_map`` (all layers up to
            the finest feature map) or ``all``.
        ema_decay: limit of the running average's decay, ramped for short runs; 0 switches the average off.
        augment: ``none``, ``light`` or ``standard``.
        match_iou: IoU from which a default box counts as an object.
        negative_ratio: hard negatives per positive, per image.
        negative_floor: hard negatives of an image at least, so that empty images teach.
        validate_every: steps between two looks at the validation images.
        checkpoint_every: steps between two checkpoints.
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
    frozen: Literal["none", "first_map", "all"] = "none"
    ema_decay: float = 0.99
    augment: Literal["none", "light", "standard"] = "standard"
    match_iou: float = 0.5
    negative_ratio: float = 3.0
    negative_floor: int = 3
    validate_every: int = 25
    checkpoint_every: int = 50
    weights: Literal["imagenet", "none"] = "imagenet"
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("steps", "batch_size", "validate_every", "checkpoint_every"):
            value = getattr(self, name)
            _require(_is_int(value) and value >= 1, name, value, "a whole number of at least 1")
        for name in ("seed", "negative_floor"):
            value = getattr(self, name)
            _require(_is_int(value) and value >= 0, name, value, "a whole number of at least 0")
        for name in ("head_learning_rate", "clip_norm"):
            _require_number(self, name, above=0.0)
        for name in ("backbone_learning_rate", "weight_decay", "negative_ratio"):
            _require_number(self, name)
        _require_number(self, "warmup_fraction", most=1.0)
        _require_number(self, "match_iou", above=0.0, most=1.0)
        _require_number(self, "ema_decay", most=0.99999)
        _require(self.frozen in ("none", "first_map", "all"), "frozen", self.frozen, "none, first_map or all")
        policies = ("none", "light", "standard")
        _require(self.augment in policies, "augment", self.augment, " or ".join(policies))
        _require(self.weights in ("imagenet", "none"), "weights", self.weights, "imagenet or none")
        frozen_noise = self.weights == "none" and self.frozen != "none"
        _require(
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
        return cls(**_known_fields(cls, {**PRESETS[name], **given, "name": name}))

    def to_json(self) -> dict[str, Any]:
        """The config as a dictionary that JSON can hold."""
        return _to_json(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any] | str) -> TrainConfig:
        """Read what :meth:`to_json` gave, as a mapping or as JSON text.

        Raises:
            InvalidConfig: a field is unknown or makes no sense.
        """
        return cls(**_known_fields(cls, values))


# What did best on photographs of raccoons and on rendered workshop parts alike. Small batches make more
# steps of the same images; the trunk below the first feature map stays as ImageNet left it; the rest of it
# learns ten times slower than the heads.
_RECIPE = {
    "batch_size": 8,
    "head_learning_rate": 4e-3,
    "backbone_learning_rate": 4e-4,
    "frozen": "first_map",
}
#: What each preset sets; a preset is a number of steps of 8 images, so it costs the same on any data set.
PRESETS: dict[str, dict[str, Any]] = {
    "quick": {**_RECIPE, "steps": 240, "validate_every": 80, "checkpoint_every": 80},
    "balanced": {**_RECIPE, "steps": 900, "validate_every": 100, "checkpoint_every": 100},
    "best": {**_RECIPE, "steps": 3000, "validate_every": 200, "checkpoint_every": 200},
}


def halved(size: int) -> int:
    """The side of the next coarser level: half, rounded up; three cells or fewer become one (… 5, 3, 1)."""
    return 1 if size <= 3 else -(-size // 2)


def _check_classes(classes: Sequence[str]) -> None:
    _require(len(classes) >= 1, "classes", classes, "at least one name")
    for name in classes:
        _require(isinstance(name, str) and bool(name.strip()), "classes", name, "names that are not empty")
    _require(len(set(classes)) == len(classes), "classes", classes, "each name once")


def _check_input_size(size_hw: Sequence[int]) -> None:
    good = len(size_hw) == 2 and all(_is_int(side) and 32 <= side <= 4096 for side in size_hw)
    _require(good, "input_size_hw", size_hw, "(height, width), each a whole number from 32 to 4096")


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _require(condition: bool, field: str, value: object, allowed: str) -> None:
    if not condition:
        raise InvalidConfig(f"The setting {field} is {value!r}, but must be {allowed}.")


def _require_number(config: object, name: str, above: float | None = None, most: float = math.inf) -> None:
    value = getattr(config, name)
    number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    low = number and (value > above if above is not None else value >= 0)
    floor = f"above {above:g}" if above is not None else "of at least 0"
    ceiling = "" if most == math.inf else f" and at most {most:g}"
    _require(bool(low and value <= most), name, value, f"a number {floor}{ceiling}")


def _to_json(config: Any) -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(json.dumps(asdict(config)))
    return decoded


def _known_fields(cls: Any, values: Mapping[str, Any] | str) -> dict[str, Any]:
    mapping = json.loads(values) if isinstance(values, str) else values
    if not isinstance(mapping, Mapping):
        raise InvalidConfig(f"{cls.__name__} needs named fields, not {type(mapping).__name__}.")
    known = {field.name: field for field in fields(cls)}
    unknown = sorted(set(mapping) - set(known))
    if unknown:
        raise InvalidConfig(f"{cls.__name__} has no setting {unknown[0]!r}; it has {', '.join(known)}.")
    if cls is SSDConfig and "classes" not in mapping:
        raise InvalidConfig("SSDConfig needs the setting 'classes': the names without the background.")
    return {name: _tuples(value) for name, value in mapping.items()}


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, (list, tuple)) else value
