"""Models."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from data import models, projects
from data.errors import NotFound
from data.records import Model


@pytest.fixture
def model(project) -> Model:
    return Model(
        id="m1",
        project_id=project.id,
        run_id=None,
        name="bolts 1",
        classes=("bolt", "<b>nut</b>"),
        metrics={"AP50": 0.9},
        created=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        params={"preset": "quick"},
    )


def test_a_registered_model_comes_back_whole(database, model):
    with database.write() as session:
        assert models.register(session, model) == model
    with database.read() as session:
        assert models.get(session, "m1") == model
        assert models.get(session, "bolts 1") == model


def test_registering_an_id_again_changes_nothing(database, model):
    with database.write() as session:
        models.register(session, model)
    with database.write() as session:
        assert models.register(session, replace(model, name="other")) == model


def test_of_one_name_the_newest_is_meant_but_an_id_comes_first(database, model):
    with database.write() as session:
        models.register(session, model)
        newer = models.register(session, replace(model, id="m2", created=datetime(2026, 5, 1, tzinfo=UTC)))
        named = models.register(
            session, replace(model, id="m3", name="m1", created=datetime(2026, 6, 1, tzinfo=UTC))
        )
        assert models.get(session, "bolts 1") == newer
        assert models.get(session, "m1") == model
        assert models.list_all(session) == (named, newer, model)


def test_models_are_listed_by_project(database, model):
    with database.write() as session:
        other = projects.create(session, "Other")
        models.register(session, model)
        assert models.list_all(session, other.id) == ()
        assert models.list_all(session, model.project_id) == (model,)


def test_an_unknown_model_is_answered_with_the_known_ones(database, model):
    with database.write() as session:
        with pytest.raises(NotFound, match="train one first"):
            models.get(session, "x")
        models.register(session, model)
        with pytest.raises(NotFound, match="bolts 1"):
            models.get(session, "x")
