"""How a network does on the validation images while it trains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from ssd_core.config import SSDConfig
from ssd_core.default_boxes import default_boxes_of
from ssd_core.evaluation import evaluate
from ssd_core.evaluation_detections import evaluation_detections
from ssd_core.example import Example
from ssd_core.model import build_network
from ssd_core.nms import Detections
from ssd_core.preprocess import resize_for_network

#: More images would cost minutes of every run and decide nothing; the final figures take all of them.
MOST_IMAGES = 200

_BATCH = 8


@dataclass(frozen=True, eq=False, slots=True)
class Look:
    """What a network saw at one validation.

    Attributes:
        step: optimiser steps done.
        examples: the images that were looked at.
        detections: of each of them, in its own pixels, from a low score on.
        metrics: what :func:`~ssd_core.evaluation.evaluate` makes of them.
    """

    step: int
    examples: Sequence[Example]
    detections: Sequence[Detections]
    metrics: dict[str, Any]


class Validator:
    """A network for looking at the validation images, which are decoded and warped once.

    It has its own weights, so that nothing here touches what is being trained.

    Args:
        examples: the validation images, possibly none; of very many, :data:`MOST_IMAGES` evenly spread ones
            are taken.
        config: the detector.

    Raises:
        InvalidExample: an image cannot be decoded, or a box does not lie on it.
    """

    def __init__(self, examples: Sequence[Example], config: SSDConfig) -> None:
        count = min(len(examples), MOST_IMAGES)
        self._examples = [examples[index * len(examples) // count] for index in range(count)]
        self._config = config
        self._default_boxes = default_boxes_of(config)
        self._sizes_hw: list[tuple[int, int]] = []
        self._inputs: list[NDArray[np.uint8]] = []
        for example in self._examples:
            rgb = example.load()
            self._sizes_hw.append((rgb.shape[0], rgb.shape[1]))
            self._inputs.append(resize_for_network(rgb, config.input_size_hw).astype(np.uint8))
        #: The network that is looked at; give it weights first.
        self.network = build_network(config, None)
        self._predict = tf.function(
            lambda images: self.network(images, training=False),
            input_signature=[tf.TensorSpec([None, *config.input_size_hw, 3], tf.float32)],
        )

    @property
    def boxes(self) -> int:
        """The number of boxes that count."""
        return sum(int(np.sum(~example.ignore)) for example in self._examples)

    def look(self, step: int) -> Look:
        """Detect on all images, compare with their boxes, and keep both."""
        detections = self.detections() if self._examples else []
        metrics = evaluate(detections, self._examples, self._config.classes) if self._examples else {}
        return Look(step, self._examples, detections, metrics)

    def metrics(self) -> dict[str, Any]:
        """Detect on all images and compare with their boxes.

        Returns:
            What :func:`~ssd_core.evaluation.evaluate` gives; nothing without images.
        """
        return self.look(0).metrics

    def detections(self) -> list[Detections]:
        """Detections of every image, in its own pixels, from a low score on."""
        found = []
        for start in range(0, len(self._inputs), _BATCH):
            images = np.stack(self._inputs[start : start + _BATCH]).astype(np.float32)
            for offset, prediction in enumerate(self._predict(tf.constant(images)).numpy()):
                size_hw = self._sizes_hw[start + offset]
                found.append(evaluation_detections(prediction, self._default_boxes, self._config, size_hw))
        return found
