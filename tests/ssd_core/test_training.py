"""Training learns, stops anywhere, goes on as if nothing had happened, and says what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from ssd_core.checkpoint import Checkpoints
from ssd_core.config import SSDConfig
from ssd_core.errors import InvalidConfig, InvalidExample, TrainingDiverged, TrainingStopped
from ssd_core.example import Example
from ssd_core.learner import Learner, freeze_trunk
from ssd_core.model import build_network
from ssd_core.pipeline import Batch
from ssd_core.progress import Progress
from ssd_core.train_config import TrainConfig
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


@pytest.fixture(scope="module")
def tiny_backbone() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ssd_core.model.build_backbone", _tiny_backbone)
        yield


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


@pytest.fixture(scope="module")
def whole(tiny_backbone: None, tmp_path_factory: pytest.TempPathFactory) -> tuple[FitResult, Path]:
    """A run that nothing disturbed, and its folder."""
    folder = tmp_path_factory.mktemp("whole")
    return _run(folder), folder


def _stop_before(step: int) -> Callable[[], str | None]:
    """Asks a run to stop once that many steps are done."""
    asked = {"times": -1}

    def should_stop() -> str | None:
        # Asked once for each of the five images, then before each step.
        asked["times"] += 1
        return "pause" if asked["times"] - 5 >= step else None

    return should_stop


def _assert_equal(first: FitResult, second: FitResult) -> None:
    for left, right in zip(_weights(first), _weights(second), strict=True):
        np.testing.assert_array_equal(left, right)
    assert first.metrics == second.metrics
    assert first.best_step == second.best_step


def test_training_finds_squares_it_has_not_seen(tiny_backbone: None, tmp_path: Path) -> None:
    settings = TrainConfig(
        steps=120, batch_size=8, validate_every=60, weights="none", augment="none", head_learning_rate=1e-2
    )
    result = fit(_squares(40), _squares(10, seed=5), CONFIG, settings, tmp_path)
    assert result.metrics["AP50"] > 0.8
    assert result.best_step in (60, 120)


def test_an_equal_run_gives_an_equal_network(whole: tuple[FitResult, Path], tmp_path: Path) -> None:
    _assert_equal(whole[0], _run(tmp_path))


def test_another_seed_gives_another_network(whole: tuple[FitResult, Path], tmp_path: Path) -> None:
    other = _run(tmp_path, TrainConfig.from_json({**SETTINGS.to_json(), "seed": 2}))
    pairs = zip(_weights(whole[0]), _weights(other), strict=True)
    assert not all(np.array_equal(left, right) for left, right in pairs)


@pytest.mark.parametrize("step", [3])
def test_a_run_stopped_in_mid_epoch_and_resumed_equals_one_that_was_not(
    whole: tuple[FitResult, Path], tmp_path: Path, step: int
) -> None:
    with pytest.raises(TrainingStopped, match=f"at step {step}: pause") as stopped:
        _run(tmp_path, should_stop=_stop_before(step))
    assert (stopped.value.step, stopped.value.reason) == (step, "pause")
    told: list[Progress] = []
    resumed = _run(tmp_path, on_progress=told.append)
    assert next(progress for progress in told if progress.phase == "training").step == step
    _assert_equal(whole[0], resumed)


def test_a_run_killed_between_choosing_and_saving_goes_on_from_the_checkpoint_before(
    whole: tuple[FitResult, Path], tmp_path: Path
) -> None:
    class Killed(BaseException):
        pass

    def die_at_step_4(checkpoints: Checkpoints, step: int) -> None:
        if step == 4:
            raise Killed
        save(checkpoints, step)

    save = Checkpoints.save
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Checkpoints, "save", die_at_step_4)
        with pytest.raises(Killed):
            _run(tmp_path)
    assert (tmp_path / "best-00000004.weights.h5").exists()
    _assert_equal(whole[0], _run(tmp_path))


def test_a_finished_run_gives_its_result_again_without_training(whole: tuple[FitResult, Path]) -> None:
    again = _run(whole[1])
    _assert_equal(whole[0], again)
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


def test_a_folder_of_another_run_is_refused(whole: tuple[FitResult, Path]) -> None:
    with pytest.raises(InvalidConfig, match="another set of training images"):
        fit(_squares(6), _squares(3, seed=9), CONFIG, SETTINGS, whole[1])


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
    scales, decays = optimizer._scales[starts], optimizer._decays[starts]
    trunk = {id(variable) for variable in learner.network.get_layer("backbone").trainable_variables}
    assert 0 < len(trunk) < 49
    for variable, scale, decay in zip(learner.network.trainable_variables, scales, decays, strict=True):
        assert scale == pytest.approx(0.05 if id(variable) in trunk else 1.0), variable.path
        assert decay == pytest.approx(5e-4 if "kernel" in variable.name else 0), variable.path


@pytest.mark.slow
def test_a_few_steps_on_the_real_trunk_lower_the_loss(tmp_path: Path) -> None:
    told: list[Progress] = []
    config = SSDConfig(("nut", "bolt"), input_size_hw=(96, 96))
    settings = TrainConfig(steps=12, batch_size=4, validate_every=6)
    fit(_squares(8), _squares(4, seed=3), config, settings, tmp_path, on_progress=told.append)
    losses = [progress.loss for progress in told if progress.loss is not None]
    assert losses[-1] < losses[0]
