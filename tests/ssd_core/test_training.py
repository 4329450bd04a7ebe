"""Training learns, stops anywhere, goes on as if nothing had happened, and says what is wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import tensorflow as tf

from ssd_core.checkpoint import Checkpoints
from ssd_core.config import SSDConfig
from ssd_core.epochs import Epoch
from ssd_core.errors import InvalidConfig, InvalidExample, OutOfMemory, TrainingDiverged, TrainingStopped
from ssd_core.example import Example
from ssd_core.learner import Learner, StepResult
from ssd_core.pipeline import Batch
from ssd_core.progress import Progress
from ssd_core.train_config import TrainConfig
from ssd_core.training import FINISHED_EARLY, FitResult, fit
from ssd_core.validation import Look, Validator
from tests.ssd_core.small_training import (
    CONFIG,
    SETTINGS,
    STOPPED,
    assert_equal_results,
    assert_equal_states,
    run,
    saved_tensors,
    squares,
    stop_before,
)


class Whole(NamedTuple):
    """A run that nothing disturbed."""

    result: FitResult
    folder: Path
    told: list[Progress]
    epochs: list[Epoch]


@pytest.fixture(scope="module")
def whole(tiny_backbone: None, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    folder = tmp_path_factory.mktemp("whole")
    told: list[Progress] = []
    epochs: list[Epoch] = []
    result = run(folder, on_progress=told.append, on_epoch=epochs.append)
    return Whole(result, folder, told, epochs)


def test_training_finds_squares_it_has_not_seen(tiny_backbone: None, tmp_path: Path) -> None:
    settings = TrainConfig(
        steps=120, batch_size=8, validate_every=60, weights="none", augment="none", head_learning_rate=1e-2
    )
    result = fit(squares(40), squares(10, seed=5), CONFIG, settings, tmp_path)
    assert result.metrics["AP50"] > 0.8
    assert result.best_step in (60, 120)
    assert (result.stopped_early, result.images_at_once, result.rate_factor) == (None, None, 1.0)


def test_an_equal_run_gives_an_equal_network(whole: Whole, tmp_path: Path) -> None:
    assert_equal_results(whole.result, run(tmp_path))
    assert_equal_states(whole.folder, tmp_path)


def test_another_seed_gives_another_network(whole: Whole, tmp_path: Path) -> None:
    other = run(tmp_path, replace(SETTINGS, seed=2))
    pairs = zip(whole.result.network.get_weights(), other.network.get_weights(), strict=True)
    assert not all(np.array_equal(left, right) for left, right in pairs)


def test_a_run_stopped_in_mid_epoch_and_resumed_equals_one_that_was_not(whole: Whole, tmp_path: Path) -> None:
    epochs: list[Epoch] = []
    with pytest.raises(TrainingStopped, match="at step 3: pause") as stopped:
        run(tmp_path, should_stop=stop_before(3), on_epoch=epochs.append)
    assert (stopped.value.step, stopped.value.reason) == (3, "pause")
    told: list[Progress] = []
    resumed = run(tmp_path, on_progress=told.append, on_epoch=epochs.append)
    assert next(progress for progress in told if progress.phase == "training").step == 3
    assert_equal_results(whole.result, resumed)
    assert_equal_states(whole.folder, tmp_path)
    assert epochs == whole.epochs


def _child(folder: Path, **options: Any) -> subprocess.Popen[str]:
    """The same run in a process of its own."""
    command = [sys.executable, "-m", "tests.ssd_core.small_training", str(folder), json.dumps(options)]
    root = Path(__file__).parents[2]
    return subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _send(child: subprocess.Popen[str], number: signal.Signals, at_step: int) -> int:
    """Send a signal to a process as soon as it begins a step; gives its exit status."""
    assert child.stdout is not None
    try:
        for line in child.stdout:
            if line == f"step {at_step}\n":
                os.kill(child.pid, number)
                break
        _, errors = child.communicate(timeout=120)
    finally:
        child.kill()
        child.wait()
    assert child.returncode in (-number, STOPPED), errors
    return child.returncode


def test_a_process_killed_in_mid_epoch_and_another_equal_one_that_was_not(
    whole: Whole, tmp_path: Path
) -> None:
    # Killed while it does its fourth step or right after it; the last checkpoint is that of the second.
    assert _send(_child(tmp_path, wait_at=4), signal.SIGKILL, at_step=3) == -signal.SIGKILL
    assert (tmp_path / "checkpoints" / "ckpt-2.index").exists()
    told: list[Progress] = []
    resumed = run(tmp_path, on_progress=told.append)
    assert next(progress for progress in told if progress.phase == "training").step in (2, 4)
    assert_equal_results(whole.result, resumed)
    assert_equal_states(whole.folder, tmp_path)


def test_a_process_stopped_by_sigterm_in_mid_epoch_and_another_equal_one_that_was_not(
    whole: Whole, tmp_path: Path
) -> None:
    assert _send(_child(tmp_path, wait_at=3), signal.SIGTERM, at_step=3) == STOPPED
    told: list[Progress] = []
    resumed = run(tmp_path, on_progress=told.append)
    assert next(progress for progress in told if progress.phase == "training").step == 3
    assert_equal_results(whole.result, resumed)
    assert_equal_states(whole.folder, tmp_path)


def test_a_run_killed_between_choosing_and_saving_goes_on_from_the_checkpoint_before(
    whole: Whole, tmp_path: Path
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
            run(tmp_path)
    assert (tmp_path / "best-00000004.weights.h5").exists()
    assert_equal_results(whole.result, run(tmp_path))


def test_a_run_stopped_before_at_and_after_the_border_of_two_stages_equals_one_that_was_not(
    tiny_backbone: None, tmp_path: Path
) -> None:
    # Eight steps of four of five images: the trunk is frozen in the first four, up to the midst of a pass.
    settings = replace(SETTINGS, steps=8, weights="imagenet", frozen="all", unfreeze_at=0.5, validate_every=8)
    whole = run(tmp_path / "whole", settings)
    for steps_more in (3, 1, 1):
        with pytest.raises(TrainingStopped):
            run(tmp_path / "stopped", settings, should_stop=stop_before(steps_more))
    assert_equal_results(whole, run(tmp_path / "stopped", settings))
    assert_equal_states(tmp_path / "whole", tmp_path / "stopped")


def test_a_finished_run_gives_its_result_again_without_training(whole: Whole) -> None:
    again = run(whole.folder)
    assert_equal_results(whole.result, again)
    assert again.images_per_second is None


def test_stopping_while_images_are_read_needs_no_state(tiny_backbone: None, tmp_path: Path) -> None:
    with pytest.raises(TrainingStopped, match="at step 0: cancel"):
        run(tmp_path, should_stop=lambda: "cancel")


def test_progress_tells_phases_steps_losses_and_metrics(whole: Whole) -> None:
    told = whole.told
    assert told[0].phase == "preparing"
    assert told[-1].phase == "finishing"
    validated = [progress for progress in told if progress.metrics]
    assert [progress.step for progress in validated] == [4, 6]
    assert all(progress.loss is not None and progress.seconds_left is not None for progress in validated)
    assert told[-1].total_epochs == 5
    assert all(progress.note is None for progress in told)
    assert set(whole.result.metrics) >= {"AP", "AP50", "per_class"}
    assert whole.result.images_per_second is not None


def test_each_pass_over_the_images_is_told_with_its_losses_and_metrics(whole: Whole) -> None:
    # Steps of four out of five images: passes end with steps 2, 3, 4 and 5.
    assert [(epoch.number, epoch.step) for epoch in whole.epochs] == [(1, 2), (2, 3), (3, 4), (4, 5)]
    assert [epoch.metrics is not None for epoch in whole.epochs] == [False, False, True, False]
    for epoch in whole.epochs:
        assert epoch.loss == pytest.approx(epoch.localisation_loss + epoch.classification_loss, rel=1e-5)


def test_two_images_and_no_validation_are_enough(tiny_backbone: None, tmp_path: Path) -> None:
    empty = Example("empty", np.zeros((64, 64, 3), np.uint8))
    result = fit([*squares(1), empty], [], CONFIG, SETTINGS, tmp_path)
    assert result.metrics == {}
    assert result.best_step == 6


def test_a_run_that_learns_nothing_more_stops_early_and_does_not_go_on_when_asked_again(
    tiny_backbone: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = iter([0.4, 0.9, 0.0, 0.0, 0.9, 0.9])
    monkeypatch.setattr(Validator, "look", lambda _, step: Look(step, (), (), {"AP": next(scores)}))
    settings = replace(SETTINGS, steps=60, validate_every=1, patience=2)
    with pytest.raises(TrainingStopped):
        run(tmp_path, settings, should_stop=stop_before(3))
    result = run(tmp_path, settings)
    assert (result.steps, result.best_step) == (4, 2)
    # Smoothed: .4, .65, .325, .1625; three boxes tell .29 from chance.
    assert result.stopped_early is not None
    assert "AP did not rise above 0.650 (smoothed) in the last 2 validations" in result.stopped_early
    again = run(tmp_path, settings)
    assert (again.steps, again.stopped_early) == (4, result.stopped_early)


def _short_of_memory(patch: pytest.MonkeyPatch, from_step: int, images: int) -> None:
    """Memory holds so many images at once from a step on."""
    look_at = Learner._look_at

    def short(self: Learner, batch: Batch) -> Any:
        found = look_at(self, batch)  # the lack is noticed late, when statistics have moved
        if int(self.step) >= from_step and int(self.images_at_once) > images:
            raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")
        return found

    patch.setattr(Learner, "_look_at", short)


def _poisoned(patch: pytest.MonkeyPatch, step: int, rate_above: float) -> None:
    """The images of a step are no numbers while the rate is above so much of its value."""
    train_on = Learner.train_on

    def poisoned(self: Learner, batch: Batch) -> StepResult:
        bad = int(self.step) == step and float(self.rate_factor) > rate_above
        return train_on(self, batch._replace(images=batch.images * (np.nan if bad else 1.0)))

    patch.setattr(Learner, "train_on", poisoned)


def test_a_run_told_to_finish_ends_there_with_its_best_weights(tiny_backbone: None, tmp_path: Path) -> None:
    looks: list[Look] = []
    reached: list[int] = []
    result = run(
        tmp_path,
        on_progress=lambda progress: reached.append(progress.step),
        on_look=looks.append,
        should_finish=lambda: bool(looks),
    )
    assert (result.steps, result.best_step) == (4, 4)
    assert result.stopped_early == FINISHED_EARLY
    assert max(reached) == 4
    assert [(look.step, len(look.examples), len(look.detections)) for look in looks] == [(4, 3, 3)]
    assert looks[0].metrics == result.metrics


def test_a_run_told_to_finish_between_validations_judges_what_it_has(
    tiny_backbone: None, tmp_path: Path
) -> None:
    result = run(tmp_path, should_finish=lambda: True)
    assert (result.steps, result.best_step) == (0, 0)
    assert "AP" in result.metrics


def test_a_state_is_saved_after_a_while_whatever_the_settings_say(
    tiny_backbone: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ssd_core.training.SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    settings = replace(SETTINGS, checkpoint_every=100, validate_every=100)
    with pytest.raises(TrainingStopped):
        run(tmp_path, settings, should_stop=stop_before(2))
    assert sorted(path.name for path in (tmp_path / "checkpoints").glob("*.index")) == [
        "ckpt-1.index",
        "ckpt-2.index",
    ]


def test_a_run_in_trouble_mends_itself_says_so_and_remembers_it_when_resumed(
    tiny_backbone: None, tmp_path: Path
) -> None:
    told: list[Progress] = []
    with pytest.MonkeyPatch.context() as patch:
        _short_of_memory(patch, from_step=1, images=2)
        _poisoned(patch, step=3, rate_above=0.5)
        first = run(tmp_path / "first", on_progress=told.append)
        assert (first.steps, first.images_at_once, first.rate_factor) == (6, 2, 0.5)
        assert all(np.isfinite(weight).all() for weight in first.network.get_weights())
        notes = [progress.note for progress in told if progress.note]
        assert [note.partition(".")[0] for note in notes] == [
            "There was not enough memory for 4 images at once",
            "The loss at step 4 is not a finite number",
        ]
        assert "it still learns from 4 images" in notes[0]
        assert "The images of this step were square 0, square 3, square 2" in notes[1]
        assert notes[1].endswith("after step 2 with 0.5 of the learning rate.")
        with pytest.raises(TrainingStopped, match="step 5"):
            # Asked before each of the five steps that stay and of the three tried in vain or undone.
            run(tmp_path / "second", should_stop=stop_before(8))
    # What went wrong goes wrong no longer, yet the run stays as it decided to be.
    assert_equal_results(first, run(tmp_path / "second"))
    assert_equal_states(tmp_path / "first", tmp_path / "second")


def test_a_run_without_memory_for_even_one_image_says_what_to_change(
    tiny_backbone: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _short_of_memory(monkeypatch, from_step=0, images=0)
    with pytest.raises(OutOfMemory, match=r"even one image of \(64, 64\).*smaller input size"):
        run(tmp_path)


def test_a_loss_that_stays_no_number_names_the_images_and_keeps_the_last_good_state(
    tiny_backbone: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _poisoned(monkeypatch, step=3, rate_above=0.0)
    with pytest.raises(
        TrainingDiverged, match=r"step 4 is not a finite number.* square \d, square \d"
    ) as end:
        run(tmp_path)
    assert "lowered to 0.125 of its value without success; the state after step 2 is saved" in str(end.value)
    saved = saved_tensors(tmp_path)
    assert saved["step/.ATTRIBUTES/VARIABLE_VALUE"] == 2
    assert all(np.isfinite(value).all() for value in saved.values())


def test_what_cannot_be_trained_on_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(InvalidExample, match="no training image"):
        fit([], [], CONFIG, SETTINGS, tmp_path / "run")
    wrong = Example("odd", np.zeros((64, 64, 3), np.uint8), [[0, 0, 9, 9]], [2])
    with pytest.raises(InvalidExample, match="'odd' has class index 2"):
        fit(squares(2), [wrong], CONFIG, SETTINGS, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_folder_of_another_run_is_refused(whole: Whole) -> None:
    with pytest.raises(InvalidConfig, match="another set of training images"):
        fit(squares(6), squares(3, seed=9), CONFIG, SETTINGS, whole.folder)


@pytest.mark.slow
def test_a_few_steps_on_the_real_trunk_lower_the_loss(real_backbone: None, tmp_path: Path) -> None:
    told: list[Progress] = []
    config = SSDConfig(("nut", "bolt"), input_size_hw=(96, 96))
    settings = TrainConfig(steps=12, batch_size=4, validate_every=6)
    fit(squares(8), squares(4, seed=3), config, settings, tmp_path, on_progress=told.append)
    losses = [progress.loss for progress in told if progress.loss is not None]
    assert losses[-1] < losses[0]
