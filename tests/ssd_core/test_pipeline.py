"""Batches follow from the seed and the position alone."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from ssd_core.config import SSDConfig
from ssd_core.errors import InvalidExample, TrainingStopped
from ssd_core.example import Example
from ssd_core.image_store import ImageStore
from ssd_core.pipeline import PreparedImages, prepare_images, sample_order, training_batches
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
