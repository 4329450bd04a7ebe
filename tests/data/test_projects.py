"""Projects."""

from __future__ import annotations

import pytest

from data import annotations, images, projects
from data.errors import AlreadyExists, InvalidName, NotFound
from data.records import Box, Project


def test_a_new_project_is_empty(database):
    with database.write() as session:
        made = projects.create(session, "  Nuts ")
        assert projects.get(session, made.id) == Project(id=made.id, name="Nuts")


def test_a_name_is_given_only_once_and_the_session_goes_on(database, project):
    with database.write() as session:
        with pytest.raises(AlreadyExists, match="Workshop"):
            projects.create(session, "Workshop")
        projects.create(session, "Another")
    with database.read() as session:
        assert [entry.name for entry in projects.list_all(session)] == ["Workshop", "Another"]


def test_a_project_without_a_name_is_refused(database):
    with pytest.raises(InvalidName), database.write() as session:
        projects.create(session, " ")


def test_an_unknown_name_is_answered_with_the_known_ones(database, project):
    with database.read() as session, pytest.raises(NotFound, match=r"'racoon'.*Workshop"):
        projects.by_name(session, "racoon")


def test_an_unknown_id_is_not_found(database):
    with database.read() as session, pytest.raises(NotFound):
        projects.get(session, 7)


def test_get_or_create_makes_a_project_once(database):
    with database.write() as session:
        first = projects.get_or_create(session, "one")
        assert projects.get_or_create(session, " one ").id == first.id
        assert len(projects.list_all(session)) == 1


def test_counts_belong_to_each_project(database, project, bolt, add_image):
    labelled, empty = add_image("a.png"), add_image("b.png")
    add_image("c.png")
    with database.write() as session:
        boxes = [Box("1", bolt.id, 0, 0, 5, 5), Box("2", bolt.id, 1, 1, 5, 5)]
        annotations.replace(session, labelled.id, boxes, 0, "op")
        annotations.mark_empty(session, empty.id, 0, "op")
        other = projects.create(session, "Other")
    with database.read() as session:
        assert projects.list_all(session) == (
            Project(project.id, "Workshop", images=3, labelled=1, empty=1, boxes=2, classes=1),
            other,
        )


def test_labelled_images_kept_for_testing_are_counted_without_those_in_the_bin(
    database, project, bolt, add_image
):
    labelled, empty = add_image("a.png"), add_image("b.png")
    unlabelled, gone = add_image("c.png"), add_image("d.png")
    with database.write() as session:
        for image in (labelled, gone):
            annotations.replace(session, image.id, [Box("1", bolt.id, 0, 0, 5, 5)], 0, "op")
        annotations.mark_empty(session, empty.id, 0, "op")
        for image in (labelled, unlabelled, gone):
            images.change(session, image.id, split="test")
        images.discard(session, gone.id)
        found = projects.get(session, project.id)
    assert (found.labelled, found.empty, found.tested) == (1, 1, 1)


def test_a_project_put_aside_keeps_everything_and_can_be_taken_up_again(database, project, add_image):
    add_image("a.png")
    with database.write() as session:
        aside = projects.archive(session, project.id)
        assert aside.archived is not None
        assert projects.archive(session, project.id) == aside
        assert projects.list_all(session) == (aside,)
        assert projects.archive(session, project.id, archived=False).archived is None
        assert projects.get(session, project.id).images == 1


def test_a_project_can_be_required_without_being_counted(database, project):
    with database.read() as session:
        projects.require(session, project.id)
        with pytest.raises(NotFound):
            projects.require(session, project.id + 1)


def test_a_project_may_get_another_name_and_keeps_what_it_has(database, project, add_image):
    add_image("a.png")
    with database.write() as session:
        other = projects.create(session, "Other")
        renamed = projects.rename(session, project.id, " Parts ")
        assert (renamed.id, renamed.name, renamed.images) == (project.id, "Parts", 1)
        assert projects.rename(session, project.id, "Parts") == renamed
        with pytest.raises(AlreadyExists, match="'Other' exists already"):
            projects.rename(session, project.id, "Other")
        with pytest.raises(InvalidName):
            projects.rename(session, project.id, " ")
        with pytest.raises(NotFound):
            projects.rename(session, 99, "Parts 2")
        assert [entry.name for entry in projects.list_all(session)] == ["Parts", other.name]


def test_a_project_was_changed_last_when_it_was_made_got_an_image_or_a_box(
    database, project, bolt, add_image
):
    with database.read() as session:
        made = projects.last_changes(session)
    image = add_image("a.png")
    with database.write() as session:
        got_image = projects.last_changes(session)
        annotations.replace(session, image.id, [Box("1", bolt.id, 0, 0, 5, 5)], 0, "op")
        (edit,) = annotations.history(session, image.id)
        other = projects.create(session, "Other")
        got_box = projects.last_changes(session)
        assert projects.last_changes(session, [project.id]) == {project.id: edit.created}
    assert made[project.id] < got_image[project.id] < got_box[project.id] == edit.created
    assert set(got_box) == {project.id, other.id}
