"""What TensorFlow can train on here, asked in a process of its own: ``python -m app.jobs.device_probe FILE``.

Whoever serves pages must not load TensorFlow, which takes seconds and half a gigabyte.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any


def main(arguments: list[str]) -> int:
    """Write what was found to a file; returns the exit code."""
    target = Path(arguments[0])
    making = target.with_suffix(".making")
    making.write_text(
        json.dumps({"tensorflow": version("tensorflow"), "gpus": visible_gpus()}), encoding="utf-8"
    )
    making.replace(target)
    return 0


def visible_gpus() -> list[dict[str, Any]]:
    """The GPUs that TensorFlow can use, in its order: ``name``, and ``capability`` as CUDA counts it."""
    import tensorflow as tf

    found = []
    for gpu in tf.config.list_physical_devices("GPU"):
        details = tf.config.experimental.get_device_details(gpu)
        capability = details.get("compute_capability")
        found.append(
            {
                "name": str(details.get("device_name", gpu.name)),
                "capability": list(capability) if capability else None,
            }
        )
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
