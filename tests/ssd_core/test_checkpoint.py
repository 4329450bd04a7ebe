"""A run's state is on disk whole or not at all, and belongs to one run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import tensorflow as tf

from ssd_core.checkpoint import Checkpoints
from ssd_core.errors import InvalidConfig


def _checkpoints(folder: Path, value: tf.Variable, seed: int = 0) -> Checkpoints:
    return Checkpoints(folder, {"training config": {"seed": seed}, "sizes": (1, 2)}, value=value)


def test_the_newest_state_comes_back(tmp_path: Path) -> None:
    value = tf.Variable(1.0)
    checkpoints = _checkpoints(tmp_path, value)
    checkpoints.save(10)
    value.assign(2.0)
    checkpoints.save(20)
    restored = tf.Variable(0.0)
    assert _checkpoints(tmp_path, restored).restore()
    assert restored.numpy() == 2.0


def test_an_empty_folder_changes_nothing(tmp_path: Path) -> None:
    value = tf.Variable(7.0)
    assert not _checkpoints(tmp_path / "new", value).restore()
    assert value.numpy() == 7.0


def test_saving_the_same_step_again_replaces_it(tmp_path: Path) -> None:
    value = tf.Variable(1.0)
    checkpoints = _checkpoints(tmp_path, value)
    checkpoints.save(10)
    value.assign(3.0)
    checkpoints.save(10)
    restored = tf.Variable(0.0)
    assert _checkpoints(tmp_path, restored).restore()
    assert restored.numpy() == 3.0


@pytest.mark.parametrize(
    "harm",
    [
        lambda content: content[:50],
        lambda content: content[:50] + bytes([content[50] ^ 1]) + content[51:],
        lambda content: b"",
    ],
)
def test_a_damaged_state_is_passed_over_for_the_one_before(
    tmp_path: Path, harm: Callable[[bytes], bytes]
) -> None:
    value = tf.Variable(tf.range(1000.0))
    checkpoints = _checkpoints(tmp_path, value)
    checkpoints.save(10)
    value.assign(tf.zeros([1000]))
    checkpoints.save(20)
    (torn,) = (tmp_path / "checkpoints").glob("ckpt-20.data*")
    torn.write_bytes(harm(torn.read_bytes()))
    restored = tf.Variable(tf.ones([1000]))
    assert _checkpoints(tmp_path, restored).restore()
    assert restored.numpy()[-1] == 999.0


def test_only_the_two_newest_states_are_kept(tmp_path: Path) -> None:
    checkpoints = _checkpoints(tmp_path, tf.Variable(1.0))
    for step in (1, 2, 3):
        checkpoints.save(step)
    kept = sorted(path.stem for path in (tmp_path / "checkpoints").glob("*.index"))
    assert kept == ["ckpt-2", "ckpt-3"]


def test_another_run_s_folder_is_refused(tmp_path: Path) -> None:
    _checkpoints(tmp_path, tf.Variable(1.0)).save(1)
    with pytest.raises(InvalidConfig, match="another training config"):
        _checkpoints(tmp_path, tf.Variable(1.0), seed=1)
