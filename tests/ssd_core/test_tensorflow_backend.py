"""A Keras network as a compiled graph gives the same predictions, and is held against its configuration."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ssd_core.config import SSDConfig
from ssd_core.errors import InvalidArtifact
from ssd_core.tensorflow_backend import TensorFlowBackend


def test_batches_of_any_size_give_what_the_network_gives(tiny_config: SSDConfig, tiny_network: Any) -> None:
    images = np.random.default_rng(0).integers(0, 256, (3, *tiny_config.input_size_hw, 3)).astype(np.float32)
    backend = TensorFlowBackend(tiny_config, tiny_network)
    wanted = np.asarray(tiny_network(images, training=False))
    for count in (1, 3):
        given = backend.run(images[:count])
        assert (given.dtype, given.shape) == (np.float32, wanted[:count].shape)
        np.testing.assert_allclose(given, wanted[:count], atol=1e-4)


@pytest.mark.parametrize(
    ("classes", "size_hw", "words"),
    [
        (("nut",), (48, 64), r"has \[\d+, 7\] per image where \[\d+, 6\] is wanted"),
        (("nut", "bolt"), (64, 64), r"has \[48, 64, 3\] per image where \[64, 64, 3\] is wanted"),
    ],
)
def test_a_network_of_another_configuration_is_refused(
    tiny_config: SSDConfig, tiny_network: Any, classes: tuple[str, ...], size_hw: tuple[int, int], words: str
) -> None:
    other = SSDConfig(
        classes, input_size_hw=size_hw, scales=tiny_config.scales, aspect_ratios=tiny_config.aspect_ratios
    )
    with pytest.raises(InvalidArtifact, match=words):
        TensorFlowBackend(other, tiny_network)


def test_importing_it_imports_no_tensorflow() -> None:
    program = "import sys, ssd_core.tensorflow_backend; print('tensorflow' in sys.modules)"
    root = Path(__file__).parents[2]
    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "False"
