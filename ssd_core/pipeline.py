"""From labelled images to batches of inputs and targets, in an order that any step can be resumed at.

Images are decoded once, before training. The sample at position p of the endless training sequence, its place
in its epoch's shuffle, its variation and the other images that it shows parts of follow from (seed, p) alone.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from PIL import Image

from ssd_core.augment import augment
from ssd_core.config import SSDConfig
from ssd_core.default_boxes import default_boxes_of
from ssd_core.example import Example
from ssd_core.image_store import ImageStore
from ssd_core.matching import LabelEncoder
from ssd_core.train_config import TrainConfig
from ssd_core.views import NOTHING, Labelled

#: Decoded images keep a shorter side of this many input sides, enough for crops of half the picture.
_SIDES_KEPT = 1.7


class Batch(NamedTuple):
    """What one training step takes.

    Attributes:
        images: float32 [B, height, width, 3], RGB 0..255.
        offsets: float32 [B, A, 4], targets of the default boxes.
        classes: int32 [B, A], targets of the default boxes.
        indices: int64 [B], which of the training images these are.
    """

    images: Any
    offsets: Any
    classes: Any
    indices: Any


@dataclass(frozen=True)
class PreparedImages:
    """Decoded training images with their objects, and the places where there is nothing after these.

    Attributes:
        names: how messages name the images.
        images: uint8 [height, width, 3] each, larger than the network's input.
        boxes_xyxy: float32 [G, 4] each, pixels of the decoded image.
        class_ids: int64 [G] each; :data:`~ssd_core.views.NOTHING` for places where there is nothing.
        ignore: bool [G] each.
    """

    names: tuple[str, ...]
    images: ImageStore
    boxes_xyxy: tuple[NDArray[np.float32], ...]
    class_ids: tuple[NDArray[np.int64], ...]
    ignore: tuple[NDArray[np.bool_], ...]

    def __len__(self) -> int:
        return len(self.names)

    def fetch(self, index: int) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
        """Image, boxes, classes and ignore marks of one image."""
        return self.images[index], self.boxes_xyxy[index], self.class_ids[index], self.ignore[index]


def prepare_images(
    examples: Sequence[Example],
    config: SSDConfig,
    store: ImageStore,
    each: Callable[[int], None] = lambda done: None,
) -> PreparedImages:
    """Decode all images, smaller where they have more pixels than training can use.

    Args:
        examples: at least one.
        config: the detector; its input size decides how many pixels are kept.
        store: an empty one.
        each: called with the number of images done, after each; may raise to stop.

    Raises:
        InvalidExample: an image cannot be decoded, or a box does not lie on it; names it.
    """
    shorter = int(_SIDES_KEPT * max(config.input_size_hw))
    boxes: list[NDArray[np.float32]] = []
    for example, (rgb, scale_xy) in zip(examples, _decoded(examples, shorter), strict=True):
        store.append(rgb)
        places = np.concatenate([example.boxes_xyxy, example.negative_boxes_xyxy])
        boxes.append((places * np.tile(scale_xy, 2)).astype(np.float32))
        each(len(boxes))
    return PreparedImages(
        tuple(example.name for example in examples),
        store,
        tuple(boxes),
        tuple(_with_nothing(example, example.class_ids, NOTHING) for example in examples),
        tuple(_with_nothing(example, example.ignore, True) for example in examples),
    )


def _with_nothing(example: Example, values: NDArray[Any], of_nothing: Any) -> NDArray[Any]:
    """What belongs to an example's boxes, with the same value for each place where there is nothing."""
    places = len(example.negative_boxes_xyxy)
    return np.concatenate([values, np.full(places, of_nothing, values.dtype)])


def sample_order(count: int, seed: int, start: int, stop: int) -> NDArray[np.int64]:
    """Which image each position of the training sequence shows: one shuffle of all images after another.

    Args:
        count: number of images.
        seed: of the run.
        start: first position.
        stop: position after the last.

    Returns:
        int64 [stop - start], indices of images.
    """
    epochs = range(start // count, -(-stop // count))
    shuffles = [np.random.default_rng([seed, epoch]).permutation(count) for epoch in epochs]
    if not shuffles:
        return np.zeros(0, np.int64)
    first = epochs.start * count
    return np.concatenate(shuffles)[start - first : stop - first].astype(np.int64)


def training_batches(
    prepared: PreparedImages, config: SSDConfig, train_config: TrainConfig, start_step: int
) -> tf.data.Dataset:
    """The batches of the steps that are left.

    Args:
        prepared: the training images.
        config: the detector.
        train_config: seed, batch size, steps, matching and augmentation.
        start_step: steps already done.

    Returns:
        A dataset of :class:`Batch`, one per step from ``start_step`` on; equal for equal arguments.
    """
    size = train_config.batch_size
    start, stop = start_step * size, train_config.steps * size
    order = sample_order(len(prepared), train_config.seed, start, stop)
    encoder = LabelEncoder(default_boxes_of(config), train_config.match_iou, config.variances)

    def source(index: Any) -> Labelled:
        image, boxes, ids, ignore = tf.numpy_function(
            prepared.fetch, [index], [tf.uint8, tf.float32, tf.int64, tf.bool], stateful=False
        )
        return Labelled(
            tf.ensure_shape(image, [None, None, 3]),
            tf.ensure_shape(boxes, [None, 4]),
            tf.ensure_shape(ids, [None]),
            tf.ensure_shape(ignore, [None]),
        )

    def partner(seed: Any) -> Labelled:
        return source(tf.random.stateless_uniform([], seed, 0, len(prepared), tf.int64))

    def sample(index: Any, position: Any) -> Batch:
        seed = tf.stack([tf.constant(train_config.seed, tf.int64), position])
        varied = augment(source(index), config.input_size_hw, train_config.augment, seed, partner)
        offsets, classes = encoder.encode(varied.boxes_xyxy, varied.class_ids, varied.ignore)
        return Batch(varied.image, offsets, classes, index)

    samples = tf.data.Dataset.from_tensor_slices((order, np.arange(start, stop, dtype=np.int64)))
    samples = samples.map(sample, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    batches = samples.batch(size, drop_remainder=True).prefetch(2)
    options = tf.data.Options()
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.DATA
    return batches.with_options(options)


def _decoded(
    examples: Sequence[Example], shorter: int
) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.float32]]]:
    """Decode a few images ahead, in order."""

    def decode(example: Example) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        return _reduced(example.load(), shorter)

    workers = min(8, os.cpu_count() or 1)
    chunk = 4 * workers
    with ThreadPoolExecutor(workers) as pool:
        for start in range(0, len(examples), chunk):
            yield from pool.map(decode, examples[start : start + chunk])


def _reduced(rgb: NDArray[np.uint8], shorter: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """The image with at most that shorter side, and the factors of x and y."""
    height, width = rgb.shape[:2]
    factor = min(1.0, shorter / min(height, width))
    size_wh = (max(1, round(width * factor)), max(1, round(height * factor)))
    scale_xy = (np.array(size_wh) / (width, height)).astype(np.float32)
    if factor < 1.0:
        rgb = np.asarray(Image.fromarray(rgb).resize(size_wh, Image.Resampling.BILINEAR))
    return rgb, scale_xy
