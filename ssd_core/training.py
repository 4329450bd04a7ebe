"""Train a detector: one loop over optimiser steps that can be stopped anywhere and go on from there."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from ssd_core.checkpoint import Checkpoints
from ssd_core.config import SSDConfig
from ssd_core.devices import available_strategy, check_even_share
from ssd_core.early_stopping import Patience
from ssd_core.epochs import Epoch, EpochTally
from ssd_core.errors import InvalidExample, OutOfMemory, TrainingDiverged, TrainingStopped
from ssd_core.example import Example
from ssd_core.image_store import ImageStore
from ssd_core.inheritance import EarlierModel
from ssd_core.learner import Learner, StepTooLarge
from ssd_core.pipeline import Batch, prepare_images, training_batches
from ssd_core.progress import Phase, Progress, Reporter
from ssd_core.run_identity import run_identity
from ssd_core.selection import BestWeights
from ssd_core.stages import stages_for
from ssd_core.train_config import TrainConfig
from ssd_core.validation import Look, Validator

__all__ = ["Epoch", "FitResult", "Look", "Progress", "available_strategy", "check_examples", "fit"]

_log = logging.getLogger(__name__)

#: A run whose loss stopped being a number goes on with half its learning rate, at most down to this.
LOWEST_RATE_FACTOR = 1 / 8
#: A kill costs no more than this, whatever the settings say about checkpoints.
SECONDS_BETWEEN_CHECKPOINTS = 60.0
FINISHED_EARLY = "Stopped when asked to, with the best weights so far."

OnProgress = Callable[[Progress], None]
OnEpoch = Callable[[Epoch], None]
OnLook = Callable[[Look], None]
ShouldStop = Callable[[], str | None]
ShouldFinish = Callable[[], bool]


@dataclass(frozen=True, eq=False)
class FitResult:
    """A trained network.

    Attributes:
        network: with the weights that did best on the validation images; of
            :func:`~ssd_core.model.build_network`, float32, for one device.
        metrics: of these weights on the validation images (see :func:`~ssd_core.evaluation.evaluate`); empty
            without validation images.
        best_step: steps after which the weights were taken.
        steps: optimiser steps that were done.
        seconds: of this process, from the call to the result.
        images_per_second: median over the last steps, the input pipeline included; None below two steps.
        stopped_early: why the run ended before its last step, as a sentence; None if it did not.
        images_at_once: how many images each device looked at together in the end, if memory did not suffice
            for its whole share of a batch; None if it did.
        rate_factor: by which all learning rates were multiplied in the end: halved each time that the loss
            had stopped being a number.
    """

    network: keras.Model
    metrics: dict[str, Any]
    best_step: int
    steps: int
    seconds: float
    images_per_second: float | None
    stopped_early: str | None = None
    images_at_once: int | None = None
    rate_factor: float = 1.0

    def troubles(self) -> dict[str, Any]:
        """What the run did that it was not told to, by the names of the attributes; mostly nothing."""
        usual = {"stopped_early": None, "images_at_once": None, "rate_factor": 1.0}
        return {name: getattr(self, name) for name, value in usual.items() if getattr(self, name) != value}


def fit(
    train: Sequence[Example],
    val: Sequence[Example],
    config: SSDConfig,
    train_config: TrainConfig,
    folder: Path,
    *,
    initial: Path | None = None,
    on_progress: OnProgress = lambda progress: None,
    on_epoch: OnEpoch = lambda epoch: None,
    on_look: OnLook = lambda look: None,
    should_stop: ShouldStop = lambda: None,
    should_finish: ShouldFinish = lambda: False,
    strategy: tf.distribute.Strategy | None = None,
) -> FitResult:
    """Train a detector, or go on with a training that was stopped.

    Equal arguments give an equal network on the CPU of one machine, stopped and resumed or not.

    What can go wrong on the way is mended on the way. If memory does not suffice, the gradient of a batch is
    added up over parts of it, of half the size each time. It stays that of the whole batch, but norms that
    learn see, and average, the statistics of the parts. If the loss is no longer a number, the last saved
    state comes back and all rates are halved. Both decisions are saved with the state.

    Args:
        train: the training images, at least one.
        val: the validation images, by which the best weights are chosen; may be empty.
        config: the detector.
        train_config: how to train.
        folder: for checkpoints; made if needed. An unfinished run of equal arguments in it is resumed.
        initial: the folder of an earlier model to go on from, instead of ImageNet's weights or none
            (``train_config.weights`` is then not read). What it knows of classes goes by their names. All
            that comes from it learns at the backbone's rate, what stands for new classes at the heads'.
        on_progress: called about twice a second and after each validation.
        on_epoch: called after each pass over the training images.
        on_look: called after each validation.
        should_stop: asked before each step; a word instead of None saves the state and stops.
        should_finish: asked before each step; true makes it the last, and the best weights so far the result.
        strategy: over which devices; None means all GPUs of this machine that share a batch evenly, else the
            CPU.

    Returns:
        The network with its best weights.

    Raises:
        InvalidExample: an image or box cannot be trained on; names it.
        InvalidConfig: the folder belongs to another run, the earlier model is another kind of detector, or
            the devices cannot share a batch evenly.
        InvalidArtifact: the earlier model is damaged.
        WeightsUnavailable: the pretrained weights cannot be had.
        TrainingDiverged: the loss is no longer a number, however low the rate; names the images of the batch.
        OutOfMemory: not even one image at a time can be trained on.
        TrainingStopped: ``should_stop`` gave a reason; the state is saved.
    """
    started = time.monotonic()
    check_examples(train, val, config)
    strategy = strategy or available_strategy(train_config.batch_size)
    check_even_share(strategy, train_config.batch_size)
    earlier = None if initial is None else EarlierModel(initial, config)
    reporter = Reporter(
        on_progress,
        images=len(train),
        steps=train_config.steps,
        batch_size=train_config.batch_size,
        validate_every=train_config.validate_every if val else None,
    )
    epochs = EpochTally(on_epoch, len(train), train_config.batch_size)
    hooks = _Hooks(on_look, should_stop, should_finish)
    run = _Run(train, val, config, train_config, Path(folder), strategy, earlier, reporter, epochs, hooks)
    run.train()
    return run.result(started)


@dataclass(frozen=True)
class _Hooks:
    on_look: OnLook
    should_stop: ShouldStop
    should_finish: ShouldFinish


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
        earlier: EarlierModel | None,
        reporter: Reporter,
        epochs: EpochTally,
        hooks: _Hooks,
    ) -> None:
        self._config, self._settings, self._strategy = config, settings, strategy
        self._reporter, self._epochs, self._hooks = reporter, epochs, hooks
        self._step = 0
        self._saved = time.monotonic()
        self._finished_early = False
        self._metrics: dict[str, Any] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        reporter.report("preparing", 0, force=True)
        self._images = prepare_images(train, config, ImageStore(folder / "images.raw"), self._image_prepared)
        self._validator = Validator(val, config)
        pretrained = earlier is not None or settings.weights == "imagenet"
        stages = stages_for(len(train), settings, pretrained=pretrained)
        self._learner = Learner(config, settings, strategy, stages, earlier)
        self._best = BestWeights(folder, self._validator.boxes)
        self._patience = Patience(settings.patience)
        self._checkpoints = Checkpoints(
            folder,
            run_identity(train, val, config, settings, earlier.digest if earlier else None),
            **self._learner.state(),
            best=self._best,
            patience=self._patience,
            epochs=epochs,
        )

    def train(self) -> None:
        """Train from where the folder's checkpoint is to the last step."""
        if self._restore():
            _log.info("Training goes on after step %d.", self._step)
        else:
            # What a run falls back on if its first steps fail.
            self._save()
        self._report("training", force=True)
        batches: Iterator[Batch] | None = None
        while self._step < self._settings.steps and self._patience.lost is None:
            reason = self._hooks.should_stop()
            if reason is not None:
                self._save()
                raise TrainingStopped(reason, self._step)
            if self._hooks.should_finish():
                self._finish_early()
                break
            batches = batches or iter(self._batches())
            if self._one_step(batches):
                self._validate_and_save()
            else:
                batches = None

    def result(self, started: float) -> FitResult:
        """Put the best weights into the validator's network, and say how the run went."""
        self._report("finishing", force=True)
        network = self._validator.network
        best_step, metrics = self._step, self._metrics or {}
        if not self._best.load_into(network):
            self._learner.average.copy_to(network)
        else:
            best_step = int(self._best.step)
            if best_step != self._step or self._metrics is None:
                metrics = self._validator.metrics()
        at_once = int(self._learner.images_at_once)
        early = FINISHED_EARLY if self._finished_early else self._patience.lost
        return FitResult(
            network=network,
            metrics=metrics,
            best_step=best_step,
            steps=self._step,
            seconds=time.monotonic() - started,
            images_per_second=self._reporter.images_per_second,
            stopped_early=early if self._step < self._settings.steps else None,
            images_at_once=at_once if at_once < self._learner.share_size else None,
            rate_factor=float(self._learner.rate_factor.numpy()),
        )

    def _image_prepared(self, _: int) -> None:
        reason = self._hooks.should_stop()
        if reason is not None:
            raise TrainingStopped(reason, self._step)
        self._reporter.report("preparing", 0)

    def _report(self, phase: Phase, **more: Any) -> None:
        self._reporter.report(phase, self._step, learning_rate=lambda: self._learner.learning_rate, **more)

    def _save(self) -> None:
        self._checkpoints.save(self._step)
        self._saved = time.monotonic()

    def _finish_early(self) -> None:
        """Let the weights as they are now be judged too, unless they just were."""
        self._finished_early = True
        if self._validator.boxes > 0 and int(self._best.step) != self._step:
            self._validate()
            self._save()
            self._best.forget_others()
            self._report("training", force=True, metrics=self._metrics)

    def _batches(self) -> Any:
        batches = training_batches(self._images, self._config, self._settings, self._step)
        if self._strategy.num_replicas_in_sync == 1:
            return batches
        return self._strategy.experimental_distribute_dataset(batches)

    def _one_step(self, batches: Iterator[Batch]) -> bool:
        """Do a step; says whether it was done. If not, the next batch is another one than this iterator's."""
        begun = time.monotonic()
        batch = next(batches)
        try:
            result = self._learner.train_on(batch)
        except StepTooLarge as fault:
            self._make_room(fault)
            return False
        if not result.finite:
            self._step_back(batch)
            return False
        self._step += 1
        self._epochs.add(result[:3])
        self._reporter.step_done(result.loss, time.monotonic() - begun)
        return True

    def _validate_and_save(self) -> None:
        settings = self._settings
        last = self._step == settings.steps
        validates = self._validator.boxes > 0 and (last or self._step % settings.validate_every == 0)
        if validates:
            self._validate()
        self._epochs.end_step(self._step)
        due = time.monotonic() - self._saved >= SECONDS_BETWEEN_CHECKPOINTS
        if validates or last or due or self._step % settings.checkpoint_every == 0:
            self._save()
            self._best.forget_others()
        metrics = self._metrics if validates else None
        self._report("training", force=validates or last, metrics=metrics)

    def _validate(self) -> None:
        self._report("validating", force=True)
        begun = time.monotonic()
        self._learner.average.copy_to(self._validator.network)
        look = self._validator.look(self._step)
        self._metrics = look.metrics
        self._epochs.validated(self._metrics)
        self._best.offer(self._validator.network, self._metrics["AP"], self._step)
        self._patience.look(float(self._best.smoothed))
        self._reporter.validation_done(time.monotonic() - begun)
        self._hooks.on_look(look)

    def _restore(self) -> bool:
        found = self._checkpoints.restore()
        self._step = int(self._learner.step.numpy())
        return found

    def _make_room(self, fault: StepTooLarge) -> None:
        """Look at fewer images at once from now on; saved at once, so that a resumed run does the same."""
        at_once = int(self._learner.images_at_once)
        if at_once == 1:
            raise OutOfMemory(
                f"There is not enough memory to train on even one image of {self._config.input_size_hw} "
                "pixels (height, width): close other programs, or choose a smaller input size or a smaller "
                "backbone. The run can be resumed from its last saved state."
            ) from fault
        if not fault.intact:
            self._restore()
        fewer = -(-at_once // 2)
        self._learner.images_at_once.assign(fewer)
        self._save()
        self._say(
            f"There was not enough memory for {at_once} images at once. Training goes on with {fewer} at "
            f"once, so each step takes longer; it still learns from {self._settings.batch_size} images."
        )

    def _step_back(self, batch: Batch) -> None:
        """Go on from the last saved state with half the learning rate; saved at once for the same reason."""
        parts = self._strategy.experimental_local_results(batch.indices)
        names = dict.fromkeys(self._images.names[int(index)] for part in parts for index in part)
        what = (
            f"The loss at step {self._step + 1} is not a finite number. The images of this step were "
            f"{', '.join(names)}"
        )
        factor = float(self._learner.rate_factor.numpy())
        self._restore()
        if factor <= LOWEST_RATE_FACTOR:
            raise TrainingDiverged(
                f"{what}: check them and their boxes, or train with a lower learning rate. It was lowered to "
                f"{factor:g} of its value without success; the state after step {self._step} is saved."
            )
        self._learner.rate_factor.assign(factor / 2)
        self._save()
        self._say(
            f"{what}. Training goes on after step {self._step} with {factor / 2:g} of the learning rate."
        )

    def _say(self, note: str) -> None:
        _log.warning("%s", note)
        self._report("training", force=True, note=note)


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
