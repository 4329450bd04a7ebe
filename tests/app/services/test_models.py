"""Models by id, by name and by folder."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.bootstrap import Studio
from data import models
from data.errors import NotFound
from data.records import Model, Project


@pytest.fixture
def model(studio: Studio, labelled_project: Project) -> Model:
    record = Model("m1", labelled_project.id, None, "parts quick 1", ("thing",), {}, datetime.now(UTC))
    with studio._database.write() as session:
        models.register(session, record)
    folder = studio.workspace.model(record.id)
    folder.mkdir()
    (folder / "card.json").write_text("{}")
    return record


def test_a_model_is_found_by_id_by_name_and_by_folder(studio: Studio, model: Model) -> None:
    folder = studio.workspace.model("m1")
    for known_as in ("m1", "parts quick 1", folder, studio.models.named(str(folder))):
        assert studio.models.folder(known_as) == folder.resolve()
        assert studio.models.record_of(known_as).id == "m1"
    assert studio.models.list_all() == studio.models.list_all(model.project_id) == (studio.models.get("m1"),)


def test_a_model_folder_from_elsewhere_can_be_used(studio: Studio, tmp_path: Path) -> None:
    folder = tmp_path / "from elsewhere"
    folder.mkdir()
    (folder / "card.json").write_text("{}")
    assert studio.models.folder(studio.models.named(str(folder))) == folder.resolve()
    with pytest.raises(NotFound):
        studio.models.record_of(folder)


def test_text_from_the_network_names_no_folder(studio: Studio, model: Model) -> None:
    with pytest.raises(NotFound):
        studio.models.folder(str(studio.workspace.model(model.id)))


def test_what_is_no_model_is_not_found(studio: Studio, model: Model, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="There is no model 'cat'"):
        studio.models.folder("cat")
    with pytest.raises(NotFound, match=r"card\.json"):
        studio.models.folder(tmp_path)
    (studio.workspace.model(model.id) / "card.json").unlink()
    studio.workspace.model(model.id).rmdir()
    with pytest.raises(NotFound, match="missing"):
        studio.models.folder("m1")


def test_the_thresholds_of_a_model_are_those_of_its_card(studio: Studio, model: Model) -> None:
    files = dict.fromkeys(("config.json", "model.float32.tflite"), "")
    card = {"format": 1, "classes": ["thing"], "files": files, "thresholds": {"score": 0.31}}
    (studio.workspace.model(model.id) / "card.json").write_text(json.dumps(card))
    assert studio.models.thresholds(model) == {"score": 0.31, "iou": 0.45}


def test_a_model_whose_card_cannot_be_read_gets_the_usual_thresholds(studio: Studio, model: Model) -> None:
    card = studio.workspace.model(model.id) / "card.json"
    for damage in (lambda: card.write_text("{"), card.unlink):
        damage()
        assert studio.models.thresholds(model) == {"score": 0.5, "iou": 0.45}


def test_an_id_cannot_lead_out_of_the_workspace(studio: Studio) -> None:
    for name in ("../x", "/etc", "a/b", "", "."):
        with pytest.raises(NotFound):
            studio.workspace.model(name)
        with pytest.raises(NotFound):
            studio.workspace.run(name)


def test_frames_do_not_ask_the_database_each_time_whose_they_are(
    studio: Studio, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    read = models.get
    monkeypatch.setattr(models, "get", lambda session, name: asked.append(name) or read(session, name))
    for _ in range(3):
        assert studio.models.folder("parts quick 1") == studio.workspace.model("m1")
    assert asked == ["parts quick 1"]
    studio.models.change("m1", name="parts")
    with pytest.raises(NotFound):
        studio.models.folder("parts quick 1")
    assert studio.models.folder("parts") == studio.workspace.model("m1")
    studio.models.delete("m1")
    with pytest.raises(NotFound):
        studio.models.folder("parts")
    with studio._database.write() as session:
        older = model.created - timedelta(days=1)
        models.register(session, replace(model, id="m0", name="parts", created=older))
    studio.workspace.model("m0").mkdir()
    assert studio.models.folder("parts") == studio.workspace.model("m0")
    studio.models.put_back("m1")
    assert studio.models.folder("parts") == studio.workspace.model("m1")
