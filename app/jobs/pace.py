"""How fast this machine trains: measured by a benchmark of ten steps and by every run, kept for promises."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from ssd_core.progress import Progress

#: The first steps of a process compile, and those after it are slower than all later ones: they count as its
#: start.
WARM_UP_STEPS = 6
#: Of more validation images only so many are looked at while training.
MOST_LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Work:
    """How much a run has to do; images of ``val`` are those of the whole split."""

    steps: int
    train: int
    val: int
    validate_every: int

    @property
    def validations(self) -> int:
        """How often the validation images are looked at."""
        return -(-self.steps // self.validate_every) if self.val else 0


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds that each part of a run takes, and the memory at its peak in bytes (0 if unknown).

    ``runs`` is from how many whole runs it was taken; 0 is a benchmark's.
    """

    start: float
    prepare_image: float
    step: float
    look_at_image: float
    finish: float
    finish_image: float
    memory_bytes: int = 0
    runs: int = 0

    def seconds(self, work: Work) -> float:
        """How long a run takes, from its trainer's start to its model."""
        looked_at = min(work.val, MOST_LOOKED_AT)
        return (
            self.start
            + self.prepare_image * (work.train + looked_at)
            + self.step * work.steps
            + self.look_at_image * looked_at * work.validations
            + self.finish
            + self.finish_image * work.val
        )

    def seconds_for_minutes(self, minutes: float, work: Work, timed_steps: int) -> float:
        """How long a run takes that shall learn for minutes: steps are timed first, its model made after.

        Args:
            minutes: of learning, validations included.
            work: of such a run; its steps are not read.
            timed_steps: done before it begins, to know how many steps the minutes are.
        """
        timing = self.start + self.step * timed_steps
        return timing + minutes * 60 + self.seconds(replace(work, steps=0))

    def mean_with(self, other: Pace) -> Pace:
        """Between two measurements of the same kind of run, so that one odd hour does not rule the next."""
        mean = {name: (value + asdict(other)[name]) / 2 for name, value in asdict(self).items()}
        return Pace(**{**mean, "memory_bytes": max(self.memory_bytes, other.memory_bytes)})


#: Where nothing was measured: the offline backbone on two slow cores, with 8 images per step.
GUESS = Pace(start=25.0, prepare_image=0.02, step=0.6, look_at_image=0.1, finish=20.0, finish_image=0.1)
#: How much more the other backbones calculate for an image.
_COST = {"efficientnet_lite0": 1.0, "mobilenet_v3_large": 0.8, "resnet50": 4.5, "vgg16": 12.0}


def guess(backbone: str, input_size: int, batch: int) -> Pace:
    """What to expect of a machine that nothing is known of."""
    image = _COST.get(backbone, 1.0) * (input_size / 300) ** 2
    share = image * batch / 8
    return replace(
        GUESS,
        step=GUESS.step * share,
        look_at_image=GUESS.look_at_image * image,
        finish=GUESS.finish * max(1.0, image**0.5),
        finish_image=GUESS.finish_image * image,
    )


def scaled(known: Pace, backbone: str, input_size: int, batch: int, to: tuple[str, int, int]) -> Pace:
    """What a pace of one kind of run lets expect of another: (backbone, input size, batch)."""
    before, after = guess(backbone, input_size, batch), guess(*to)
    return Pace(
        start=known.start,
        prepare_image=known.prepare_image,
        step=known.step * after.step / before.step,
        look_at_image=known.look_at_image * after.look_at_image / before.look_at_image,
        finish=known.finish * after.finish / before.finish,
        finish_image=known.finish_image * after.finish_image / before.finish_image,
    )


class Paces:
    """What was measured on this host, in a file of the workspace's cache.

    Args:
        folder: the cache.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "paces.json"

    def known(self, device: str, backbone: str, input_size: int, batch: int) -> Pace | None:
        """What was measured of exactly this kind of run."""
        return _pace(self._read().get(_key(device, backbone, input_size, batch)))

    def expected(self, device: str, backbone: str, input_size: int, batch: int) -> tuple[Pace, bool]:
        """The best there is to say about a kind of run, and whether it was measured."""
        known = self.known(device, backbone, input_size, batch)
        if known is not None:
            return known, True
        likely = sorted(
            self._others(device),
            key=lambda other: (other[0] != backbone, other[1] != input_size, other[2] != batch),
        )
        if likely:
            trunk, side, each, other = likely[0]
            return scaled(other, trunk, side, each, (backbone, input_size, batch)), False
        return guess(backbone, input_size, batch), False

    def _others(self, device: str) -> Iterator[tuple[str, int, int, Pace]]:
        """Every kind that was measured on a device of this host: backbone, input size, batch, pace."""
        for key, values in self._read().items():
            host, on, trunk, side, each = (*key.split("|"), "", "", "", "", "")[:5]
            pace = _pace(values)
            here = (host, on) == (socket.gethostname(), device)
            if pace is not None and here and side.isdigit() and each.isdigit():
                yield trunk, int(side), int(each), pace

    def learn(self, device: str, backbone: str, input_size: int, batch: int, pace: Pace) -> None:
        """Take in what a run truly took, beside earlier runs of its kind, in the place of a benchmark."""
        known = self.known(device, backbone, input_size, batch)
        told = replace(pace, runs=1)
        if known is not None and known.runs > 0:
            told = replace(pace.mean_with(known), runs=known.runs + 1)
        self.keep(device, backbone, input_size, batch, told)

    def keep(self, device: str, backbone: str, input_size: int, batch: int, pace: Pace) -> None:
        """Write what was measured in the place of what was known."""
        values = {**self._read(), _key(device, backbone, input_size, batch): asdict(pace)}
        making = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        # It only makes promises better: a full disk must not end a run for it.
        with suppress(OSError):
            making.write_text(json.dumps(values, indent=1), encoding="utf-8")
            making.replace(self._path)

    def _read(self) -> dict[str, Any]:
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}


class Stopwatch:
    """Measures the parts of one run from what it tells.

    Args:
        clock: seconds, never going back; 0 is when the trainer began.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._prepared_from: float | None = None
        self._prepared_to = 0.0
        self._first_step: tuple[float, int] | None = None
        self._latest: tuple[float, int] = (0.0, 0)
        self._looking_since: float | None = None
        self._looks: list[float] = []
        self._looked_before = 0.0
        self._finishing: float | None = None
        self._resumed = False

    def tell(self, progress: Progress) -> None:
        """Take note of what a run tells."""
        now = self._clock()
        if progress.phase == "preparing":
            self._prepared_from = self._prepared_from if self._prepared_from is not None else now
            self._prepared_to = now
        elif progress.phase == "finishing":
            self._finishing = self._finishing if self._finishing is not None else now
        elif progress.phase == "validating":
            self._looking_since = now
        else:
            self._trains(now, progress)

    def _trains(self, now: float, progress: Progress) -> None:
        if self._first_step is None and self._latest == (0.0, 0):
            self._resumed = progress.step > 1
        if self._looking_since is not None and progress.metrics is not None:
            self._looks.append(now - self._looking_since)
            self._looking_since = None
            if self._first_step is None:
                self._looked_before = sum(self._looks)
        if self._first_step is None and progress.step >= WARM_UP_STEPS:
            self._first_step = (now, progress.step)
        self._latest = (now, progress.step)

    @property
    def steps(self) -> int:
        """Steps that were timed."""
        return 0 if self._first_step is None else self._latest[1] - self._first_step[1]

    def pace(self, work: Work, like: Pace, *, finished: bool) -> Pace | None:
        """What was measured; None if the run was resumed or too short.

        Args:
            work: what the run had to do.
            like: for what was not measured.
            finished: the run made its model just now.
        """
        if self._resumed or self._first_step is None or self.steps < 1 or self._prepared_from is None:
            return None
        end = self._finishing if self._finishing is not None else self._latest[0]
        looked = sum(self._looks) - self._looked_before
        step = max(1e-6, (end - self._first_step[0] - looked) / self.steps)
        looked_at = min(work.val, MOST_LOOKED_AT)
        images = max(1, work.train + looked_at)
        look, compiling = self._look_and_compile(looked_at, like)
        preparing = self._prepared_to - self._prepared_from
        start = self._first_step[0] - self._looked_before - preparing - self._first_step[1] * step
        start = max(0.0, start + compiling)
        # Scaled by what is known of the steps, the only part that always has a measure.
        finish, finish_image = like.finish * step / like.step, like.finish_image * step / like.step
        if finished and self._finishing is not None:
            finish_image = look
            finish = max(0.0, self._clock() - self._finishing - finish_image * work.val)
        return Pace(start, preparing / images, step, look, finish, finish_image)

    def _look_and_compile(self, looked_at: int, like: Pace) -> tuple[float, float]:
        """Seconds for an image that is looked at, and what the first look took beyond that."""
        if not self._looks or not looked_at:
            return like.look_at_image, 0.0
        first, *others = self._looks
        usual = sum(others) / len(others) if others else min(first, like.look_at_image * looked_at)
        return usual / looked_at, max(0.0, first - usual)

    def promise(self, seconds_left: float, work: Work, like: Pace) -> float:
        """How long the run will take in all, told after its first steps."""
        known = self.pace(work, like, finished=False) or like
        return self._clock() + seconds_left + known.finish + known.finish_image * work.val


def clock_of_process() -> Callable[[], float]:
    """Seconds since this process was started, its imports included."""
    before = max(0.0, time.time() - psutil.Process().create_time()) - time.monotonic()
    return lambda: before + time.monotonic()


def _key(device: str, backbone: str, input_size: int, batch: int) -> str:
    return f"{socket.gethostname()}|{device}|{backbone}|{input_size}|{batch}"


def _pace(values: Any) -> Pace | None:
    names = {each.name for each in fields(Pace)}
    if not isinstance(values, dict) or not names >= values.keys():
        return None
    try:
        return Pace(**values)
    except TypeError:
        return None
