"""Models from elsewhere: checked as a stranger's, taken in whole or not at all."""

from __future__ import annotations

import io
import json
import os
import shutil
import time
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from app.bootstrap import Studio
from app.services import model_imports
from app.services.model_imports import ModelImports, tidy_card
from app.services.models import INCOMING
from data.errors import AlreadyExists, ArchiveRejected, DataError, NotFound
from ssd_core.errors import InvalidArtifact


def zipped(folder: Path, target: Path, prefix: str = "", extra: dict[str, bytes] | None = None) -> Path:
    with zipfile.ZipFile(target, "w") as archive:
        for path in folder.iterdir():
            archive.write(path, f"{prefix}{path.name}")
        for name, content in (extra or {}).items():
            archive.writestr(name, content)
    return target


def folders_of(studio: Studio) -> list[str]:
    return sorted(path.name for path in (studio.workspace.root / "models").iterdir())


@pytest.fixture
def unchecked(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare the check, which loads TensorFlow in a child and has tests of its own."""

    def check(name: str, arguments: dict[str, Any], on_progress: Any = None) -> dict[str, Any]:
        card: dict[str, Any] = json.loads((Path(arguments["folder"]) / "card.json").read_text())
        return card

    monkeypatch.setattr(studio._errands, "run", check)


def test_a_model_goes_from_one_workspace_to_another_and_is_checked_on_the_way(
    studio: Studio, built_folder: Path, tmp_path: Path
) -> None:
    taken = studio.model_imports.take(built_folder)
    assert (taken.id, taken.name, taken.classes) == ("m0123456789ab", "parts quick 1", ("nut", "bolt"))
    assert (taken.run_id, taken.metrics) == (None, {"AP50": 0.75})
    project = studio.labelling.project(taken.project_id)
    assert project.name == "parts elsewhere"
    assert [item.name for item in studio.labelling.classes(project.id)] == ["nut", "bolt"]
    assert studio.models.lineage(taken)["imported"] is not None
    assert studio.detection.detect(taken.id, _picture())["detections"] == []
    archive = studio.model_exports.export_to(taken.id, "folder", tmp_path / "model.zip")
    with pytest.raises(AlreadyExists, match="here already as 'parts quick 1'"):
        studio.model_imports.take(archive)
    studio.models.delete(taken.id)
    with pytest.raises(AlreadyExists, match="put it back"):
        studio.model_imports.take(archive)
    assert folders_of(studio) == [taken.id]


def test_a_model_that_fails_the_check_leaves_nothing_behind(
    studio: Studio, built_folder: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(built_folder, tmp_path / "model"))
    (folder / "model.weights.h5").write_bytes(b"other")
    with pytest.raises(InvalidArtifact, match="damaged"):
        studio.model_imports.take(folder)
    assert folders_of(studio) == []
    assert studio.models.list_all() == ()
    assert studio.labelling.projects() == ()


@pytest.mark.usefixtures("unchecked")
def test_an_archive_may_hold_the_folder_itself_and_is_taken_under_another_name(
    studio: Studio, built_folder: Path, tmp_path: Path
) -> None:
    project = studio.labelling.create_project("mine")
    archive = zipped(built_folder, tmp_path / "a.zip", "some/where/", {"some/where/example.py": b"1 / 0"})
    taken = studio.model_imports.take(archive, project.id, "renamed")
    assert (taken.name, taken.project_id) == ("renamed", project.id)
    folder = studio.workspace.model(taken.id)
    assert not (folder / "example.py").exists()
    assert json.loads((folder / "card.json").read_text())["name"] == "renamed"


@pytest.mark.usefixtures("unchecked")
def test_another_model_of_the_same_id_gets_a_new_one(
    studio: Studio, built_folder: Path, tmp_path: Path
) -> None:
    first = studio.model_imports.take(built_folder)
    folder = Path(shutil.copytree(built_folder, tmp_path / "model"))
    card = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps({**card, "files": {**card["files"], "config.json": "0"}}))
    second = studio.model_imports.take(folder)
    assert first.id != second.id
    assert studio.workspace.model(second.id).is_dir()


@pytest.mark.parametrize(
    ("name", "words"),
    [("../../outside.txt", "leads outside"), ("/etc/x", "leads outside"), ("..\\x", "leads outside")],
)
def test_an_archive_that_leads_outside_is_refused(
    name: str, words: str, studio: Studio, built_folder: Path, tmp_path: Path
) -> None:
    archive = zipped(built_folder, tmp_path / "a.zip", extra={name: b"x"})
    with pytest.raises(ArchiveRejected, match=words):
        studio.model_imports.take(archive)
    assert folders_of(studio) == []


def test_a_link_in_an_archive_or_a_folder_is_refused(
    studio: Studio, built_folder: Path, tmp_path: Path
) -> None:
    link = zipfile.ZipInfo("model.int8.tflite")
    link.external_attr = 0o120777 << 16
    archive = zipped(built_folder, tmp_path / "a.zip")
    with zipfile.ZipFile(archive, "a") as opened:
        opened.writestr(link, "/etc/passwd")
    with pytest.raises(ArchiveRejected, match="leads outside"):
        studio.model_imports.take(archive)
    folder = Path(shutil.copytree(built_folder, tmp_path / "model"))
    (folder / "model.int8.tflite").symlink_to("/etc/passwd")
    with pytest.raises(DataError, match="is a link"):
        studio.model_imports.take(folder)


def test_what_is_no_model_is_refused(
    studio: Studio, built_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NotFound, match="There is no model folder"):
        studio.model_imports.take(tmp_path / "nowhere")
    (tmp_path / "text.zip").write_bytes(b"no archive")
    with pytest.raises(ArchiveRejected, match="no zip file"):
        studio.model_imports.take(tmp_path / "text.zip")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ArchiveRejected, match=r"no card\.json"):
        studio.model_imports.take(zipped(tmp_path / "empty", tmp_path / "none.zip"))
    with pytest.raises(InvalidArtifact, match=f"^{tmp_path}/empty is not a model"):
        studio.model_imports.take(tmp_path / "empty")
    two = zipped(built_folder, tmp_path / "two.zip", extra={"b/card.json": b"{}"})
    with pytest.raises(ArchiveRejected, match="several models"):
        studio.model_imports.take(two)
    with pytest.raises(NotFound, match="project"):
        studio.model_imports.take(built_folder, 77)
    monkeypatch.setattr(model_imports, "MOST_BYTES", 1000)
    with pytest.raises(ArchiveRejected, match="more than any model of ours"):
        studio.model_imports.take(zipped(built_folder, tmp_path / "large.zip"))
    assert folders_of(studio) == []


def test_an_import_that_was_cut_off_is_swept_the_next_day(studio: Studio) -> None:
    fresh, old = (studio.workspace.root / "models" / f"{INCOMING}{name}" for name in ("fresh", "old"))
    for folder in (fresh, old):
        folder.mkdir()
    yesterday = time.time() - 25 * 3600
    os.utime(old, (yesterday, yesterday))
    studio.models.empty_bin()
    assert (fresh.exists(), old.exists()) == (True, False)


def test_a_model_that_was_being_sent_when_a_server_was_killed_is_swept_the_next_day(studio: Studio) -> None:
    stages = [studio.model_imports.stage() for _ in range(2)]
    for stage in stages:
        stage.receive("model.zip").keep()
    yesterday = time.time() - 25 * 3600
    os.utime(stages[0].folder, (yesterday, yesterday))
    ModelImports(studio._database, studio.workspace, studio.models, studio._errands)
    assert [stage.folder.exists() for stage in stages] == [False, True]


@pytest.mark.usefixtures("unchecked")
def test_a_project_that_is_deleted_while_a_model_is_checked_gets_none(
    studio: Studio, built_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = studio.labelling.create_project("mine")
    check = studio._errands.run

    def deleted_meanwhile(*given: Any) -> dict[str, Any]:
        studio.organising.delete_project(project.id, "mine")
        return check(*given)

    monkeypatch.setattr(studio._errands, "run", deleted_meanwhile)
    with pytest.raises(NotFound, match="no project"):
        studio.model_imports.take(built_folder, project.id)
    assert folders_of(studio) == []


@pytest.mark.usefixtures("unchecked")
def test_a_model_that_is_taken_in_twice_at_the_same_time_is_taken_in_once(
    studio: Studio, built_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = studio._errands.run

    def first_by_another(*given: Any) -> dict[str, Any]:
        monkeypatch.setattr(studio._errands, "run", check)
        studio.model_imports.take(built_folder)
        return check(*given)

    monkeypatch.setattr(studio._errands, "run", first_by_another)
    with pytest.raises(AlreadyExists, match="here already"):
        studio.model_imports.take(built_folder)
    (model,) = studio.models.list_all()
    assert folders_of(studio) == [model.id]


def test_of_a_strangers_card_only_what_is_known_and_sound_is_kept() -> None:
    card = {
        "format": 1,
        "classes": ["nut"],
        "files": {"model.float32.tflite": "0"},
        "id": "../x",
        "created": "yesterday",
        "thresholds": {"score": 7.0, "iou": 0.5, "class_scores": {"nut": 0.4, "cup": 0.5}, "other": 1},
        "runtime": "int8",
        "metrics": [1],
        "parity": "none",
        "command": "rm -rf /",
    }
    tidy = tidy_card(card, "m1", "name")
    assert datetime.fromisoformat(tidy.pop("created")) <= datetime.now(UTC)
    assert datetime.fromisoformat(tidy.pop("imported")) <= datetime.now(UTC)
    assert tidy == {
        "format": 1,
        "classes": ["nut"],
        "files": {"model.float32.tflite": "0"},
        "id": "m1",
        "name": "name",
        "thresholds": {"iou": 0.5, "class_scores": {"nut": 0.4}},
        "runtime": "float32",
        "metrics": {},
        "params": {},
    }


def _picture() -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (64, 48)).save(stream, "PNG")
    return stream.getvalue()
