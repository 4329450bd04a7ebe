"""Over which devices a run learns, and in which precision they calculate."""

from __future__ import annotations

from typing import Literal

import tensorflow as tf

from ssd_core.errors import InvalidConfig

Precision = Literal["float32", "bfloat16", "float16"]

#: The dtype policy of Keras for each precision: variables are float32 in all of them.
POLICIES: dict[Precision, str] = {
    "float32": "float32",
    "bfloat16": "mixed_bfloat16",
    "float16": "mixed_float16",
}


def available_strategy(batch_size: int | None = None) -> tf.distribute.Strategy:
    """All GPUs of this machine if there are several, else its one GPU or CPU.

    Args:
        batch_size: images per step; of several GPUs as many are taken as share them evenly.
    """
    gpus = [device.name for device in tf.config.list_logical_devices("GPU")]
    count = largest_even_share(len(gpus), batch_size)
    if count > 1:
        return tf.distribute.MirroredStrategy(gpus[:count])
    return tf.distribute.get_strategy()


def largest_even_share(devices: int, batch_size: int | None) -> int:
    """The largest number of devices, at most all, that divides the batch; all if there is none to divide."""
    if batch_size is None:
        return devices
    return max((count for count in range(1, devices + 1) if batch_size % count == 0), default=0)


def check_even_share(strategy: tf.distribute.Strategy, batch_size: int) -> None:
    """Check that every device gets equally many images, without which their norms would differ.

    Raises:
        InvalidConfig: it does not.
    """
    devices = strategy.num_replicas_in_sync
    if batch_size % devices:
        raise InvalidConfig(
            f"The setting batch_size is {batch_size}, but must be a multiple of the {devices} devices that "
            f"share it: choose {batch_size // devices * devices or devices} or "
            f"{(batch_size // devices + 1) * devices}, or train on fewer devices."
        )


def choose_precision(wanted: Precision | Literal["auto"]) -> Precision:
    """In which precision the layers calculate.

    Args:
        wanted: ``auto``, or a precision, which is then taken.

    Returns:
        For ``auto`` float32, on GPUs too. Networks of this size wait for kernels to be started, not for their
        arithmetic: on an H200 a step took no less time in bfloat16, and the first one, in which cuDNN tries
        its ways, 52 to 61 s instead of 14 s.
    """
    return "float32" if wanted == "auto" else wanted
