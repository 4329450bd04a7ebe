"""Classes."""

from __future__ import annotations

import pytest

from data import annotations, classes, projects
from data.errors import AlreadyExists, InvalidName, NotFound
from data.palette import PALETTE
from data.records import Box


def test_classes_stand_in_the_order_they_were_added_with_the_palettes_colours(database, project):
    with database.write() as session:
        for name in ("washer", "bolt", "nut"):
            classes.add(session, project.id, name)
    with database.read() as session:
        found = classes.list_all(session, project.id)
    assert [(c.name, c.position, c.colour) for c in found] == [
        ("washer", 0, PALETTE[0]),
        ("bolt", 1, PALETTE[1]),
        ("nut", 2, PALETTE[2]),
    ]


def test_a_colour_may_be_chosen_but_must_be_one(database, project):
    with database.write() as session:
        assert classes.add(session, project.id, "a", "#12aBef").colour == "#12aBef"
        with pytest.raises(InvalidName, match="#RRGGBB"):
            classes.add(session, project.id, "b", "red;} body{display:none")


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "${alert(1)}", "Robert'); DROP TABLE box;--"])
def test_a_hostile_name_is_kept_as_text(database, project, name):
    with database.write() as session:
        classes.add(session, project.id, name)
    with database.read() as session:
        assert [entry.name for entry in classes.list_all(session, project.id)] == [name]


def test_a_name_is_taken_once_per_project_and_the_session_goes_on(database, project, bolt):
    with database.write() as session:
        with pytest.raises(AlreadyExists, match="bolt"):
            classes.add(session, project.id, "bolt")
        other = projects.create(session, "Other")
        assert classes.add(session, other.id, "bolt").id != bolt.id


def test_upper_and_lower_case_make_two_classes(database, project, bolt):
    with database.write() as session:
        assert classes.get_or_create(session, project.id, "Bolt").id != bolt.id


def test_get_or_create_makes_a_class_once(database, project, bolt):
    with database.write() as session:
        assert classes.get_or_create(session, project.id, " bolt ") == bolt
        assert len(classes.list_all(session, project.id)) == 1


def test_a_class_found_by_name_tells_the_number_of_its_boxes(database, project, bolt, add_image):
    image = add_image("a.png")
    with database.write() as session:
        annotations.replace(session, image.id, [Box("1", bolt.id, 0, 0, 5, 5)], 0, "op")
        assert classes.get_or_create(session, project.id, "bolt").boxes == 1
        assert classes.id_of(session, project.id, "bolt") == bolt.id


def test_an_unknown_project_is_not_found(database):
    with database.write() as session:
        for find in (classes.add, classes.get_or_create, classes.id_of):
            with pytest.raises(NotFound):
                find(session, 9, "bolt")
