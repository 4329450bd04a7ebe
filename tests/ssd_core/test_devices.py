"""Several devices learn what one would."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ssd_core.devices import choose_precision, largest_even_share


def test_auto_is_float32_whatever_the_device() -> None:
    assert choose_precision("auto") == "float32"


@pytest.mark.parametrize("wanted", ["float32", "bfloat16", "float16"])
def test_a_precision_that_is_named_is_taken(wanted: str) -> None:
    assert choose_precision(wanted) == wanted


@pytest.mark.parametrize(
    ("devices", "batch_size", "share"),
    [(4, 8, 4), (3, 8, 2), (2, 7, 1), (8, 6, 6), (0, 8, 0), (1, 8, 1), (3, None, 3)],
)
def test_as_many_devices_are_taken_as_share_a_batch_evenly(
    devices: int, batch_size: int | None, share: int
) -> None:
    assert largest_even_share(devices, batch_size) == share


#: Learns on one device and on two, in a process whose CPU is two devices from the start.
_PROGRAM = """
import json, sys
from dataclasses import replace
from pathlib import Path
from typing import Any
import numpy as np, pytest, tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from ssd_core.artifacts import save_model
from ssd_core.errors import InvalidConfig, TrainingStopped
from ssd_core.freezing import norms_within
from ssd_core.image_store import ImageStore
from ssd_core.inheritance import EarlierModel
from ssd_core.learner import Learner
from ssd_core.model import build_network
from ssd_core.pipeline import prepare_images, training_batches
from tests.ssd_core.small_training import CONFIG, SETTINGS, run, squares, stop_before, use_tiny_backbone

use_tiny_backbone(pytest.MonkeyPatch())
folder, two = Path(sys.argv[1]), tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
told = {}

try:
    run(folder / "odd", replace(SETTINGS, batch_size=5), strategy=two)
except InvalidConfig as error:
    told["refused"] = str(error)

earlier = build_network(CONFIG, None, seed=9)
save_model(folder / "model", earlier, CONFIG, {}, litert={"float32": b"not needed"})
heir = Learner(CONFIG, SETTINGS, two, earlier=EarlierModel(folder / "model", CONFIG)).network
told["inherited"] = all(
    np.array_equal(left.numpy(), right.numpy()) for left, right in zip(earlier.weights, heir.weights)
)

images = prepare_images(squares(5), CONFIG, ImageStore(folder / "images.raw"))
batches = training_batches(images, CONFIG, SETTINGS, 0)
one = Learner(CONFIG, SETTINGS, tf.distribute.get_strategy())
both = Learner(CONFIG, SETTINGS, two)
told["losses"], told["gradients"], told["statistics"] = [], [], []
for whole, shared in zip(batches, two.experimental_distribute_dataset(batches)):
    first, second = [], []
    for learner, batch, seen in ((one, whole, first), (both, shared, second)):
        statistics = learner._statistics.read()
        learner._enter_stage()
        losses, gradients, norm = learner._look_at(batch)
        seen += [losses[0], tf.concat([tf.reshape(one, [-1]) for one in gradients], 0).numpy()]
        seen += [learner._statistics.read().numpy()]
        learner._statistics.put_back(statistics)
        learner.train_on(batch)
    told["losses"].append([float(first[0]), float(second[0])])
    for name, left, right in zip(("gradients", "statistics"), first[1:], second[1:]):
        told[name].append(float(np.linalg.norm(left - right) / np.linalg.norm(left)))

told["weights"] = max(
    float(np.abs(left.numpy() - right.numpy()).max())
    for left, right in zip(one.network.weights, both.network.weights)
)
told["synchronized"] = sorted({norm.synchronized for norm in norms_within(both.network)})
try:
    run(folder / "run", strategy=two, should_stop=stop_before(3))
except TrainingStopped as stopped:
    told["stopped"] = stopped.step
result = run(folder / "run", strategy=two)
both.average.copy_to(one.network)
told["resumed"] = max(
    float(np.abs(left.numpy() - right.numpy()).max())
    for left, right in zip(result.network.weights, one.network.weights)
)
told["best"] = result.best_step
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the process says about its trainings."""
    command = [sys.executable, "-c", _PROGRAM, str(tmp_path_factory.mktemp("devices"))]
    root = Path(__file__).parents[2]
    answer = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, timeout=280)
    assert answer.returncode == 0, answer.stderr[-3000:]
    found: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return found


def test_two_devices_have_the_loss_and_the_gradient_of_one(told: dict[str, Any]) -> None:
    assert len(told["losses"]) == 6
    for one, both in told["losses"]:
        assert both == pytest.approx(one, rel=1e-5)
    assert max(told["gradients"]) < 1e-5


def test_normalisations_of_two_devices_see_the_whole_batch(told: dict[str, Any]) -> None:
    assert told["synchronized"] == [True]
    assert max(told["statistics"]) < 1e-6


def test_two_devices_learn_the_weights_of_one(told: dict[str, Any]) -> None:
    assert told["weights"] < 1e-5


def test_two_devices_go_on_as_if_they_had_not_been_stopped(told: dict[str, Any]) -> None:
    assert (told["stopped"], told["best"]) == (3, 6)
    assert told["resumed"] == 0.0


def test_a_batch_that_two_devices_cannot_share_evenly_is_refused(told: dict[str, Any]) -> None:
    assert "batch_size is 5" in told["refused"]
    assert "choose 4 or 6" in told["refused"]


def test_two_devices_go_on_from_an_earlier_model(told: dict[str, Any]) -> None:
    assert told["inherited"]
