"""Models."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from data import models, projects
from data.errors import AlreadyExists, DatabaseUnusable, InvalidName, NotFound
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


NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_a_model_is_renamed_and_noted(database, model):
    with database.write() as session:
        models.register(session, model)
        changed = models.change(session, "m1", name="  first try ", note="lamp was on\n")
        assert (changed.name, changed.note) == ("first try", "lamp was on")
        assert models.change(session, "m1", note="") == replace(model, name="first try", note="")
        with pytest.raises(InvalidName):
            models.change(session, "m1", name=" ")


def test_two_models_of_a_project_cannot_be_given_one_name(database, model):
    with database.write() as session:
        other = projects.create(session, "Other")
        models.register(session, model)
        models.register(session, replace(model, id="m2", name="bolts 2"))
        models.register(session, replace(model, id="m3", name="bolts 3", project_id=other.id))
        with pytest.raises(AlreadyExists, match="bolts 1"):
            models.change(session, "m2", name="bolts 1")
        assert models.change(session, "m3", name="bolts 1").name == "bolts 1"
        models.delete(session, "m1", NOW)
        assert models.change(session, "m2", name="bolts 1").name == "bolts 1"


def test_two_who_choose_the_default_model_at_once_do_not_lock_each_other_out(database, model):
    ids = ("m1", "m2", "m3")
    with database.write() as session:
        for model_id in ids:
            models.register(session, replace(model, id=model_id))
    together, refused = threading.Barrier(len(ids)), []

    def choose(model_id: str) -> None:
        for _ in range(10):
            together.wait()
            try:
                with database.write() as session:
                    models.change(session, model_id, is_default=True)
            except DatabaseUnusable as error:
                refused.append(error)

    people = [threading.Thread(target=choose, args=(model_id,)) for model_id in ids]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert refused == []
    with database.read() as session:
        assert sum(each.is_default for each in models.list_all(session)) == 1


def test_a_project_has_one_default_model_at_most(database, model):
    with database.write() as session:
        models.register(session, model)
        models.register(session, replace(model, id="m2", created=datetime(2026, 2, 1, tzinfo=UTC)))
        assert models.default_of(session, model.project_id).id == "m2"
        models.change(session, "m1", is_default=True)
        assert models.default_of(session, model.project_id).id == "m1"
        models.change(session, "m2", is_default=True)
    with database.read() as session:
        assert [(each.id, each.is_default) for each in models.list_all(session)] == [
            ("m2", True),
            ("m1", False),
        ]


def test_a_deleted_model_is_found_in_the_bin_only_and_comes_back(database, model):
    with database.write() as session:
        models.register(session, model)
        models.change(session, "m1", is_default=True)
        gone = models.delete(session, "m1", NOW)
        assert (gone.deleted, gone.is_default) == (NOW, False)
        assert models.list_all(session) == ()
        assert models.list_all(session, model.project_id, deleted=True) == (gone,)
        assert models.default_of(session, model.project_id) is None
        for known_as in ("m1", "bolts 1"):
            with pytest.raises(NotFound):
                models.get(session, known_as)
        with pytest.raises(NotFound, match="Put it back"):
            models.delete(session, "m1", NOW)
        assert models.put_back(session, "m1") == model
        assert models.get(session, "bolts 1") == model
        with pytest.raises(NotFound, match="30 days"):
            models.put_back(session, "m9")


def test_the_bin_keeps_models_for_thirty_days(database, model):
    with database.write() as session:
        for number, days in enumerate((29, 30, 31)):
            models.register(session, replace(model, id=f"m{number}"))
            models.delete(session, f"m{number}", NOW - timedelta(days=days))
        models.register(session, replace(model, id="kept"))
        assert models.expired(session, NOW)
        assert set(models.empty_bin(session, NOW)) == {"m1", "m2"}
        assert not models.expired(session, NOW)
        assert [each.id for each in models.list_all(session, deleted=True)] == ["m0"]
        assert [each.id for each in models.list_all(session)] == ["kept"]
        assert models.find(session, "m1") is None


def test_a_model_knows_the_one_it_started_from_even_when_that_is_gone(database, model):
    with database.write() as session:
        models.register(session, model)
        models.register(session, replace(model, id="m2", parent_id="m1"))
        models.delete(session, "m1", NOW - timedelta(days=40))
        models.empty_bin(session, NOW)
        assert models.get(session, "m2").parent_id == "m1"
