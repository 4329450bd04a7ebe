"""A LiteRT network gives the raw predictions of images, and is held against its configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ssd_core.config import SSDConfig
from ssd_core.errors import InvalidArtifact
from ssd_core.litert_backend import LiteRTBackend


@pytest.fixture(scope="module")
def litert(saved_model: Path) -> bytes:
    return (saved_model / "model.float32.tflite").read_bytes()


def test_a_batch_gives_the_predictions_of_its_images(
    litert: bytes, tiny_config: SSDConfig, tiny_network: Any
) -> None:
    images = np.random.default_rng(0).integers(0, 256, (3, *tiny_config.input_size_hw, 3)).astype(np.float32)
    backend = LiteRTBackend(tiny_config, litert, 1)
    wanted = np.asarray(tiny_network(images, training=False))
    np.testing.assert_allclose(backend.run(images), wanted, atol=1e-4)
    np.testing.assert_allclose(backend.run(images[2:]), wanted[2:], atol=1e-4)


def test_an_answer_stays_as_it_is_when_the_next_image_comes(litert: bytes, tiny_config: SSDConfig) -> None:
    backend = LiteRTBackend(tiny_config, litert)
    first = backend.run(np.full((1, *tiny_config.input_size_hw, 3), 255, np.float32))
    before = first.copy()
    backend.run(np.zeros((1, *tiny_config.input_size_hw, 3), np.float32))
    np.testing.assert_array_equal(first, before)


def test_bytes_that_are_no_network_are_refused(tiny_config: SSDConfig) -> None:
    with pytest.raises(InvalidArtifact, match=r"LiteRT cannot use nothing\.tflite"):
        LiteRTBackend(tiny_config, b"no network at all", origin="nothing.tflite")


@pytest.mark.parametrize(
    ("classes", "size_hw", "words"),
    [
        (("nut",), (48, 64), "does not fit its configuration"),
        (("nut", "bolt"), (64, 64), r"float32 \[1, 64, 64, 3\] is wanted"),
    ],
)
def test_a_network_of_another_configuration_is_refused(
    litert: bytes, tiny_config: SSDConfig, classes: tuple[str, ...], size_hw: tuple[int, int], words: str
) -> None:
    other = SSDConfig(
        classes, input_size_hw=size_hw, scales=tiny_config.scales, aspect_ratios=tiny_config.aspect_ratios
    )
    with pytest.raises(InvalidArtifact, match=words):
        LiteRTBackend(other, litert)
