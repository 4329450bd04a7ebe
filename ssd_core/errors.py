"""What can go wrong in the detector, as one small tree.

SSDError
├── InvalidConfig       a setting that makes no sense; names the field
├── InvalidExample      an image or box that cannot be trained on; names it
├── WeightsUnavailable  pretrained weights that cannot be had; says what to do
├── InvalidArtifact     a model folder that is damaged or of another kind
├── TrainingDiverged    the loss stopped being a number
├── OutOfMemory         not even one image at a time can be trained on
└── TrainingStopped     asked to stop; the state was saved
"""

from __future__ import annotations


class SSDError(Exception):
    """Base of every error the detector raises on purpose; its text is a sentence for the user."""


class InvalidConfig(SSDError):
    """A setting makes no sense; the message names the field, the value and what is allowed."""


class InvalidExample(SSDError):
    """An image or one of its boxes cannot be trained on; the message names it."""


class WeightsUnavailable(SSDError):
    """Pretrained weights cannot be had here; the message says what to do."""


class InvalidArtifact(SSDError):
    """A model folder is damaged, incomplete or not ours."""


class TrainingDiverged(SSDError):
    """The loss is no longer a finite number; the message names the images of the batch."""


class OutOfMemory(SSDError):
    """Training does not fit into memory, even with one image at a time; the message says what to change."""


class TrainingStopped(SSDError):
    """Training was asked to stop; its state is saved and can be resumed.

    Args:
        reason: the word that ``should_stop`` gave.
        step: optimiser steps done.
    """

    def __init__(self, reason: str, step: int) -> None:
        super().__init__(f"Training stopped at step {step}: {reason}.")
        self.reason = reason
        self.step = step
