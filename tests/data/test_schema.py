"""Numbers that no row can have are not found, whichever way they come in."""

from __future__ import annotations

import pytest

from data import (
    annotations,
    browsing,
    bulk,
    classes,
    images,
    models,
    project_state,
    projects,
    run_progress,
    runs,
    snapshots,
    summary,
)
from data.errors import InvalidBox, NotFound, StaleRevision
from data.records import Box
from data.schema import LARGEST_INTEGER, known_id

IMPOSSIBLE = [2**31, 2**63, 10**30, -(2**63) - 1, 10**5000]


def test_a_number_that_a_row_can_have_is_given_back():
    assert [known_id(number, "image") for number in (1, LARGEST_INTEGER)] == [1, LARGEST_INTEGER]


def test_a_number_that_no_row_can_have_is_not_found():
    for number in (0, -1, *IMPOSSIBLE):
        with pytest.raises(NotFound, match=r"no image .* between 1 and 2147483647"):
            known_id(number, "image")


@pytest.mark.parametrize(
    "ask",
    [
        projects.get,
        summary.of,
        images.get,
        browsing.place,
        images.delete,
        images.orientation,
        images.discard,
        images.put_back,
        images.discarded,
        images.counts,
        images.change,
        images.count_discarded,
        images.clear_bin,
        browsing.tallies,
        lambda session, number: browsing.around(session, number, 1, 1),
        lambda session, number: bulk.change(session, number, "flag", True, []),
        images.page,
        annotations.read,
        annotations.history,
        projects.require,
        projects.archive,
        classes.get,
        classes.change,
        lambda session, number: classes.reorder(session, number, []),
        lambda session, number: annotations.restore(session, number, 0, 0, "op"),
        classes.list_all,
        models.list_all,
        runs.list_for_project,
        lambda session, number: annotations.replace(session, number, [], 0, "op"),
        lambda session, number: annotations.mark_empty(session, number, 0, "op"),
        lambda session, number: classes.add(session, number, "bolt"),
        lambda session, number: classes.get_or_create(session, number, "bolt"),
        lambda session, number: images.find(session, number, "a.png", "0" * 64),
        lambda session, number: runs.create(session, number, "x", {}),
        lambda session, number: snapshots.freeze(session, number, seed=0),
        lambda session, number: snapshots.split_images(session, number, "test"),
        project_state.of,
    ],
)
def test_an_impossible_id_is_not_found_by_any_question(database, ask):
    for number in IMPOSSIBLE:
        with database.write() as session, pytest.raises(NotFound):
            ask(session, number)


def test_a_page_behind_an_impossible_id_is_not_found(database, project):
    for number in IMPOSSIBLE:
        with database.read() as session, pytest.raises(NotFound):
            images.page(session, project.id, after=number)


def test_a_class_or_revision_that_cannot_be_is_refused_like_any_other_wrong_one(database, bolt, add_image):
    image = add_image("a.png")
    with database.write() as session:
        with pytest.raises(InvalidBox):
            annotations.replace(session, image.id, [Box("1", 2**63, 0, 0, 5, 5)], 0, "op")
        with pytest.raises(StaleRevision):
            annotations.replace(session, image.id, [], 2**63, "op")


def test_steps_and_limits_beyond_all_numbers_are_taken_as_the_largest(database, project):
    with database.read() as session:
        assert run_progress.points(session, "none", after_step=10**30) == ()
        assert run_progress.points(session, "none", after_step=-(10**30)) == ()
        assert runs.list_for_project(session, project.id, limit=10**30) == ()
        assert images.page(session, project.id, limit=10**30).images == ()
