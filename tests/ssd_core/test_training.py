"""Training learns, stops anywhere, goes on as if nothing had happened, and says what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from ssd_core.config import SSDConfig, TrainConfig
from ssd_core.errors import InvalidConfig, InvalidExample, TrainingDiverged, TrainingStopped
from ssd_core.example import Example
from ssd_core.learner import Learner, freeze_trunk
from ssd_core.model import build_network
from ssd_core.pipeline import Batch
from ssd_core.progress import Progress
from ssd_core.training import FitResult, available_strategy, fit

CONFIG = SSDConfig(
    ("nut", "bolt"), input_size_hw=(64, 64), scales=(0.3, 0.45, 0.6, 0.9), aspect_ratios=((1.0,),) * 3
)
SETTINGS = TrainConfig(
    steps=6, batch_size=4, validate_every=4, checkpoint_every=2, weights="none", augment="standard", seed=1
)


def _tiny_backbone(name: str, size_hw: tuple[int, int], weights: Any, seed: int = 0) -> keras.Model:
    """Three layers in place of sixty, so that a run takes seconds."""
    image = keras.Input((*size_hw, 3))
    x = keras.layers.Rescaling(1 / 128, offset=-127 / 128)(image)
    maps = []
    for index, (stride, filters) in enumerate(((8, 16), (2, 16), (2, 16))):
        start = keras.initializers.HeNormal(seed=seed + index)
        x = keras.layers.Conv2D(filters, 2 * stride - 1, stride, "same", kernel_initializer=start)(x)
        x = keras.layers.ReLU(6.0)(keras.layers.BatchNormalization(momentum=0.9)(x))
        maps.append(x)
    return keras.Model(image, maps, name="backbone")


@pytest.fixture
def tiny_backbone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ssd_core.model.build_backbone", _tiny_backbone)


def _squares(count: int, seed: int = 0) -> list[Example]:
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


def _weights(result: FitResult) -> list[np.ndarray]:
    return result.network.get_weights()


def _run(folder: Path, settings: TrainConfig = SETTINGS, **more: Any) -> FitResult:
    return fit(_squares(5), _squares(3, seed=9), CONFIG, settings, folder, **more)


def _stop_at(step: int) -> tuple[Callable[[Progress], None], Callable[[], str | None]]:
    """Hooks that stop a run once that many steps are done."""
    asked = {"steps": -1}

    def should_stop() -> str | None:
        # Asked once for each of the five images, then before each step.
        asked["steps"] += 1
        return "pause" if asked["steps"] - 5 >= step else None

    return (lambda progress: None), should_stop


def test_training_finds_squares_it_has_not_seen(tiny_backbone: None, tmp_path: Path) -> None:
    settings = TrainConfig(
        steps=120, batch_size=8, validate_every=60, weights="none", augment="none", head_learning_rate=1e-2
    )
    result = fit(_squares(40), _squares(10, seed=5), CONFIG, settings, tmp_path)
    assert result.metrics["AP50"] > 0.8
    assert result.best_step in (60, 120)


def test_two_equal_runs_give_equal_networks_and_another_seed_does_not(
    tiny_backbone: None, tmp_path: Path
) -> None:
    first, second = _run(tmp_path / "a"), _run(tmp_path / "b")
    for left, right in zip(_weights(first), _weights(second), strict=True):
        np.testing.assert_array_equal(left, right)
    assert first.metrics == second.metrics
    other = _run(tmp_path / "c", TrainConfig.from_json({**SETTINGS.to_json(), "seed": 2}))
    assert not all(
        np.array_equal(left, right) for left, right in zip(_weights(first), _weights(other), strict=True)
    )


@pytest.mark.parametrize("step", [0, 3, 4])
def test_a_run_stopped_and_resumed_equals_one_that_was_not(
    tiny_backbone: None, tmp_path: Path, step: int
) -> None:
    whole = _run(tmp_path / "whole")
    _, should_stop = _stop_at(step)
    with pytest.raises(TrainingStopped, match=f"at step {step}: pause") as stopped:
        _run(tmp_path / "parts", should_stop=should_stop)
    assert (stopped.value.step, stopped.value.reason) == (step, "pause")
    told: list[Progress] = []
    resumed = _run(tmp_path / "parts", on_progress=told.append)
    assert [progress.step for progress in told if progress.phase == "training"][0] == step
    for left, right in zip(_weights(whole), _weights(resumed), strict=True):
        np.testing.assert_array_equal(left, right)
    assert resumed.metrics == whole.metrics
    assert resumed.best_step == whole.best_step


def test_a_run_that_was_killed_goes_on_from_its_last_checkpoint(tiny_backbone: None, tmp_path: Path) -> None:
    class Killed(BaseException):
        pass

    def die(progress: Progress) -> None:
        if progress.step == 4 and progress.metrics:
            raise Killed

    whole = _run(tmp_path / "whole")
    with pytest.raises(Killed):
        _run(tmp_path / "parts", on_progress=die)
    resumed = _run(tmp_path / "parts")
    for left, right in zip(_weights(whole), _weights(resumed), strict=True):
        np.testing.assert_array_equal(left, right)


def test_a_finished_run_gives_its_result_again_without_training(tiny_backbone: None, tmp_path: Path) -> None:
    first = _run(tmp_path)
    again = _run(tmp_path)
    for left, right in zip(_weights(first), _weights(again), strict=True):
        np.testing.assert_array_equal(left, right)
    assert again.metrics == first.metrics
    assert again.images_per_second is None


def test_stopping_while_images_are_read_needs_no_state(tiny_backbone: None, tmp_path: Path) -> None:
    with pytest.raises(TrainingStopped, match="at step 0: cancel"):
        _run(tmp_path, should_stop=lambda: "cancel")


def test_progress_tells_phases_steps_losses_and_metrics(tiny_backbone: None, tmp_path: Path) -> None:
    told: list[Progress] = []
    result = _run(tmp_path, on_progress=told.append)
    assert told[0].phase == "preparing"
    assert told[-1].phase == "finishing"
    validated = [progress for progress in told if progress.metrics]
    assert [progress.step for progress in validated] == [4, 6]
    assert all(progress.loss is not None and progress.seconds_left is not None for progress in validated)
    assert told[-1].total_epochs == 5
    assert set(result.metrics) >= {"AP", "AP50", "per_class"}
    assert result.images_per_second is not None


def test_two_images_and_no_validation_are_enough(tiny_backbone: None, tmp_path: Path) -> None:
    empty = Example("empty", np.zeros((64, 64, 3), np.uint8))
    result = fit([*_squares(1), empty], [], CONFIG, SETTINGS, tmp_path)
    assert result.metrics == {}
    assert result.best_step == 6


def test_a_loss_that_is_no_number_names_the_images(
    tiny_backbone: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train_on = Learner.train_on

    def broken(self: Learner, batch: Batch) -> tuple[Any, Any]:
        images = batch.images * (np.nan if int(self.step) == 2 else 1.0)
        return train_on(self, batch._replace(images=images))

    monkeypatch.setattr(Learner, "train_on", broken)
    with pytest.raises(TrainingDiverged, match=r"step 3 is not a finite number.* square \d, square \d"):
        _run(tmp_path)


def test_what_cannot_be_trained_on_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(InvalidExample, match="no training image"):
        fit([], [], CONFIG, SETTINGS, tmp_path / "run")
    wrong = Example("odd", np.zeros((64, 64, 3), np.uint8), [[0, 0, 9, 9]], [2])
    with pytest.raises(InvalidExample, match="'odd' has class index 2"):
        fit(_squares(2), [wrong], CONFIG, SETTINGS, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_folder_of_another_run_is_refused(tiny_backbone: None, tmp_path: Path) -> None:
    _, should_stop = _stop_at(0)
    with pytest.raises(TrainingStopped):
        _run(tmp_path, should_stop=should_stop)
    with pytest.raises(InvalidConfig, match="another set of training images"):
        fit(_squares(6), _squares(3, seed=9), CONFIG, SETTINGS, tmp_path)


@pytest.mark.parametrize(("how", "frozen_layers"), [("none", 0), ("first_map", 2), ("all", 6)])
def test_frozen_layers_stay_as_they_were(tiny_backbone: None, how: str, frozen_layers: int) -> None:
    network = build_network(CONFIG, None)
    freeze_trunk(network, how)
    layers = [layer for layer in network.get_layer("backbone").layers if layer.weights]
    assert sum(not layer.trainable for layer in layers) == frozen_layers
    before = [weight.numpy() for layer in layers[:frozen_layers] for weight in layer.weights]
    network(np.full((2, 64, 64, 3), 90, np.float32), training=True)
    after = [weight.numpy() for layer in layers[:frozen_layers] for weight in layer.weights]
    for left, right in zip(before, after, strict=True):
        np.testing.assert_array_equal(left, right)


def test_a_pretrained_trunk_learns_slower_and_norms_do_not_decay() -> None:
    config = SSDConfig(("nut",), input_size_hw=(96, 96))
    learner = Learner(config, TrainConfig(frozen="first_map"), available_strategy())
    optimizer = learner.optimizer
    starts = np.cumsum([0, *optimizer._sizes[:-1]])
    speeds = dict(zip((v.name for v in optimizer._variables), optimizer._scales[starts], strict=False))
    assert set(np.round(optimizer._scales[starts], 6)) == {0.05, 1.0}
    assert speeds
    trunk = learner.network.get_layer("backbone")
    assert len(trunk.trainable_variables) == sum(optimizer._scales[starts] < 0.5)
    for variable, decay in zip(learner.network.trainable_variables, optimizer._decays[starts], strict=True):
        assert decay == (5e-4 if "kernel" in variable.name else 0), variable.path


@pytest.mark.slow
def test_a_few_steps_on_the_real_trunk_lower_the_loss(tmp_path: Path) -> None:
    told: list[Progress] = []
    config = SSDConfig(("nut", "bolt"), input_size_hw=(96, 96))
    settings = TrainConfig(steps=12, batch_size=4, validate_every=6)
    fit(_squares(8), _squares(4, seed=3), config, settings, tmp_path, on_progress=told.append)
    losses = [progress.loss for progress in told if progress.loss is not None]
    assert losses[-1] < losses[0]
