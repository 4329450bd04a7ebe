"""The state of a run on disk: whole or not at all, checked before it is trusted."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tensorflow as tf

from ssd_core.errors import InvalidConfig

_log = logging.getLogger(__name__)

_IDENTITY = "run.json"

# TensorFlow's reader translates its failures into any of these, by the words of their message.
_UNREADABLE = (tf.errors.OpError, OSError, ValueError, IndexError, RuntimeError)


class Checkpoints:
    """Saves and restores everything that a run changes.

    TensorFlow writes a checkpoint under temporary names and then names it in a small index file, so a process
    that is killed leaves either the old state or the new one.

    Args:
        folder: of the run; made if needed.
        identity: what the run is (JSON values); a folder with another run's checkpoints is refused.
        **state: what to save.

    Raises:
        InvalidConfig: the folder belongs to another run.
    """

    def __init__(self, folder: Path, identity: Mapping[str, Any], **state: Any) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._remember(folder / _IDENTITY, identity)
        self._checkpoint = tf.train.Checkpoint(**state)
        self._manager = tf.train.CheckpointManager(
            self._checkpoint, str(folder / "checkpoints"), max_to_keep=2
        )

    def save(self, step: int) -> None:
        """Save the state after ``step`` steps."""
        self._manager.save(checkpoint_number=step)

    def restore(self) -> bool:
        """Restore the newest state that can be read in full.

        Returns:
            Whether there was one; if not, nothing has changed.
        """
        for path in reversed(self._manager.checkpoints):
            try:
                _read_through(path)
            except _UNREADABLE as error:
                # A power cut can tear what a kill cannot; the checkpoint before it is still there.
                _log.warning("The checkpoint %s cannot be read (%s); trying the one before it.", path, error)
                continue
            self._checkpoint.restore(path).assert_consumed()
            return True
        return False

    def _remember(self, path: Path, identity: Mapping[str, Any]) -> None:
        wanted = json.loads(json.dumps(identity))
        if path.exists():
            found = json.loads(path.read_text(encoding="utf-8"))
            different = _differences(found, wanted)
            if different:
                raise InvalidConfig(
                    f"The folder {path.parent} holds a run with another {' and another '.join(different)}: "
                    "continue with the same, or choose an empty folder."
                )
            return
        temporary = path.with_suffix(".tmp")
        temporary.write_text(json.dumps(wanted), encoding="utf-8")
        temporary.replace(path)


def _differences(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> Sequence[str]:
    return [name for name in wanted if found.get(name) != wanted[name]]


def _read_through(path: str) -> None:
    """Read every tensor, which checks its sum."""
    reader = tf.train.load_checkpoint(path)
    for name in reader.get_variable_to_shape_map():
        reader.get_tensor(name)
