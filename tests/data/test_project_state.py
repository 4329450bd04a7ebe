"""The state of a project: another text after each change that a training would see, opposite changes too."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from data import annotations, classes, images, models, project_state, projects, suggestions
from data.records import Box, Model
from data.schema import ImageRow


@pytest.fixture
def four(database, bolt, add_image):
    """Images with one box each, the outer ones for training and the inner ones for validation."""
    added = []
    for name, split in (("a.png", "train"), ("b.png", "val"), ("c.png", "val"), ("d.png", "train")):
        image = add_image(name, split=split)
        with database.write() as session:
            added.append(annotations.replace(session, image.id, [Box("1", bolt.id, 0, 1, 5, 6)], 0, "op"))
    return added


def split(session, four, *splits):
    for image, name in zip(four, splits, strict=True):
        session.execute(update(ImageRow).where(ImageRow.id == image.id).values(split=name))


def one_box_more_and_one_less(session, four, bolt):
    two = [Box("1", bolt.id, 0, 1, 5, 6), Box("2", bolt.id, 2, 2, 4, 4)]
    annotations.replace(session, four[0].id, two, 1, "more")
    annotations.replace(session, four[1].id, [], 1, "less")


def inner_and_outer_change_sides(session, four, _):
    # The sums of ids of both sides stay as they were.
    split(session, four, "val", "train", "train", "val")


def an_image_goes_to_the_bin(session, four, _):
    images.discard(session, four[1].id)


def a_class_is_archived(session, _, bolt):
    classes.change(session, bolt.id, archived=True)


def a_suggestion_is_rejected(session, four, bolt):
    models.register(session, Model("m", bolt.project_id, None, "m", ("bolt",), {}, datetime.now(UTC)))
    (offered,) = suggestions.offer(session, four[0].id, "m", [(Box("", bolt.id, 6, 6, 8, 8), 0.5)])
    suggestions.reject(session, four[0].id, [offered.id])


@pytest.mark.parametrize(
    "change",
    [
        one_box_more_and_one_less,
        inner_and_outer_change_sides,
        an_image_goes_to_the_bin,
        a_class_is_archived,
        a_suggestion_is_rejected,
    ],
)
def test_a_change_is_seen_even_where_another_makes_up_for_it(database, bolt, four, change):
    with database.write() as session:
        before = project_state.of(session, bolt.project_id)
    with database.read() as session:
        assert project_state.of(session, bolt.project_id) == before
    with database.write() as session:
        change(session, four, bolt)
        assert project_state.of(session, bolt.project_id) != before


def test_another_project_and_an_unanswered_suggestion_change_nothing(database, bolt, four):
    with database.write() as session:
        before = project_state.of(session, bolt.project_id)
        models.register(session, Model("m", bolt.project_id, None, "m", ("bolt",), {}, datetime.now(UTC)))
        suggestions.offer(session, four[0].id, "m", [(Box("", bolt.id, 6, 6, 8, 8), 0.5)])
        classes.add(session, projects.create(session, "Other").id, "nut")
        assert project_state.of(session, bolt.project_id) == before
