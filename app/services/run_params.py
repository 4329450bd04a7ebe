"""What a run may be asked to be: checked and completed into the parameters that its row keeps."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.jobs import registration
from app.settings import DEVICE
from data.errors import DataError
from data.records import LabelClass, Model
from ssd_core.config import SSDConfig
from ssd_core.errors import InvalidConfig
from ssd_core.train_config import TrainConfig

#: A week.
LONGEST_MINUTES = 7 * 24 * 60
MOST_STEPS = 1_000_000
MOST_EPOCHS = 10_000
LARGEST_BATCH = 512
#: What a run starts from that starts from no model.
IMAGENET = registration.IMAGENET
DEFAULT_BACKBONE = "efficientnet_lite0"
DEFAULT_INPUT_SIZE = 300
LARGEST_PRIORITY = 1000
LARGEST_SEED = 2**31 - 1
_BOUNDS = {
    "epochs": (1, MOST_EPOCHS),
    "steps": (1, MOST_STEPS),
    "batch": (1, LARGEST_BATCH),
    "seed": (0, LARGEST_SEED),
    "priority": (0, LARGEST_PRIORITY),
}
#: How often a run of so many epochs looks at the validation images.
_VALIDATIONS = 8
#: How often one of so many steps does at most: what was seen each time is kept, and shown.
_MOST_VALIDATIONS = 40


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asks for; None leaves it to the preset or to the model that training starts from.

    ``start`` is ``imagenet`` or the id of a model; of ``steps``, ``epochs`` and ``minutes`` at most one is
    given. ``device`` None means any; of ``priority`` the lower goes first.

    Raises:
        InvalidConfig: a setting makes no sense; names it.
        DataError: the minutes make no sense.
    """

    preset: str = "quick"
    seed: int = 0
    steps: int | None = None
    epochs: int | None = None
    minutes: float | None = None
    backbone: str | None = None
    input_size: int | None = None
    batch: int | None = None
    augmentation: str | None = None
    start: str = IMAGENET
    device: str | None = None
    priority: int = 10

    def __post_init__(self) -> None:
        given = [name for name in ("steps", "epochs", "minutes") if getattr(self, name) is not None]
        if len(given) > 1:
            raise InvalidConfig(f"{' and '.join(given)} both say how long to train: give one of them.")
        if self.minutes is not None and not 0 < self.minutes <= LONGEST_MINUTES:
            raise DataError(
                f"{self.minutes:g} minutes of training make no sense: choose more than 0, a week at most."
            )
        for name, (least, most) in _BOUNDS.items():
            value = getattr(self, name)
            if value is not None and not least <= value <= most:
                raise InvalidConfig(f"The setting {name} is {value}, but must be between {least} and {most}.")
        if self.device is not None and not re.match(DEVICE, self.device):
            raise InvalidConfig(f"There is no device {self.device!r}: choose a GPU's number, cpu or all.")

    def backbone_after(self, parent: Model | None) -> str:
        """The backbone to build on: the one asked for, else that of the model that training starts from.

        Raises:
            InvalidConfig: the model has another one, whose weights fit no other.
        """
        inherited = None if parent is None else parent.params.get("backbone")
        if parent is not None and inherited and self.backbone not in (None, inherited):
            raise InvalidConfig(
                f"The setting backbone is {self.backbone!r}, but the model {parent.name!r} has "
                f"{inherited!r}: leave it out to go on from that model, or start from ImageNet's weights."
            )
        return self.backbone or inherited or DEFAULT_BACKBONE

    def input_size_after(self, parent: Model | None) -> int:
        """The side of the network's input in pixels, chosen likewise."""
        inherited = None if parent is None else parent.params.get("input_size")
        if self.input_size is not None:
            return self.input_size
        return inherited if isinstance(inherited, int) else DEFAULT_INPUT_SIZE

    def train_config(self, train_images: int) -> TrainConfig:
        """How to train, with the steps that the epochs make; those of minutes are measured when it starts."""
        config = TrainConfig.preset(
            self.preset,
            steps=self.steps,
            seed=self.seed,
            batch_size=self.batch,
            augment=self.augmentation,
        )
        if self.epochs is not None:
            steps = min(MOST_STEPS, math.ceil(self.epochs * train_images / config.batch_size))
            every = math.ceil(steps / min(_VALIDATIONS, self.epochs))
        else:
            steps, every = config.steps, max(config.validate_every, config.steps // _MOST_VALIDATIONS)
        return replace(config, steps=steps, validate_every=every, checkpoint_every=every)

    def params(
        self, classes: Sequence[LabelClass], train_images: int, parent: Model | None, model_name: str
    ) -> dict[str, Any]:
        """What the run's row keeps.

        Raises:
            InvalidConfig: a setting makes no sense.
        """
        backbone, side = self.backbone_after(parent), self.input_size_after(parent)
        SSDConfig(
            classes=tuple(item.name for item in classes),
            backbone=backbone,
            input_size_hw=(side, side),
        )
        config = self.train_config(train_images)
        return {
            "preset": self.preset,
            "seed": self.seed,
            "minutes": self.minutes,
            "backbone": backbone,
            "input_size": side,
            "start": self.start,
            "model_name": model_name,
            "train_config": config.to_json(),
        }


def changed(params: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a run that is resumed with changes, and so begins anew.

    Args:
        params: of the run.
        changes: any of ``batch``, ``backbone`` and ``input_size``.

    Raises:
        DataError: something else shall change.
        InvalidConfig: a change makes no sense.
    """
    unknown = set(changes) - {"batch", "backbone", "input_size"}
    if unknown:
        raise DataError(
            f"A run cannot be resumed with another {' or '.join(sorted(unknown))}: start a new one."
        )
    config = TrainConfig.from_json(params["train_config"])
    if "batch" in changes:
        batch = int(changes["batch"])
        Wanted(batch=batch)  # Held to the bounds of a run that begins.
        config = replace(config, batch_size=batch)
    backbone = str(changes.get("backbone", params["backbone"]))
    if backbone != params["backbone"] and params.get("start", IMAGENET) != IMAGENET:
        raise InvalidConfig(
            f"The run goes on from a model, whose weights fit no backbone but {params['backbone']!r}. "
            "Start a new run from ImageNet's weights for another one."
        )
    side = int(changes.get("input_size", params["input_size"]))
    SSDConfig(classes=("any",), backbone=backbone, input_size_hw=(side, side))
    return {
        **params,
        "backbone": backbone,
        "input_size": side,
        "train_config": config.to_json(),
        "revision": int(params.get("revision", 0)) + 1,
    }
