"""Sizes and shapes of boxes and images."""

from __future__ import annotations

import pytest

from data import annotations, box_statistics, images
from data.errors import NotFound
from data.records import Box
from data.schema import ImageRow


def test_boxes_are_counted_by_size_shape_and_part_of_the_image(database, project, bolt, add_image):
    image, plain, binned = add_image("a.png"), add_image("b.png"), add_image("c.png")
    boxes = [
        (0, 0, 10, 50),  # 1:5, small
        (0, 0, 31, 32),  # small, just wider than high no more
        (0, 0, 32, 32),  # square, medium
        (0, 0, 96, 96),  # large
        (0, 0, 400, 100),  # 4:1
    ]
    with database.write() as session:
        for each in (image, binned):
            row = session.get_one(ImageRow, each.id)
            row.width, row.height = 400, 400
            session.flush()
            drawn = [Box(f"{number}", bolt.id, *box) for number, box in enumerate(boxes)]
            annotations.replace(session, each.id, drawn, 0, "op")
        images.discard(session, binned.id)
    with database.read() as session:
        found = box_statistics.of(session, project.id)
    assert (found.boxes, found.small, found.medium, found.large) == (5, 2, 1, 2)
    assert found.shapes == (1, 0, 0, 1, 2, 0, 0, 1)
    assert found.parts == (0, 0, 3, 0, 1, 0, 1, 0)
    assert found.image_sizes == ((40, 30, 1), (400, 400, 1))
    assert found.sizes == 2
    assert plain.width == 40


def test_a_project_without_boxes_has_empty_bins(database, project):
    with database.read() as session:
        found = box_statistics.of(session, project.id)
    assert (found.boxes, found.small, found.medium, found.large) == (0, 0, 0, 0)
    assert set(found.shapes) == set(found.parts) == {0}
    assert found.image_sizes == ()


def test_an_unknown_project_is_not_found(database, project):
    with database.read() as session, pytest.raises(NotFound):
        box_statistics.of(session, project.id + 1)
