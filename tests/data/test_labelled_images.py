"""Labelled images: read a few at a time, and with their boxes."""

from __future__ import annotations

import pytest

from data import annotations, images, labelled_images
from data.records import Box


@pytest.fixture
def finished(database, bolt, add_image):
    """An image with a box, one without any mark, one that is empty, and one in the bin."""
    drawn, _bare, empty, binned = (add_image(f"{name}.png") for name in "abcd")
    with database.write() as session:
        for image in (drawn, binned):
            annotations.replace(session, image.id, [Box("1", bolt.id, 0, 0, 10, 10)], 0, f"draw {image.id}")
        annotations.mark_empty(session, empty.id, 0, "empty")
        images.discard(session, binned.id)
    return drawn, empty


def test_those_that_are_finished_are_read_a_few_at_a_time(database, project, finished):
    drawn, empty = finished
    with database.read() as session:
        assert labelled_images.count_labelled(session, project.id) == 2
        (first,) = labelled_images.to_look_at(session, project.id, limit=1)
        (second,) = labelled_images.to_look_at(session, project.id, first.id, limit=1)
        assert (first.id, first.name, first.sha256) == (drawn.id, "a.png", drawn.sha256)
        assert second.id == empty.id
        assert labelled_images.to_look_at(session, project.id, second.id) == ()


def test_they_come_with_their_boxes_as_long_as_they_are_finished(database, project, finished):
    drawn, empty = finished
    with database.write() as session:
        ids = [empty.id, drawn.id, 99]
        found = labelled_images.labelled(session, project.id, ids)
        assert [(each.name, each.revision, len(each.boxes)) for each in found] == [
            ("a.png", 1, 1),
            ("c.png", 1, 0),
        ]
        annotations.mark_empty(session, empty.id, 1, "not empty", empty=False)
        assert [each.id for each in labelled_images.labelled(session, project.id, ids)] == [drawn.id]
