"""A training that takes seconds: a trunk of two layers, pictures of coloured squares.

    python -m tests.ssd_core.small_training FOLDER JSON

runs one in a process of its own, which tells each step on its output and stops on SIGTERM, so that tests can
kill it. JSON holds settings that differ from :data:`SETTINGS`, and ``wait_at``: a step before which it waits.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from ssd_core.config import SSDConfig
from ssd_core.errors import TrainingStopped
from ssd_core.example import Example
from ssd_core.train_config import TrainConfig

if TYPE_CHECKING:
    from ssd_core.training import FitResult

#: Two levels, the fewest that any backbone has.
CONFIG = SSDConfig(
    ("nut", "bolt"),
    input_size_hw=(64, 64),
    backbone="vgg16",
    scales=(0.3, 0.45, 0.9),
    aspect_ratios=((1.0,),) * 2,
)
SETTINGS = TrainConfig(
    steps=6, batch_size=4, validate_every=4, checkpoint_every=2, weights="none", augment="standard", seed=1
)
#: Training images of :func:`run`.
IMAGES = 5
#: Exit status of a process that stopped because it was asked to.
STOPPED = 75


def build_tiny_backbone(name: str, size_hw: tuple[int, int], weights: Any, seed: int = 0) -> keras.Model:
    """Two layers in place of many, of strides 8 and 16."""
    image = keras.Input((*size_hw, 3))
    x = keras.layers.Rescaling(1 / 128, offset=-127 / 128)(image)
    maps = []
    for index, (stride, filters) in enumerate(((8, 16), (2, 16))):
        start = keras.initializers.HeNormal(seed=seed + index)
        convolution = keras.layers.Conv2D(
            filters,
            2 * stride - 1,
            stride,
            "same",
            use_bias=False,
            kernel_initializer=start,
            name=f"trunk{index}",
        )
        norm = keras.layers.BatchNormalization(momentum=0.9, name=f"trunk{index}_norm")
        x = keras.layers.ReLU(6.0)(norm(convolution(x)))
        maps.append(x)
    return keras.Model(image, maps, name="backbone")


def use_tiny_backbone(patch: pytest.MonkeyPatch) -> None:
    """Let every network be built on the tiny trunk; weights of ImageNet are random ones then."""
    patch.setattr("ssd_core.model.build_backbone", build_tiny_backbone)


def squares(count: int, seed: int = 0) -> list[Example]:
    """Dark pictures with one bright square: red ones are nuts, blue ones are bolts."""
    rng = np.random.default_rng(seed)
    examples = []
    for index in range(count):
        image = rng.integers(0, 60, (64, 64, 3), np.uint8)
        x, y = rng.integers(0, 40, 2)
        class_id = index % 2
        image[y : y + 24, x : x + 24, 2 * class_id] = 230
        examples.append(Example(f"square {index}", image, [[x, y, x + 24, y + 24]], [class_id]))
    return examples


def run(folder: Path, settings: TrainConfig = SETTINGS, **more: Any) -> FitResult:
    """Train on five squares, validate on three."""
    from ssd_core.training import fit

    return fit(squares(IMAGES), squares(3, seed=9), CONFIG, settings, folder, **more)


def stop_before(step: int, word: str = "pause") -> Any:
    """Asks a run of five images to stop once that many steps are done in this process."""
    asked = {"times": -1}

    def should_stop() -> str | None:
        # Asked once for each of the images, then before each step.
        asked["times"] += 1
        return word if asked["times"] - IMAGES >= step else None

    return should_stop


def saved_tensors(folder: Path) -> dict[str, np.ndarray]:
    """Everything in a run's newest checkpoint but the number of saves."""
    path = tf.train.latest_checkpoint(str(folder / "checkpoints"))
    reader = tf.train.load_checkpoint(path)
    names = [name for name in reader.get_variable_to_shape_map() if not name.startswith("_CHECKPOINT")]
    return {name: reader.get_tensor(name) for name in names if not name.startswith("save_counter")}


def assert_equal_states(first: Path, second: Path) -> None:
    """Two runs saved the same: weights, optimizer, running average and all else, bit by bit."""
    left, right = saved_tensors(first), saved_tensors(second)
    assert left.keys() == right.keys()
    for name, value in left.items():
        np.testing.assert_array_equal(value, right[name], err_msg=name)


def assert_equal_results(first: FitResult, second: FitResult) -> None:
    """Two runs gave the same network and figures."""
    for left, right in zip(first.network.get_weights(), second.network.get_weights(), strict=True):
        np.testing.assert_array_equal(left, right)
    assert first.metrics == second.metrics
    assert first.best_step == second.best_step


def main(folder: str, options: str) -> None:
    """Run in a process that is to be killed or stopped."""
    values = json.loads(options)
    wait_at = values.pop("wait_at", None)
    stopping: list[str] = []
    signal.signal(signal.SIGTERM, lambda *_: stopping.append("SIGTERM"))
    step = -IMAGES - 1

    def should_stop() -> str | None:
        nonlocal step
        step += 1
        if step >= 0:
            print("step", step, flush=True)
        if step == wait_at:
            deadline = time.monotonic() + 60
            while not stopping and time.monotonic() < deadline:
                time.sleep(0.01)
        return stopping[0] if stopping else None

    with pytest.MonkeyPatch.context() as patch:
        use_tiny_backbone(patch)
        try:
            run(Path(folder), replace(SETTINGS, **values), should_stop=should_stop)
        except TrainingStopped:
            os._exit(STOPPED)
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
