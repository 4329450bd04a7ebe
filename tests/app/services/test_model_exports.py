"""Exports of models: made once, kept for a day, called by the model's name."""

from __future__ import annotations

import errno
import json
import os
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from app.bootstrap import Studio
from app.services import model_exports
from app.services.model_exports import FORMATS
from data.errors import AlreadyExists, DataError, NotFound
from data.records import Model
from ssd_core import export_bundle
from ssd_core.errors import InvalidArtifact

Two = tuple[Model, Model]


@pytest.fixture
def made_here(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Make exports in this process, and tell which were made."""
    made: list[str] = []

    def run(name: str, arguments: dict[str, Any], on_progress: Any = None) -> dict[str, Any]:
        made.append(arguments["format"])
        folder = studio.workspace.model(arguments["model"])
        return export_bundle.export_bundle(folder, arguments["format"], Path(arguments["target"]))

    monkeypatch.setattr(studio._errands, "run", run)
    return made


def test_the_formats_are_those_that_can_be_made_each_with_what_it_is_for() -> None:
    assert tuple(known.id for known in FORMATS) == export_bundle.FORMATS
    assert all(known.title and known.sentence.endswith(".") for known in FORMATS)


def test_a_format_whose_packages_are_missing_says_what_to_install(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ssd_core.onnx_export.find_spec", lambda name: None)
    missing = {known["id"]: known["missing"] for known in studio.model_exports.formats()}
    assert missing.pop("onnx") == "Needs tf2onnx and onnxruntime: pip install 'ssd-studio[onnx]'"
    assert set(missing.values()) == {None}


def test_an_export_is_made_once_until_the_model_changes(
    studio: Studio, colour_models: Two, made_here: list[str], tmp_path: Path
) -> None:
    model = colour_models[0]
    for name in ("a.zip", "b.zip"):
        studio.model_exports.export_to(model.id, "folder", tmp_path / name)
    assert made_here == ["folder"]
    done = studio.model_exports.start(model.id, "folder")
    path, name = studio.model_exports.file(done.id)
    assert (done.state, name) == ("done", "right-folder.zip")
    assert zipfile.is_zipfile(path)
    studio.models.change(model.id, name="Nüsse / bolts")
    studio.model_exports.export_to(model.id, "folder", tmp_path / "c.zip")
    assert made_here == ["folder", "folder"]


def test_an_export_goes_into_a_new_folder_too(
    studio: Studio, colour_models: Two, made_here: list[str], tmp_path: Path
) -> None:
    studio.model_exports.export_to(colour_models[0].id, "folder", tmp_path / "out")
    assert json.loads((tmp_path / "out" / "parity.json").read_text())["format"] == "folder"
    with pytest.raises(AlreadyExists, match="exists already"):
        studio.model_exports.export_to(colour_models[0].id, "folder", tmp_path / "out")


@pytest.mark.usefixtures("made_here")
def test_an_export_that_finds_no_room_leaves_no_half_of_it(
    studio: Studio, colour_models: Two, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_made: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(model_exports.shutil, "copyfile", full)
    with pytest.raises(OSError, match="No space left"):
        studio.model_exports.export_to(colour_models[0].id, "folder", tmp_path / "out" / "a.zip")
    assert list((tmp_path / "out").iterdir()) == []


def test_the_file_of_an_export_is_swept_after_a_day(
    studio: Studio, colour_models: Two, made_here: list[str], tmp_path: Path
) -> None:
    model = colour_models[0]
    studio.model_exports.export_to(model.id, "folder", tmp_path / "a.zip")
    (kept,) = (studio.workspace.cache / "exports").iterdir()
    yesterday = time.time() - 25 * 3600
    os.utime(kept, (yesterday, yesterday))
    studio.model_exports.start(model.id, "litert")
    assert not kept.exists()


def test_what_cannot_be_exported_says_why(studio: Studio, colour_models: Two, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="There is no format 'pdf'"):
        studio.model_exports.start(colour_models[0].id, "pdf")
    with pytest.raises(NotFound):
        studio.model_exports.start("nope", "litert")
    with pytest.raises(NotFound):
        studio.model_exports.file("nope")
    with pytest.raises(InvalidArtifact, match="do not fit"):
        # Its weights are none that its configuration would build, which only a real export notices.
        studio.model_exports.export_to(colour_models[0].id, "saved_model", tmp_path / "a.zip")
    assert not (tmp_path / "a.zip").exists()
