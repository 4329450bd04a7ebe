"""Sizes and shapes of boxes and images."""

from __future__ import annotations

import pytest

from data import annotations, box_statistics, classes, images
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


def test_centres_of_boxes_are_counted_in_a_grid_over_each_image_from_its_upper_left(
    database, project, bolt, add_image
):
    image = add_image("a.png")  # 40×30
    boxes = [
        (0, 0, 1, 1),  # the first place
        (0, 0, 40, 30),  # the middle, which belongs to the place behind it
        (38, 0, 40, 2),  # upper right
        (39.9999999, 29.9999999, 40, 30),  # the outermost corner
        (5, 0, 5.1, 0.1),  # in the 4th column: 5.05 / 40 · 24 = 3.03
        (4.9, 0, 5, 0.1),  # just before it: 2.97
    ]
    with database.write() as session:
        drawn = [Box(f"{number}", bolt.id, *box) for number, box in enumerate(boxes)]
        annotations.replace(session, image.id, drawn, 0, "op")
        found = box_statistics.of(session, project.id)
    columns = box_statistics.GRID
    places = {place: number for place, number in enumerate(found.positions) if number}
    assert places == {0: 1, 12 * columns + 12: 1, 23: 1, 23 * columns + 23: 1, 3: 1, 2: 1}


def test_images_are_counted_by_their_boxes_and_by_class_without_those_in_the_bin(
    database, project, bolt, add_image
):
    with database.write() as session:
        nut = classes.add(session, project.id, "nut")
    numbers = {
        "a.png": (0, 0),
        "b.png": (2, 0),
        "c.png": (1, 1),
        "d.png": (10, 0),
        "e.png": (12, 1),
        "bin.png": (1, 1),
    }
    for name, (bolts, nuts) in numbers.items():
        image = add_image(name)
        ids = [bolt.id] * bolts + [nut.id] * nuts
        drawn = [Box(f"{number}", class_id, 0, 0, 5, 5) for number, class_id in enumerate(ids)]
        with database.write() as session:
            annotations.replace(session, image.id, drawn, 0, "op")
            if name == "bin.png":
                images.discard(session, image.id)
    with database.read() as session:
        found = box_statistics.of(session, project.id)
    assert found.boxes == 27
    assert found.boxes_per_image == (1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 2)
    assert found.class_images == {bolt.id: 4, nut.id: 2}


def test_a_project_without_boxes_has_empty_bins(database, project):
    with database.read() as session:
        found = box_statistics.of(session, project.id)
    assert (found.boxes, found.small, found.medium, found.large) == (0, 0, 0, 0)
    assert set(found.shapes) == set(found.parts) == set(found.positions) == set(found.boxes_per_image) == {0}
    assert found.class_images == {}
    assert found.image_sizes == ()


def test_an_unknown_project_is_not_found(database, project):
    with database.read() as session, pytest.raises(NotFound):
        box_statistics.of(session, project.id + 1)
