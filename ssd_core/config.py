"""What a detector is: :class:`SSDConfig`, validated.

No TensorFlow here: the runtime reads these too.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ssd_core.config_fields import is_int, json_values, known_fields, numbers, require, sequence

#: Strides of the feature maps that each backbone hands to the heads; the detector adds coarser levels.
BACKBONE_STRIDES: dict[str, tuple[int, ...]] = {
    "efficientnet_lite0": (8, 16, 32),
    "resnet50": (8, 16, 32),
    "vgg16": (8, 16),
    "mobilenet_v3_large": (8, 16, 32),
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

# What messages say is allowed.
_SIZE = "(height, width), each a whole number from 32 to 4096"
_RATIOS = "a sequence of positive numbers per level, at least one each"
_VARIANCES = "two positive numbers"

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
        neck: ``pyramid`` (coarse maps inform fine ones, and all levels share their heads) or ``none`` (each
            level has heads of its own, as the paper).
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
    neck: Literal["pyramid", "none"] = "pyramid"
    head: Literal["depthwise", "plain"] = "depthwise"
    scales: tuple[float, ...] = ()
    aspect_ratios: tuple[tuple[float, ...], ...] = ()
    steps: tuple[float, ...] | None = None
    variances: tuple[float, float] = (0.1, 0.2)
    clip_default_boxes: bool = False

    def __post_init__(self) -> None:
        set_field = object.__setattr__  # the one moment at which a frozen value may complete itself
        set_field(self, "classes", sequence("classes", self.classes, "a sequence of names"))
        set_field(self, "input_size_hw", sequence("input_size_hw", self.input_size_hw, _SIZE))
        _check_classes(self.classes)
        _check_input_size(self.input_size_hw)
        for name, choices in (
            ("backbone", tuple(BACKBONE_STRIDES)),
            ("neck", ("pyramid", "none")),
            ("head", ("depthwise", "plain")),
        ):
            value = getattr(self, name)
            require(value in choices, name, value, f"one of {', '.join(choices)}")
        clips = self.clip_default_boxes
        require(isinstance(clips, bool), "clip_default_boxes", clips, "True or False")
        self._complete_levels()
        self._check_levels()
        set_field(self, "variances", numbers("variances", self.variances, _VARIANCES))
        positive = len(self.variances) == 2 and all(v > 0 and math.isfinite(v) for v in self.variances)
        require(positive, "variances", self.variances, _VARIANCES)

    def _complete_levels(self) -> None:
        """Put the usual levels where none are given, and all numbers into one form."""
        set_field = object.__setattr__
        seven_levels = max(self.input_size_hw) > _LARGEST_SIX_LEVEL_INPUT
        scales = numbers("scales", self.scales, "positive numbers")
        set_field(self, "scales", scales or (_SCALES_512 if seven_levels else _SCALES_300))
        levels = sequence("aspect_ratios", self.aspect_ratios, _RATIOS)
        ratios = tuple(numbers("aspect_ratios", level, _RATIOS) for level in levels)
        set_field(self, "aspect_ratios", ratios or (_RATIOS_512 if seven_levels else _RATIOS_300))
        if self.steps is not None:
            set_field(self, "steps", numbers("steps", self.steps, "positive numbers, one per level"))

    def _check_levels(self) -> None:
        positive = all(scale > 0 and math.isfinite(scale) for scale in self.scales)
        require(positive, "scales", self.scales, "positive numbers")
        ratios = all(level and all(r > 0 and math.isfinite(r) for r in level) for level in self.aspect_ratios)
        require(ratios, "aspect_ratios", self.aspect_ratios, _RATIOS)
        distinct = all(len(set(level)) == len(level) for level in self.aspect_ratios)
        require(distinct, "aspect_ratios", self.aspect_ratios, "each ratio once per level")
        levels = len(self.aspect_ratios)
        enough = levels >= len(BACKBONE_STRIDES[self.backbone])
        require(enough, "aspect_ratios", self.aspect_ratios, "at least one level per map of the backbone")
        wanted = f"{levels + 1} numbers, one per level and one"
        require(len(self.scales) == levels + 1, "scales", self.scales, wanted)
        if self.steps is not None:
            good = len(self.steps) == levels and all(step > 0 and math.isfinite(step) for step in self.steps)
            require(good, "steps", self.steps, f"{levels} positive numbers, one per level")

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
        return json_values(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any] | str) -> SSDConfig:
        """Read what :meth:`to_json` gave, as a mapping or as JSON text.

        Raises:
            InvalidConfig: a field is unknown, missing or makes no sense.
        """
        return cls(**known_fields(cls, values))


def halved(size: int) -> int:
    """The side of the next coarser level: half, rounded up; three cells or fewer become one (… 5, 3, 1)."""
    return 1 if size <= 3 else -(-size // 2)


def _check_classes(classes: Sequence[str]) -> None:
    require(len(classes) >= 1, "classes", classes, "at least one name")
    for name in classes:
        require(isinstance(name, str) and bool(name.strip()), "classes", name, "names that are not empty")
    require(len(set(classes)) == len(classes), "classes", classes, "each name once")


def _check_input_size(size_hw: Sequence[int]) -> None:
    good = len(size_hw) == 2 and all(is_int(side) and 32 <= side <= 4096 for side in size_hw)
    require(good, "input_size_hw", size_hw, _SIZE)
