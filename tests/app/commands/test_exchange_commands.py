"""Bringing data sets in and taking them out at a terminal."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from app.cli import main
from app.settings import Settings

COCO = {
    "images": [
        {"id": 1, "file_name": "a.jpg", "width": 64, "height": 48},
        {"id": 2, "file_name": "b.jpg", "width": 64, "height": 48},
    ],
    "annotations": [
        {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 8, 7], "iscrowd": 1},
        {"id": 2, "image_id": 1, "category_id": 2, "bbox": [1, 2, 800, 7]},
    ],
    "categories": [{"id": 1, "name": "Cup"}, {"id": 2, "name": "mug"}],
}


@pytest.fixture(autouse=True)
def workspace(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SSD_STUDIO_WORKSPACE", str(settings.workspace))
    monkeypatch.delenv("SSD_STUDIO_DATABASE_URL", raising=False)
    return settings.workspace


@pytest.fixture
def coco_folder(tmp_path: Path, jpeg: Any) -> Path:
    folder = tmp_path / "coco"
    (folder / "images").mkdir(parents=True)
    for number, name in enumerate("abc"):
        (folder / "images" / f"{name}.jpg").write_bytes(jpeg((number, 0, 0)))
    (folder / "instances.json").write_text(json.dumps(COCO))
    return folder


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> Any:
    assert main([*map(str, arguments), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_preview_tells_what_would_come_in_and_writes_nothing(
    coco_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    preview = run(capsys, "import", coco_folder, "--project", "cups", "--preview")
    assert preview["format"] == "coco"
    counted = [preview[key] for key in ("images", "existing", "labelled", "empty", "unlabelled", "boxes")]
    assert counted == [3, 0, 1, 1, 1, 1]
    assert preview["by_split"] == {"train": 0, "val": 0, "test": 0, "none": 3}
    assert preview["classes"][0] == {
        "written": "Cup",
        "name": "Cup",
        "boxes": 1,
        "exists": False,
        "similar": [],
    }
    assert "reaches outside" in preview["problems"][0]["problem"]
    assert main(["import", str(coco_folder), "--project", "cups", "--preview"]) == 0
    text = capsys.readouterr().out
    assert "cups: 3 images" in text
    assert "Class Cup: 1 box, new" in text
    assert "These would be refused:\n  instances.json:" in text
    assert main(["export", str(coco_folder / "out"), "--project", "cups"]) == 1
    assert "There is no project named 'cups'" in capsys.readouterr().err


def test_classes_are_mapped_by_repeated_options(
    coco_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = run(
        capsys, "import", coco_folder, "--project", "cups", "--class-map", "Cup=cup", "--class-map", "mug="
    )
    assert (report["classes"], report["boxes"], report["rejected"]) == (["cup"], 1, [])


def test_a_map_that_is_none_is_a_wrong_call(coco_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for wrong in ("Cup", "=cup", " =cup"):
        assert main(["import", str(coco_folder), "--project", "cups", "--class-map", wrong]) == 2
    assert "is not of the form OLD=NEW" in capsys.readouterr().err


def test_a_project_goes_out_and_comes_back_from_the_archive(
    coco_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "import", coco_folder, "--project", "cups", "--format", "coco", "--split", "val")
    target = tmp_path / "out" / "cups.zip"
    report = run(capsys, "export", target, "--project", "cups", "--format", "yolo", "--split", "val")
    assert report == {
        "path": str(target),
        "format": "yolo",
        "images": 2,
        "boxes": 1,
        "classes": ["Cup", "mug"],
        "lost": [
            "1 boxes are marked as a crowd, which YOLO cannot say: they became plain boxes.",
        ],
        "problems": [],
        "notes": ["1 image is not labelled yet, and was left out."],
    }
    with zipfile.ZipFile(target) as archive:
        assert "labels/val/a.txt" in archive.namelist()
    back = run(capsys, "import", target, "--project", "cups", "--on-existing", "keep")
    assert (back["added"], back["existing"]) == (0, 2)


def test_an_export_is_told_in_a_few_lines_and_refuses_what_is_there(
    coco_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "import", coco_folder, "--project", "cups")
    arguments = ["export", str(tmp_path / "out"), "--project", "cups", "--no-images", "--format", "voc"]
    assert main(arguments) == 0
    out, err = capsys.readouterr()
    assert f"{tmp_path / 'out'}: 2 images, 1 box, 2 classes." in out
    assert "Note: 1 image is not labelled yet, and was left out." in out
    assert "Exporting" in err
    assert not list((tmp_path / "out").rglob("*.jpg"))
    assert main(arguments) == 1
    assert "is there already" in capsys.readouterr().err


def test_a_file_that_is_no_archive_is_one_sentence(
    coco_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import", str(coco_folder / "instances.json"), "--project", "cups"]) == 1
    assert "instances.json is no zip file" in capsys.readouterr().err


def test_formats_that_do_not_exist_are_a_wrong_call(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import", str(tmp_path), "--project", "x", "--format", "word"]) == 2
    assert main(["export", str(tmp_path / "o"), "--project", "x", "--format", "auto"]) == 2
    assert "label-studio" in capsys.readouterr().err
