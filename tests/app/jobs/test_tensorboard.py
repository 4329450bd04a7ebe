"""A run's values as TensorBoard reads them, without TensorBoard."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.jobs.tensorboard import FOLDER, TensorBoardLog


def scalars(folder: Path) -> list[tuple[int, str, float]]:
    """What the event files hold, read as TensorBoard does: records of protocol buffers."""
    import tensorflow as tf

    found = []
    for file in sorted((folder / FOLDER).iterdir()):
        for record in tf.data.TFRecordDataset(str(file)).as_numpy_iterator():
            event = tf.compat.v1.Event.FromString(record)
            for value in event.summary.value:
                assert value.metadata.plugin_data.plugin_name == "scalars"
                found.append((event.step, value.tag, float(tf.make_ndarray(value.tensor))))
    return found


def test_values_are_written_as_scalars_and_go_on_after_a_resume(tmp_path: Path) -> None:
    first, resumed = TensorBoardLog(tmp_path), TensorBoardLog(tmp_path)
    first.write(1, {"loss": 2.5, "validation/AP": 0.25})
    resumed.write(2, {"loss": 1.5})
    assert sorted(scalars(tmp_path)) == [(1, "loss", 2.5), (1, "validation/AP", 0.25), (2, "loss", 1.5)]


def test_a_log_that_cannot_be_written_ends_no_training(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / FOLDER).write_text("a file where the folder should be")
    log = TensorBoardLog(tmp_path)
    log.write(1, {"loss": 2.5})
    log.write(2, {"loss": 2.5})
    assert caplog.text.count("could not be written") == 1
