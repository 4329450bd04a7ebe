"""What a run says about itself while it works, and how it knows how long it will take."""

from __future__ import annotations

import statistics
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Phase = Literal["preparing", "training", "validating", "finishing"]

#: Seconds between two reports at least, validations apart.
REPORT_INTERVAL = 0.5


@dataclass(frozen=True, slots=True)
class Progress:
    """One report of a run.

    Attributes:
        phase: what it does now.
        step: optimiser steps done.
        total_steps: optimiser steps of the run.
        epoch: how often all training images have been shown.
        total_epochs: how often they will have been shown at the end, rounded up.
        loss: mean of the steps since the last report; None before the first step.
        seconds_left: until the network is trained, validations included; None while that is unknown.
        metrics: of the validation images, in the report that follows a validation; None otherwise.
        note: a sentence for the user about what the run just decided by itself; None otherwise.
        learning_rate: of the heads at this step; None before the first.
        images_per_second: median over the last steps, the wait for their images included; None while unknown.
    """

    phase: Phase
    step: int
    total_steps: int
    epoch: int
    total_epochs: int
    loss: float | None = None
    seconds_left: float | None = None
    metrics: Mapping[str, Any] | None = None
    note: str | None = None
    learning_rate: float | None = None
    images_per_second: float | None = None


class Reporter:
    """Tells how a run gets on, about twice a second, and estimates the time left.

    Args:
        on_progress: who is told.
        images: training images.
        steps: optimiser steps of the run.
        batch_size: images per step.
        validate_every: steps between two validations; None without validation.
        clock: seconds, never going back.
    """

    def __init__(
        self,
        on_progress: Callable[[Progress], None],
        *,
        images: int,
        steps: int,
        batch_size: int,
        validate_every: int | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._on_progress = on_progress
        self._images, self._steps, self._batch_size = images, steps, batch_size
        self._validate_every = validate_every
        self._clock = clock
        self._reported: float | None = None
        self._losses: list[float] = []
        self._compiled = False
        self._step_seconds: deque[float] = deque(maxlen=20)
        self._validation_seconds: float | None = None

    def step_done(self, loss: float, seconds: float) -> None:
        """Take note of a step. The first one of a process also compiles, so its time tells nothing."""
        self._losses.append(loss)
        if self._compiled:
            self._step_seconds.append(seconds)
        self._compiled = True

    def validation_done(self, seconds: float) -> None:
        """Take note of a validation."""
        self._validation_seconds = seconds

    def report(
        self,
        phase: Phase,
        step: int,
        *,
        force: bool = False,
        metrics: Mapping[str, Any] | None = None,
        note: str | None = None,
        learning_rate: Callable[[], float | None] = lambda: None,
    ) -> None:
        """Tell, unless it was told less than :data:`REPORT_INTERVAL` ago.

        Args:
            phase: what the run does now.
            step: optimiser steps done.
            force: tell in any case.
            metrics: of a validation just done.
            note: a sentence about what the run just decided by itself.
            learning_rate: of the heads at this step; asked only if it is told.
        """
        now = self._clock()
        if not force and self._reported is not None and now - self._reported < REPORT_INTERVAL:
            return
        self._reported = now
        loss = statistics.fmean(self._losses) if self._losses else None
        # The last loss stays, for a report that comes before the next step.
        del self._losses[:-1]
        self._on_progress(
            Progress(
                phase=phase,
                step=step,
                total_steps=self._steps,
                epoch=step * self._batch_size // self._images,
                total_epochs=-(-self._steps * self._batch_size // self._images),
                loss=loss,
                seconds_left=self.seconds_left(step),
                metrics=metrics,
                note=note,
                learning_rate=learning_rate(),
                images_per_second=self.images_per_second,
            )
        )

    def seconds_left(self, step: int) -> float | None:
        """The time from this step to the last, validations included; None before the second step is done."""
        if not self._step_seconds:
            return None
        pace = statistics.median(self._step_seconds)
        validations = 0
        every = self._validate_every
        if every is not None and step < self._steps:
            # Those at multiples of the interval, and the one after the last step.
            validations = (self._steps - 1) // every - step // every + 1
        # Before the first validation, a step's time is a fair guess.
        each = pace if self._validation_seconds is None else self._validation_seconds
        return (self._steps - step) * pace + validations * each

    @property
    def images_per_second(self) -> float | None:
        """Of the last steps, the wait for their images included; None before the second step is done."""
        if not self._step_seconds:
            return None
        return self._batch_size / statistics.median(self._step_seconds)
