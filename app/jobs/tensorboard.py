"""A run's values as TensorBoard reads them: ``tensorboard --logdir`` on a run's folder, or on all."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

FOLDER = "tensorboard"


class TensorBoardLog:
    """Writes scalars with the writer that TensorFlow has; TensorBoard itself is not needed for that.

    Args:
        folder: the run's. The writer is made with the first value, when TensorFlow is loaded anyway.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / FOLDER
        self._writer: Any = None
        self._broken = False

    def write(self, step: int, values: Mapping[str, float]) -> None:
        """Write values of a step, named as people shall see them; a disk without room is told once."""
        import tensorflow as tf

        if self._broken or not values:
            return
        try:
            if self._writer is None:
                self._writer = tf.summary.create_file_writer(str(self._folder))
            with self._writer.as_default():
                for name, value in values.items():
                    tf.summary.write(name, tf.constant(value, tf.float32), step, _scalar())
            self._writer.flush()
        except tf.errors.OpError as error:
            self._broken = True
            log.warning("The TensorBoard log could not be written; training goes on. %s", error)


def _scalar() -> Any:
    import tensorflow as tf

    metadata = tf.compat.v1.SummaryMetadata()
    metadata.plugin_data.plugin_name = "scalars"
    return metadata
