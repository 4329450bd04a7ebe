"""What makes two runs the same run, so that one can go on with what the other saved."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from ssd_core.config import SSDConfig
from ssd_core.example import Example
from ssd_core.train_config import TrainConfig

#: Rises when a run saves something else, so that no older state is taken for one of its own.
STATE_FORMAT = 2


def run_identity(
    train: Sequence[Example],
    val: Sequence[Example],
    config: SSDConfig,
    settings: TrainConfig,
    earlier_model: str | None,
) -> dict[str, Any]:
    """Everything that a run's result depends on, as JSON values by the names that messages call them.

    Args:
        train: the training images; their names and objects count.
        val: the validation images.
        config: the detector.
        settings: how it is trained.
        earlier_model: digest of the model that the run goes on from, or None.
    """
    return {
        "format of saved states": STATE_FORMAT,
        "detector config": config.to_json(),
        "training config": settings.to_json(),
        "earlier model": earlier_model,
        "set of training images": _digest(train),
        "set of validation images": _digest(val),
    }


def _digest(examples: Sequence[Example]) -> str:
    digest = hashlib.sha256()
    for example in examples:
        digest.update(example.name.encode() + b"\0")
        for array in (example.boxes_xyxy, example.class_ids, example.ignore):
            digest.update(repr(array.shape).encode() + array.tobytes())
        # Runs from before there were such places, and all without any, stay the runs that they are.
        if len(example.negative_boxes_xyxy):
            digest.update(b"negative" + example.negative_boxes_xyxy.tobytes())
    return digest.hexdigest()
