"""One step changes the weights, or nothing at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from ssd_core.config import SSDConfig
from ssd_core.devices import available_strategy
from ssd_core.freezing import norms_within
from ssd_core.image_store import ImageStore
from ssd_core.learner import Learner, StepTooLarge
from ssd_core.pipeline import Batch, prepare_images, training_batches
from ssd_core.stages import Stage, stages_for
from ssd_core.train_config import TrainConfig
from tests.ssd_core.small_training import CONFIG, SETTINGS, squares

FIVE = replace(SETTINGS, batch_size=5)


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """Five images with their targets."""
    store = ImageStore(tmp_path_factory.mktemp("images") / "images.raw")
    return next(iter(training_batches(prepare_images(squares(5), CONFIG, store), CONFIG, FIVE, 0)))


def _learner(settings: TrainConfig = FIVE, stages: tuple[Stage, ...] | None = None) -> Learner:
    return Learner(CONFIG, settings, available_strategy(), stages)


def _everything(learner: Learner) -> dict[str, np.ndarray]:
    """All numbers that a step may change."""
    numbers = {weight.path: weight.numpy() for weight in learner.network.weights}
    numbers |= {
        f"optimizer {index}": value.numpy() for index, value in enumerate(learner.optimizer.variables)
    }
    return numbers | {
        "average": learner.average.values.numpy(),
        "step": learner.step.numpy(),
        "loss scale": learner.loss_scale.value.numpy(),
    }


def _assert_unchanged(before: dict[str, np.ndarray], learner: Learner, but: tuple[str, ...] = ()) -> None:
    after = _everything(learner)
    assert before.keys() == after.keys()
    for name, value in before.items():
        if name not in but:
            np.testing.assert_array_equal(value, after[name], err_msg=name)


def test_gradients_added_up_over_parts_of_a_batch_are_those_of_the_batch(
    tiny_backbone: None, batch: Batch
) -> None:
    learner = _learner()
    learner._enter_stage()
    for norm in norms_within(learner.network):
        norm.trainable = False  # it would see other statistics in a part than in the whole
    assert int(learner.images_at_once) == 5
    losses, whole, length = learner._look_at(batch)
    for at_once in (3, 2, 1):
        learner.images_at_once.assign(at_once)
        part_losses, parts, part_length = learner._look_at(batch)
        np.testing.assert_allclose(part_losses, losses, rtol=1e-5)
        assert part_length == pytest.approx(length, rel=1e-5)
        assert float(
            tf.linalg.global_norm([left - right for left, right in zip(parts, whole, strict=True)])
        ) < (1e-5 * length)


def test_a_step_without_enough_memory_changes_nothing(
    tiny_backbone: None, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner = _learner()
    learner.train_on(batch)
    look_at = Learner._look_at

    def short(self: Learner, batch: Batch) -> Any:
        look_at(self, batch)  # the statistics of normalisations have moved when memory runs out
        raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")

    before = _everything(learner)
    monkeypatch.setattr(Learner, "_look_at", short)
    with pytest.raises(StepTooLarge) as fault:
        learner.train_on(batch)
    assert fault.value.intact
    _assert_unchanged(before, learner)


def test_memory_that_ends_while_weights_change_is_told_apart(
    tiny_backbone: None, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def short(*_: Any) -> None:
        raise MemoryError

    learner = _learner()
    monkeypatch.setattr(learner.optimizer, "apply", short)
    with pytest.raises(StepTooLarge) as fault:
        learner.train_on(batch)
    assert not fault.value.intact


def test_a_step_whose_loss_is_no_number_changes_nothing(tiny_backbone: None, batch: Batch) -> None:
    learner = _learner()
    assert learner.train_on(batch).finite
    before = _everything(learner)
    result = learner.train_on(batch._replace(images=batch.images * np.nan))
    assert not result.finite
    _assert_unchanged(before, learner)
    assert learner.train_on(batch).finite


def test_a_frozen_trunk_stays_as_it_is_until_its_stage_ends(tiny_backbone: None, batch: Batch) -> None:
    settings = replace(FIVE, weights="imagenet", frozen="all", unfreeze_at=0.5)
    learner = _learner(settings, stages_for(5, settings))
    trunk = learner.network.get_layer("backbone").weights
    assert len(trunk) == 2 * 5  # kernel, gamma, beta and two statistics of each layer
    before = [weight.numpy() for weight in trunk]
    for _ in range(3):
        learner.train_on(batch)
    for left, right in zip(before, trunk, strict=True):
        np.testing.assert_array_equal(left, right.numpy())
    resting = learner.optimizer.parts[1]
    assert not resting.momentum.numpy().any()
    learner.train_on(batch)
    for left, right in zip(before, trunk, strict=True):
        assert not np.array_equal(left, right.numpy()), right.path
    assert resting.momentum.numpy().any()


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_in_mixed_precision_the_loss_falls_and_weights_and_predictions_are_float32(
    tiny_backbone: None, batch: Batch, precision: Any
) -> None:
    learner = _learner(replace(FIVE, precision=precision))
    assert learner.network.get_layer("logits").compute_dtype == precision
    results = [learner.train_on(batch) for _ in range(4)]
    losses = [result.loss for result in results]
    assert all(result.finite for result in results)
    assert np.isfinite(losses).all()
    assert losses[-1] < losses[0]
    assert {weight.dtype for weight in learner.network.weights} == {"float32"}
    assert learner.network(batch.images).dtype == tf.float32


def test_a_gradient_that_overflows_in_half_precision_lowers_the_scale_and_spares_the_weights(
    tiny_backbone: None, batch: Batch
) -> None:
    learner = _learner(replace(FIVE, precision="float16"))
    learner.train_on(batch)
    learner.loss_scale.value.assign(2.0**24)
    before = _everything(learner)
    result = learner.train_on(batch)
    assert result.finite
    assert np.isfinite(result.loss)
    statistics = tuple(name for name in before if "moving" in name)
    _assert_unchanged(before, learner, ("step", "loss scale", *statistics))
    assert learner.loss_scale.value.numpy() == 2.0**23
    assert learner.step.numpy() == 2


def test_a_pretrained_trunk_learns_slower_and_norms_do_not_decay(real_backbone: None) -> None:
    config = SSDConfig(("nut",), input_size_hw=(96, 96))
    learner = Learner(config, TrainConfig(frozen="first_map"), available_strategy())
    (part,) = learner.optimizer.parts
    starts = np.cumsum([0, *part._sizes[:-1]])
    scales, decays = part._scales[starts], part._decays[starts]
    trunk = {id(variable) for variable in learner.network.get_layer("backbone").trainable_variables}
    assert 0 < len(trunk) < 49
    for variable, scale, decay in zip(learner.network.trainable_variables, scales, decays, strict=True):
        assert scale == pytest.approx(0.05 if id(variable) in trunk else 1.0), variable.path
        assert decay == pytest.approx(5e-4 if "kernel" in variable.name else 0), variable.path


def test_equal_steps_are_taken_from_a_state_that_was_saved(
    tiny_backbone: None, batch: Batch, tmp_path: Path
) -> None:
    first, second = _learner(), _learner(replace(FIVE, seed=2))
    first.train_on(batch)
    path = tf.train.Checkpoint(**first.state()).write(str(tmp_path / "state"))
    first.train_on(batch)
    tf.train.Checkpoint(**second.state()).read(path).assert_consumed()
    second.train_on(batch)
    _assert_unchanged(_everything(first), second)
