"""Batches follow from the seed and the position alone."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from ssd_core.config import SSDConfig
from ssd_core.errors import InvalidExample, TrainingStopped
from ssd_core.example import Example
from ssd_core.image_store import ImageStore
from ssd_core.losses import classification_sums
from ssd_core.matching import CERTAIN_BACKGROUND
from ssd_core.pipeline import PreparedImages, prepare_images, sample_order, training_batches
from ssd_core.policies import POLICIES, Policy
from ssd_core.train_config import TrainConfig

CONFIG = SSDConfig(("nut",), input_size_hw=(64, 64))


def _prepared(tmp_path: Path, count: int, size_hw: tuple[int, int] = (80, 100)) -> PreparedImages:
    rng = np.random.default_rng(0)
    examples = [
        Example(f"image {index}", rng.integers(0, 255, (*size_hw, 3), np.uint8), [[10, 20, 60, 70]], [0])
        for index in range(count)
    ]
    return prepare_images(examples, CONFIG, ImageStore(tmp_path / "images.raw"))


def test_every_epoch_shows_every_image_once_in_another_order() -> None:
    order = sample_order(5, seed=1, start=0, stop=15).reshape(3, 5)
    assert all(sorted(epoch) == [0, 1, 2, 3, 4] for epoch in order.tolist())
    assert len({tuple(epoch) for epoch in order.tolist()}) == 3
    assert not np.array_equal(order.ravel(), sample_order(5, seed=2, start=0, stop=15))


@pytest.mark.parametrize("start", [0, 1, 4, 5, 7, 14, 15])
def test_the_order_from_a_step_on_is_the_rest_of_the_whole_order(start: int) -> None:
    whole = sample_order(5, seed=1, start=0, stop=15)
    np.testing.assert_array_equal(sample_order(5, 1, start, 15), whole[start:])


def test_batches_after_a_resume_are_those_that_were_left(tmp_path: Path) -> None:
    settings = TrainConfig(steps=5, batch_size=3, seed=4)
    prepared = _prepared(tmp_path, 4)
    whole = list(training_batches(prepared, CONFIG, settings, 0))
    rest = list(training_batches(prepared, CONFIG, settings, 3))
    assert (len(whole), len(rest)) == (5, 2)
    for expected, found in zip(whole[3:], rest, strict=True):
        for left, right in zip(expected, found, strict=True):
            np.testing.assert_array_equal(left, right)


def _solid(tmp_path: Path, count: int) -> PreparedImages:
    """Images of one grey each: 10, 20, 30 …, with one white object."""
    examples = []
    for index in range(count):
        image = np.full((80, 100, 3), 10 * (index + 1), np.uint8)
        image[30:50, 40:60] = 255
        examples.append(Example(f"image {index}", image, [[40, 30, 60, 50]], [0]))
    return prepare_images(examples, CONFIG, ImageStore(tmp_path / "images.raw"))


def _samples(
    prepared: PreparedImages, settings: TrainConfig, start_step: int = 0
) -> list[tuple[np.ndarray, ...]]:
    """What each position of the training sequence gives."""
    batches = training_batches(prepared, CONFIG, settings, start_step)
    return [row for batch in batches for row in zip(*(part.numpy() for part in batch), strict=True)]


@pytest.mark.parametrize("policy", ["standard", "strong"])
def test_a_sample_follows_from_the_seed_and_its_position_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, policy: str
) -> None:
    # Often enough for twelve samples to have both.
    monkeypatch.setitem(POLICIES, "strong", Policy(flip=0.5, colour=0.5, crop=0.5, mosaic=0.7, paste=0.7))
    prepared = _solid(tmp_path, 5)
    whole = _samples(prepared, TrainConfig(steps=4, batch_size=3, seed=7, augment=policy))
    # The same positions in batches of another size, from another step on.
    late = _samples(prepared, TrainConfig(steps=12, batch_size=1, seed=7, augment=policy), start_step=5)
    for expected, found in zip(whole[5:], late, strict=True):
        for left, right in zip(expected, found, strict=True):
            np.testing.assert_array_equal(left, right)
    other = _samples(prepared, TrainConfig(steps=2, batch_size=3, seed=8, augment=policy))
    assert not any(np.array_equal(one[0], another[0]) for one, another in zip(whole, other, strict=False))


def test_a_mosaic_shows_images_of_the_whole_training_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(POLICIES, "strong", Policy(mosaic=1.0))
    samples = _samples(_solid(tmp_path, 6), TrainConfig(steps=12, batch_size=1, augment="strong"))
    partners: Counter[int] = Counter()
    for image, _, classes, index in samples:
        greys = [grey for grey in range(10, 61, 10) if (np.abs(image[..., 0] - grey) < 0.5).mean() > 0.02]
        assert 10 * (index + 1) in greys
        assert (classes == 1).any()
        partners.update(greys)
    assert set(partners) == {10, 20, 30, 40, 50, 60}
    assert sum(partners.values()) > 30


def test_a_batch_may_be_larger_than_the_data_set(tmp_path: Path) -> None:
    settings = TrainConfig(steps=2, batch_size=6, seed=0)
    batches = list(training_batches(_prepared(tmp_path, 2), CONFIG, settings, 0))
    for batch in batches:
        assert Counter(batch.indices.numpy().tolist()) == {0: 3, 1: 3}
    # The same image is varied anew each time it is shown.
    images = batches[0].images.numpy()[batches[0].indices.numpy() == 0]
    assert not np.array_equal(images[0], images[1])


def test_a_batch_has_images_and_a_target_for_every_default_box(tmp_path: Path) -> None:
    settings = TrainConfig(steps=1, batch_size=2, augment="none")
    (batch,) = training_batches(_prepared(tmp_path, 2), CONFIG, settings, 0)
    boxes = CONFIG.num_default_boxes
    assert batch.images.shape == (2, 64, 64, 3)
    assert batch.offsets.shape == (2, boxes, 4)
    assert batch.classes.shape == (2, boxes)
    assert set(np.unique(batch.classes)) == {0, 1}


def test_a_rejected_place_is_in_the_loss_though_the_quota_leaves_it_out(tmp_path: Path) -> None:
    image = np.zeros((64, 64, 3), np.uint8)
    settings = TrainConfig(steps=1, batch_size=2, seed=0, augment="none")
    examples = [
        Example("marked", image, [[4, 4, 28, 28]], [0], negative_boxes_xyxy=[[32, 32, 60, 60]]),
        Example("unmarked", image, [[4, 4, 28, 28]], [0]),
    ]
    prepared = prepare_images(examples, CONFIG, ImageStore(tmp_path / "images.raw"))
    (batch,) = training_batches(prepared, CONFIG, settings, 0)
    marked, plain = (batch.classes.numpy()[batch.indices.numpy().tolist().index(which)] for which in (0, 1))
    certain = marked == CERTAIN_BACKGROUND
    assert certain.any()
    np.testing.assert_array_equal(np.where(certain, 0, marked), plain)
    # A network that takes only the marked place for background, so that its quota is filled by all the rest.
    logits = np.where(certain[:, None], [[3.0, 0.0]], [[0.0, 0.0]]).astype(np.float32)[None]
    targets = (tf.constant(each[None]) for each in (marked, plain))
    with_it, without = (float(classification_sums(each, logits)[0]) for each in targets)
    assert with_it - without == pytest.approx(certain.sum() * np.log1p(np.exp(-3)), rel=1e-3)


def test_large_images_are_kept_smaller_and_their_boxes_follow(tmp_path: Path) -> None:
    prepared = _prepared(tmp_path, 1, size_hw=(432, 1000))
    assert prepared.images[0].shape == (108, 250, 3)
    np.testing.assert_allclose(prepared.boxes_xyxy[0], [[2.5, 5, 15, 17.5]])


def test_small_images_are_kept_as_they_are(tmp_path: Path) -> None:
    prepared = _prepared(tmp_path, 1)
    assert prepared.images[0].shape == (80, 100, 3)
    assert prepared.boxes_xyxy[0].tolist() == [[10, 20, 60, 70]]


def test_a_damaged_image_is_reported_by_name(tmp_path: Path) -> None:
    good = Example("good", np.zeros((9, 9, 3), np.uint8))
    with pytest.raises(InvalidExample, match="'broken'"):
        prepare_images([good, Example("broken", b"no image")], CONFIG, ImageStore(tmp_path / "images.raw"))


def test_preparing_can_be_stopped_between_images(tmp_path: Path) -> None:
    def stop(done: int) -> None:
        if done == 2:
            raise TrainingStopped("cancel", 0)

    examples = [Example(str(index), np.zeros((9, 9, 3), np.uint8)) for index in range(3)]
    with pytest.raises(TrainingStopped):
        prepare_images(examples, CONFIG, ImageStore(tmp_path / "images.raw"), stop)
