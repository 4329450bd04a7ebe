"""How much of the pretrained trunk learns in which part of a run. No TensorFlow here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ssd_core.train_config import TrainConfig

Frozen = Literal["none", "first_map", "all"]

#: For up to so many training images: from which part of the run on how much is frozen.
_BY_IMAGES: tuple[tuple[float, tuple[tuple[float, Frozen], ...]], ...] = (
    (499, ((0.0, "first_map"),)),
    (1999, ((0.0, "first_map"), (0.5, "none"))),
    (float("inf"), ((0.0, "none"),)),
)


@dataclass(frozen=True)
class Stage:
    """A part of a run.

    Attributes:
        first_step: steps done when it begins.
        frozen: how much of the trunk stays as it is: ``none``, ``first_map`` (all layers up to the finest
            feature map) or ``all``.
    """

    first_step: int
    frozen: Frozen


def stages_for(images: int, config: TrainConfig, *, pretrained: bool | None = None) -> tuple[Stage, ...]:
    """The stages of a run; each freezes less than the one before.

    ``frozen="auto"`` chooses by the number of training images, for what a trunk can learn from few images is
    mostly their noise:

    - fewer than 500: the layers up to the finest map stay. Low layers are the general ones (arXiv 1411.1792),
      and of what was measured on 160 images this detects best. So it does on 15: keeping the whole trunk, as
      few-shot detection does (arXiv 2003.06957), costs .06 to .08 of AP (docs/adr/0007);
    - fewer than 2000: these layers learn in the second half, once the heads no longer pull them at random;
    - more: everything learns from the beginning, as in the SSD paper (section 3).

    Args:
        images: the number of training images.
        config: how the run trains.
        pretrained: whether the trunk has learnt before; None: if ``config.weights`` says so. One that has
            not is never frozen by ``auto``.

    Returns:
        At least one stage, the first beginning at step 0, all beginning within the run.
    """
    if pretrained is None:
        pretrained = config.weights == "imagenet"
    parts: tuple[tuple[float, Frozen], ...]
    if config.frozen == "auto":
        fitting = next(parts for most, parts in _BY_IMAGES if images <= most)
        parts = fitting if pretrained else ((0.0, "none"),)
    elif config.frozen == "none":
        parts = ((0.0, "none"),)
    else:
        parts = ((0.0, config.frozen), (config.unfreeze_at, "none"))
    stages: list[Stage] = []
    for share, frozen in parts:
        first_step = round(share * config.steps)
        if stages and stages[-1].first_step == first_step:
            stages.pop()
        if first_step < config.steps:
            stages.append(Stage(first_step, frozen))
    return tuple(stages)
