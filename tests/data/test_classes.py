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


def test_a_class_may_get_another_name_and_colour_and_keeps_its_id_and_boxes(database, bolt, add_image):
    image = add_image("a.png")
    with database.write() as session:
        annotations.replace(session, image.id, [Box("1", bolt.id, 0, 0, 5, 5)], 0, "op")
        changed = classes.change(session, bolt.id, name=" screw ", colour="#010203")
        assert (changed.id, changed.name, changed.colour, changed.boxes) == (bolt.id, "screw", "#010203", 1)
        assert classes.change(session, bolt.id) == changed
        assert classes.get(session, bolt.id) == changed


def test_an_archived_class_keeps_its_boxes_and_can_be_taken_up_again(database, project, bolt):
    with database.write() as session:
        assert classes.change(session, bolt.id, archived=True).archived
        assert [entry.archived for entry in classes.list_all(session, project.id)] == [True]
        assert not classes.change(session, bolt.id, archived=False).archived


def test_a_class_cannot_take_the_name_of_another_and_the_session_goes_on(database, project, bolt):
    with database.write() as session:
        nut = classes.add(session, project.id, "nut")
        with pytest.raises(AlreadyExists, match="bolt"):
            classes.change(session, nut.id, name="bolt")
        with pytest.raises(InvalidName, match="#RRGGBB"):
            classes.change(session, nut.id, colour="red")
        with pytest.raises(InvalidName):
            classes.change(session, nut.id, name=" ")
        assert classes.get(session, nut.id) == nut
        with pytest.raises(NotFound):
            classes.change(session, 99, name="x")


def test_the_order_of_classes_may_change_and_their_ids_do_not(database, project, bolt):
    with database.write() as session:
        nut, pin = (classes.add(session, project.id, name) for name in ("nut", "pin"))
        found = classes.reorder(session, project.id, [pin.id, bolt.id, nut.id])
        assert [(entry.id, entry.position) for entry in found] == [(pin.id, 0), (bolt.id, 1), (nut.id, 2)]
        for wrong in ([pin.id, bolt.id], [pin.id, pin.id, bolt.id], [pin.id, bolt.id, nut.id, 99]):
            with pytest.raises(InvalidName, match="each of the project's 3 classes once"):
                classes.reorder(session, project.id, wrong)
