"""Models on the command line: keep, measure, compare, take out and bring in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.bootstrap import Studio
from app.cli import main
from app.services.errands import Errands
from app.settings import Settings
from data.records import Model
from ssd_core.export_bundle import export_bundle

Two = tuple[Model, Model]


@pytest.fixture(autouse=True)
def workspace(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SSD_STUDIO_WORKSPACE", str(settings.workspace))
    monkeypatch.delenv("SSD_STUDIO_DATABASE_URL", raising=False)
    return settings.workspace


def test_a_model_is_kept_from_the_command_line(
    studio: Studio, colour_models: Two, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments in (
        ["rename", "right", "first try"],
        ["note", "first try", "lamp on"],
        ["default", "first try"],
    ):
        assert main(["models", *arguments]) == 0
    kept = studio.models.get("m0")
    assert (kept.name, kept.note, kept.is_default) == ("first try", "lamp on", True)
    assert main(["models"]) == 0
    assert "first try (default)" in capsys.readouterr().out
    assert main(["models", "delete", "first try", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["deleted"] is not None
    assert main(["models", "--deleted", "--json"]) == 0
    assert [model["id"] for model in json.loads(capsys.readouterr().out)] == ["m0"]
    assert main(["models", "put-back", "first try"]) == 0
    assert len(studio.models.list_all()) == 2


def test_a_change_without_its_model_or_text_is_a_wrong_call(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "delete"]) == 2
    assert main(["models", "rename", "right"]) == 2
    assert "say the name" in capsys.readouterr().err


def test_a_report_is_printed_for_people_and_for_programs(
    colour_models: Two, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "wrong"]) == 0
    text = capsys.readouterr().out
    assert "On 4 test images with 4 boxes" in text
    assert "4 wrong classes from score 0.50 on:" in text
    assert "0.jpg: bolt 0.99, labelled nut" in text
    assert main(["evaluate", "right", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["AP"], report["gallery_totals"]["misses"]) == (1, 0)
    assert main(["evaluate", "right", "--split", "val"]) == 1
    assert "no labelled val images" in capsys.readouterr().err


def test_without_test_images_a_model_is_measured_on_those_kept_for_validation(
    studio: Studio, colour_models: Two, capsys: pytest.CaptureFixture[str]
) -> None:
    (project,) = studio.labelling.projects()
    images = studio.labelling.images(project.id).images
    for image in images:
        studio.labelling.change_image(image.id, split="val")
    assert main(["evaluate", "wrong"]) == 0
    assert "On 4 val images with 4 boxes" in capsys.readouterr().out


def test_two_models_are_compared(colour_models: Two, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "wrong", "--against", "right"]) == 0
    assert "Too few images to tell: on 4 images" in capsys.readouterr().out
    assert main(["evaluate", "wrong", "--against", "wrong"]) == 1
    assert "one and the same" in capsys.readouterr().err


def test_a_model_is_exported_and_taken_in_elsewhere(
    studio: Studio,
    colour_models: Two,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def run(_: Errands, name: str, arguments: dict[str, Any], on_progress: Any = None) -> dict[str, Any]:
        if name == "check":
            card: dict[str, Any] = json.loads((Path(arguments["folder"]) / "card.json").read_text())
            return card
        folder = studio.workspace.model(arguments["model"])
        return export_bundle(folder, arguments["format"], Path(arguments["target"]))

    monkeypatch.setattr(Errands, "run", run)
    archive = tmp_path / "right.zip"
    assert main(["export-model", "right", "--format", "folder", "--to", str(archive)]) == 0
    assert "example.py" in capsys.readouterr().out
    assert main(["export-model", "right", "--format", "folder", "--to", str(archive)]) == 1
    assert "exists already" in capsys.readouterr().err
    elsewhere = ["--workspace", str(tmp_path / "elsewhere")]
    assert main(["import-model", str(archive), "--name", "brought", "--json", *elsewhere]) == 0
    assert json.loads(capsys.readouterr().out)["name"] == "brought"
    assert main(["models", *elsewhere]) == 0
    assert "brought" in capsys.readouterr().out
    assert main(["import-model", str(tmp_path / "nowhere"), *elsewhere]) == 1
