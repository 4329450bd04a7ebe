"""From what is frozen in the database to what the detector learns from."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from app.examples import example_of
from data.records import Box, SnapshotImage


def test_boxes_have_the_network_s_classes_and_rejected_suggestions_are_places_with_nothing(
    tmp_path: Path,
) -> None:
    boxes = (
        Box("1", 7, 1, 2, 30, 40),
        Box("2", 8, 5, 6, 9, 10, difficult=True),
        Box("3", 9, 0, 0, 4, 4),  # of a class that is not trained
    )
    image = SnapshotImage(1, "a.jpg", "ab" * 32, 64, 48, "train", boxes, ((3, 4, 20, 21),))
    blobs: Any = SimpleNamespace(path=lambda sha256: tmp_path / sha256)
    example = example_of(image, {7: "nut", 8: "bolt", 9: "cup"}, ("bolt", "nut"), blobs)
    assert (example.name, example.image) == ("a.jpg", tmp_path / ("ab" * 32))
    assert example.boxes_xyxy.tolist() == [[1, 2, 30, 40], [5, 6, 9, 10]]
    assert example.class_ids.tolist() == [1, 0]
    assert example.ignore.tolist() == [False, True]
    assert example.negative_boxes_xyxy.tolist() == [[3, 4, 20, 21]]
