"""What a model means by the names that it learnt, after classes were renamed, put aside or added."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from data import annotations, classes, images, model_classes, models, projects, runs, snapshots
from data.errors import NotFound
from data.records import Box, Model


@pytest.fixture
def trained(database, project, bolt, add_image):
    """A model that was trained when the project had a bolt and a nut."""
    with database.write() as session:
        nut = classes.add(session, project.id, "nut")
    for name, split, label in (("a.png", "train", bolt), ("b.png", "val", nut)):
        image = add_image(name)
        with database.write() as session:
            annotations.replace(session, image.id, [Box("1", label.id, 1, 2, 21, 22)], 0, f"operation {name}")
            images.change(session, image.id, split=split)
    with database.write() as session:
        run = runs.create(session, project.id, snapshots.freeze(session, project.id, seed=0).id, {})
        made = Model("m1", project.id, run.id, "parts", ("bolt", "nut"), {}, datetime.now(UTC))
        models.register(session, made)
    return bolt, nut


def known(database, project_id, model_id="m1"):
    with database.read() as session:
        return model_classes.class_ids(session, project_id, model_id)


def test_a_class_that_was_renamed_is_known_by_both_names(database, project, trained):
    bolt, nut = trained
    with database.write() as session:
        classes.change(session, bolt.id, name="screw")
    assert known(database, project.id) == {"screw": bolt.id, "bolt": bolt.id, "nut": nut.id}


def test_the_name_that_a_model_learnt_is_not_that_of_a_class_added_since(database, project, trained):
    bolt, _nut = trained
    with database.write() as session:
        classes.change(session, bolt.id, name="screw")
        classes.add(session, project.id, "bolt")
    assert known(database, project.id)["bolt"] == bolt.id


def test_a_class_that_was_put_aside_is_not_known(database, project, trained):
    bolt, nut = trained
    with database.write() as session:
        classes.change(session, bolt.id, archived=True)
    assert known(database, project.id) == {"nut": nut.id}


def test_in_another_project_a_model_means_the_classes_of_its_names(database, trained):
    with database.write() as session:
        other = projects.create(session, "other")
        washer, nut = (classes.add(session, other.id, name) for name in ("washer", "nut"))
    assert known(database, other.id) == {"washer": washer.id, "nut": nut.id}


def test_a_model_without_a_training_means_the_classes_of_its_names(database, project, bolt):
    with database.write() as session:
        models.register(session, Model("m2", project.id, None, "came", ("bolt",), {}, datetime.now(UTC)))
    assert known(database, project.id, "m2") == {"bolt": bolt.id}
    with pytest.raises(NotFound):
        known(database, project.id, "gone")
