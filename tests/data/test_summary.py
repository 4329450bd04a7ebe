"""A project in numbers."""

from __future__ import annotations

import pytest

from data import annotations, classes, summary
from data.errors import NotFound
from data.records import Box


def test_images_are_counted_by_status_and_split_and_boxes_by_class(database, project, bolt, add_image):
    first, second = add_image("a.png", split="train"), add_image("b.png", split="test")
    add_image("c.png")
    with database.write() as session:
        nut = classes.add(session, project.id, "nut")
        boxes = [Box("1", bolt.id, 0, 0, 5, 5), Box("2", bolt.id, 0, 0, 6, 6)]
        annotations.replace(session, first.id, boxes, 0, "op")
        annotations.mark_empty(session, second.id, 0, "op")
    with database.read() as session:
        found = summary.of(session, project.id)
    assert (found.images, found.boxes, found.trainable) == (3, 2, 1)
    assert found.by_status == {"unlabelled": 1, "labelled": 1, "empty": 1}
    assert found.by_split == {"train": 1, "val": 0, "test": 1, None: 1}
    assert [(entry.id, entry.boxes) for entry in found.by_class] == [(bolt.id, 2), (nut.id, 0)]


def test_labelled_images_kept_for_validation_or_testing_are_not_trainable(database, project, bolt, add_image):
    for name, split in (("a.png", "test"), ("b.png", "val"), ("c.png", None), ("d.png", "train")):
        image = add_image(name, split=split)
        with database.write() as session:
            annotations.replace(session, image.id, [Box("1", bolt.id, 0, 0, 5, 5)], 0, "op")
    with database.read() as session:
        assert summary.of(session, project.id).trainable == 2


def test_an_unknown_project_is_not_found(database):
    with database.read() as session, pytest.raises(NotFound):
        summary.of(session, 5)
