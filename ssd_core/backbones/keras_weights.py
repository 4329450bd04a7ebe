"""Networks that Keras ships with ImageNet weights, which it downloads once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from ssd_core.errors import WeightsUnavailable


def pretrained(name: str, build: Callable[[], Any]) -> Any:
    """Call a builder of ``keras.applications``; a download that fails becomes a sentence with a remedy.

    Args:
        name: what messages call the network.
        build: builds the network, downloading its weights if they are not on this machine.

    Raises:
        WeightsUnavailable: the weights are not on this machine and cannot be downloaded.
    """
    try:
        return build()
    except (OSError, ValueError) as error:
        # Keras wraps a failed download in a bare Exception on some systems and in these on others.
        raise _unavailable(name, error) from error
    except Exception as error:
        if "URL fetch failure" not in str(error):
            raise
        raise _unavailable(name, error) from error


def freeze_norms(network: keras.Model) -> None:
    """Keep the statistics of all batch normalisations as they are, with their scale and shift."""
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False


def _unavailable(name: str, error: Exception) -> WeightsUnavailable:
    return WeightsUnavailable(
        f"The ImageNet weights of {name} are not on this machine and could not be downloaded ({error}). "
        "Connect to the internet once (Keras keeps them in ~/.keras/models), or choose the backbone "
        "efficientnet_lite0, whose weights are installed with the program."
    )
