"""Over which devices a run learns, and in which precision they calculate best."""

from __future__ import annotations

from collections.abc import Sequence
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

# Tensor cores for bfloat16 came with compute capability 8.0, those for float16 with 7.0
# (https://docs.nvidia.com/deeplearning/performance/mixed-precision-training).
_BFLOAT16_FROM = (8, 0)
_FLOAT16_FROM = (7, 0)


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


def choose_precision(wanted: str, capabilities: Sequence[tuple[int, int] | None]) -> Precision:
    """In which precision the layers calculate.

    Args:
        wanted: ``auto``, or one of :data:`POLICIES`, which is then taken.
        capabilities: CUDA's compute capability of every GPU that is used, None where it has none.

    Returns:
        For ``auto``, bfloat16 (which has the range of float32) or else float16, if all GPUs are fast at it;
        float32 on CPUs and other GPUs.
    """
    for precision in POLICIES:
        if wanted == precision:
            return precision
    least = min((known or (0, 0) for known in capabilities), default=(0, 0))
    if least >= _BFLOAT16_FROM:
        return "bfloat16"
    return "float16" if least >= _FLOAT16_FROM else "float32"


def gpu_capabilities(strategy: tf.distribute.Strategy) -> list[tuple[int, int] | None]:
    """The compute capability of every GPU that a strategy uses; empty on a CPU."""
    gpus = tf.config.list_physical_devices("GPU")
    if strategy.num_replicas_in_sync > 1 and not any(
        "GPU" in device for device in strategy.extended.worker_devices
    ):
        return []
    return [tf.config.experimental.get_device_details(gpu).get("compute_capability") for gpu in gpus]
