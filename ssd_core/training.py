"""Train a detector: one loop over optimiser steps that can be stopped anywhere and go on from there."""

from __future__ import annotations

import hashlib
import logging
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from ssd_core.checkpoint import Checkpoints
from ssd_core.config import SSDConfig
from ssd_core.errors import InvalidExample, TrainingDiverged, TrainingStopped
from ssd_core.example import Example
from ssd_core.image_store import ImageStore
from ssd_core.learner import Learner
from ssd_core.pipeline import Batch, prepare_images, training_batches
from ssd_core.progress import Progress, Reporter
from ssd_core.selection import BestWeights
from ssd_core.train_config import TrainConfig
from ssd_core.validation import Validator

__all__ = ["FitResult", "Progress", "available_strategy", "check_examples", "fit"]

_log = logging.getLogger(__name__)

OnProgress = Callable[[Progress], None]
ShouldStop = Callable[[], str | None]


@dataclass(frozen=True, eq=False)
class FitResult:
    """A trained network.

    Attributes:
        network: with the weights that did best on the validation images; of
            :func:`~ssd_core.model.build_network`, for one device.
        metrics: of these weights on the validation images (see :func:`~ssd_core.evaluation.evaluate`); empty
            without validation images.
        best_step: steps after which the weights were taken.
        steps: optimiser steps of the run.
        seconds: of this process, from the call to the result.
        images_per_second: median over the last steps, the input pipeline included; None below two steps.
    """

    network: keras.Model
    metrics: dict[str, Any]
    best_step: int
    steps: int
    seconds: float
    images_per_second: float | None


def fit(
    train: Sequence[Example],
    val: Sequence[Example],
    config: SSDConfig,
    train_config: TrainConfig,
    folder: Path,
    *,
    on_progress: OnProgress = lambda progress: None,
    should_stop: ShouldStop = lambda: None,
    strategy: tf.distribute.Strategy | None = None,
) -> FitResult:
    """Train a detector, or go on with a training that was stopped.

    Equal arguments give an equal network on one machine, stopped and resumed or not.

    Args:
        train: the training images, at least one.
        val: the validation images, by which the best weights are chosen; may be empty.
        config: the detector.
        train_config: how to train.
        folder: for checkpoints; made if needed. An unfinished run of equal arguments in it is resumed.
        on_progress: called about twice a second and after each validation.
        should_stop: asked before each step; a word instead of None saves the state and stops.
        strategy: over which devices; None means all GPUs of this machine, else the CPU.

    Returns:
        The network with its best weights.

    Raises:
        InvalidExample: an image or box cannot be trained on; names it.
        InvalidConfig: the folder belongs to another run.
        WeightsUnavailable: the pretrained weights cannot be had.
        TrainingDiverged: the loss is no longer a number; names the images of the batch.
        TrainingStopped: ``should_stop`` gave a reason; the state is saved.
    """
    started = time.monotonic()
    folder = Path(folder)
    check_examples(train, val, config)
    reporter = Reporter(
        on_progress,
        images=len(train),
        steps=train_config.steps,
        batch_size=train_config.batch_size,
        validate_every=train_config.validate_every if val else None,
    )
    run = _Run(
        train, val, config, train_config, folder, strategy or available_strategy(), reporter, should_stop
    )
    run.train()
    best_step, metrics = run.choose_best()
    return FitResult(
        network=run.validator.network,
        metrics=metrics,
        best_step=best_step,
        steps=train_config.steps,
        seconds=time.monotonic() - started,
        images_per_second=reporter.images_per_second,
    )


def available_strategy() -> tf.distribute.Strategy:
    """All GPUs of this machine if there are several, else its one GPU or CPU."""
    if len(tf.config.list_logical_devices("GPU")) > 1:
        return tf.distribute.MirroredStrategy()
    return tf.distribute.get_strategy()


class _Run:
    """What one call of :func:`fit` works with, and its loop."""

    def __init__(
        self,
        train: Sequence[Example],
        val: Sequence[Example],
        config: SSDConfig,
        settings: TrainConfig,
        folder: Path,
        strategy: tf.distribute.Strategy,
        reporter: Reporter,
        should_stop: ShouldStop,
    ) -> None:
        self._config, self._settings = config, settings
        self._strategy, self._reporter, self._should_stop = strategy, reporter, should_stop
        self._step = 0
        self._metrics: dict[str, Any] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        reporter.report("preparing", 0, force=True)
        self._images = prepare_images(train, config, ImageStore(folder / "images.raw"), self._image_prepared)
        self.validator = Validator(val, config)
        self._learner = Learner(config, settings, strategy)
        self._best = BestWeights(folder, self.validator.boxes)
        self._checkpoints = Checkpoints(
            folder,
            _identity(train, val, config, settings),
            network=self._learner.network,
            optimizer=self._learner.optimizer,
            average=self._learner.average,
            step=self._learner.step,
            best=self._best,
        )

    def train(self) -> None:
        """Train from where the folder's checkpoint is to the last step."""
        if self._checkpoints.restore():
            self._step = int(self._learner.step)
            _log.info("Training goes on after step %d.", self._step)
        self._reporter.report("training", self._step, force=True)
        batches = iter(self._batches())
        while self._step < self._settings.steps:
            reason = self._should_stop()
            if reason is not None:
                self._checkpoints.save(self._step)
                raise TrainingStopped(reason, self._step)
            self._one_step(batches)
            self._validate_and_save()

    def choose_best(self) -> tuple[int, dict[str, Any]]:
        """Put the best weights into the validator's network; gives their step and metrics."""
        self._reporter.report("finishing", self._step, force=True)
        network = self.validator.network
        if not self._best.load_into(network):
            self._learner.average.copy_to(network)
            return self._step, {}
        best_step = int(self._best.step)
        if best_step == self._step and self._metrics is not None:
            return best_step, self._metrics
        return best_step, self.validator.metrics()

    def _image_prepared(self, _: int) -> None:
        reason = self._should_stop()
        if reason is not None:
            raise TrainingStopped(reason, self._step)
        self._reporter.report("preparing", 0)

    def _batches(self) -> Any:
        batches = training_batches(self._images, self._config, self._settings, self._step)
        if self._strategy.num_replicas_in_sync == 1:
            return batches
        return self._strategy.experimental_distribute_dataset(batches)

    def _one_step(self, batches: Iterator[Batch]) -> None:
        begun = time.monotonic()
        batch = next(batches)
        loss, norm = (float(value) for value in self._learner.train_on(batch))
        if not (math.isfinite(loss) and math.isfinite(norm)):
            raise self._diverged(batch)
        self._step += 1
        self._reporter.step_done(loss, time.monotonic() - begun)

    def _validate_and_save(self) -> None:
        settings = self._settings
        last = self._step == settings.steps
        validates = self.validator.boxes > 0 and (last or self._step % settings.validate_every == 0)
        if validates:
            self._validate()
        if validates or last or self._step % settings.checkpoint_every == 0:
            self._checkpoints.save(self._step)
            self._best.forget_others()
        metrics = self._metrics if validates else None
        self._reporter.report("training", self._step, force=validates or last, metrics=metrics)

    def _validate(self) -> None:
        self._reporter.report("validating", self._step, force=True)
        begun = time.monotonic()
        self._learner.average.copy_to(self.validator.network)
        self._metrics = self.validator.metrics()
        self._best.offer(self.validator.network, self._metrics["AP"], self._step)
        self._reporter.validation_done(time.monotonic() - begun)

    def _diverged(self, batch: Batch) -> TrainingDiverged:
        parts = self._strategy.experimental_local_results(batch.indices)
        names = dict.fromkeys(self._images.names[int(index)] for part in parts for index in part)
        return TrainingDiverged(
            f"The loss at step {self._step + 1} is not a finite number. The images of this step were "
            f"{', '.join(names)}: check their boxes, or train with a lower learning rate."
        )


def check_examples(train: Sequence[Example], val: Sequence[Example], config: SSDConfig) -> None:
    """Check what can be checked before anything is decoded.

    Raises:
        InvalidExample: there is no training image, or a class index has no name.
    """
    if not train:
        raise InvalidExample("There is no training image: give at least one.")
    for example in (*train, *val):
        unknown = example.class_ids[example.class_ids >= len(config.classes)]
        if len(unknown):
            raise InvalidExample(
                f"Image {example.name!r} has class index {unknown[0]}, but there are only "
                f"{len(config.classes)} classes: {', '.join(config.classes)}."
            )


def _identity(
    train: Sequence[Example], val: Sequence[Example], config: SSDConfig, settings: TrainConfig
) -> dict[str, Any]:
    return {
        "detector config": config.to_json(),
        "training config": settings.to_json(),
        "set of training images": _digest(train),
        "set of validation images": _digest(val),
    }


def _digest(examples: Sequence[Example]) -> str:
    digest = hashlib.sha256()
    for example in examples:
        digest.update(example.name.encode() + b"\0")
        for array in (example.boxes_xyxy, example.class_ids, example.ignore):
            digest.update(repr(array.shape).encode() + array.tobytes())
    return digest.hexdigest()
