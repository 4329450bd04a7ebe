"""``ssd-studio detect`` as a person or a script meets it: what goes in, and the files that come out."""

from __future__ import annotations

import io
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Picture

from app.cli import main
from app.commands.console import say_json
from app.services.detection import Detection
from app.services.detection_files import DetectionFiles
from app.settings import Settings
from tests.app.model_folders import PLANTED_BOX

Jpeg = Callable[..., bytes]
RED, BLUE, MAGENTA, BLACK = (250, 5, 5), (5, 5, 250), (250, 5, 250), (0, 0, 0)


@pytest.fixture(autouse=True)
def workspace(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSD_STUDIO_WORKSPACE", str(settings.workspace))
    monkeypatch.delenv("SSD_STUDIO_DATABASE_URL", raising=False)


@pytest.fixture
def photos(tmp_path: Path, jpeg: Jpeg) -> Path:
    """A folder with a nut, a bolt one level down, nothing, and a text."""
    folder = tmp_path / "photos"
    (folder / "more").mkdir(parents=True)
    (folder / "a nut.jpg").write_bytes(jpeg(RED))
    (folder / "more" / "bolt.jpg").write_bytes(jpeg(BLUE))
    (folder / "nothing.jpg").write_bytes(jpeg(BLACK))
    (folder / "notes.txt").write_text("no picture")
    return folder


@pytest.fixture
def model(colour_folders: tuple[Path, Path]) -> str:
    return str(colour_folders[0])


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    assert main(["detect", *arguments, "--json"]) == 0
    answer: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return answer


def names(answer: list[dict[str, Any]]) -> list[str]:
    return [Path(each["image"]).name for each in answer]


def test_files_folders_and_patterns_are_looked_at(
    photos: Path, model: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (answer,) = printed(capsys, model, str(photos / "a nut.jpg"))
    assert {key: answer[key] for key in ("image", "width", "height")} == {
        "image": str(photos / "a nut.jpg"),
        "width": 64,
        "height": 48,
    }
    (found,) = answer["detections"]
    assert (set(found), found["class"]) == ({"class", "score", "box"}, "nut")
    assert found["box"] == pytest.approx(PLANTED_BOX, abs=1e-3)
    assert names(printed(capsys, model, str(photos))) == ["a nut.jpg", "bolt.jpg", "nothing.jpg"]
    assert names(printed(capsys, model, f"{photos}/**/*")) == ["a nut.jpg", "bolt.jpg", "nothing.jpg"]
    monkeypatch.chdir(photos)
    mixed = ["--score", ".4", "a nut.jpg", "--iou", ".4", "nothing.jpg"]
    assert names(printed(capsys, model, *mixed)) == ["a nut.jpg", "nothing.jpg"]
    assert [each["image"] for each in printed(capsys, model, "*/b*.jpg")] == [str(Path("more/bolt.jpg"))]


def test_what_is_no_picture_or_matches_nothing_is_named_and_the_rest_is_done(
    photos: Path, model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [str(photos / "notes.txt"), str(photos / "*.png"), str(photos / "a nut.jpg")]
    assert main(["detect", model, *given]) == 1
    out, err = capsys.readouterr()
    assert "notes.txt: No image format" in err
    assert "*.png: There is no image file" in err
    assert ": nut 0." in out


def test_thresholds_are_those_of_every_other_face(
    tmp_path: Path, model: str, jpeg: Jpeg, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "both.jpg").write_bytes(jpeg(MAGENTA))

    def seen(*options: str) -> list[str]:
        (answer,) = printed(capsys, model, str(tmp_path / "both.jpg"), "--score", ".3", *options)
        return sorted(found["class"] for found in answer["detections"])

    assert seen() == ["bolt", "nut"]
    assert seen("--class", "bolt") == ["bolt"]
    assert seen("--class-score", "bolt:0.9") == ["nut"]
    assert len(seen("--class-agnostic")) == len(seen("--max-boxes", "1")) == 1
    assert "nut" in seen("--tiles", "2")


def test_a_class_that_the_model_does_not_know_is_said_before_anything_is_looked_at(
    photos: Path, model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["detect", model, str(photos), "--class", "cup"]) == 1
    out, err = capsys.readouterr()
    assert (out, "no class 'cup'" in err) == ("", True)


@pytest.mark.parametrize(
    "options", [["--class-score", "0.4"], ["--class-score", "nut:2"], ["--tiles", "9"], ["--max-boxes", "0"]]
)
def test_options_that_make_no_sense_are_a_wrong_call(options: list[str]) -> None:
    assert main(["detect", "m", "x.jpg", *options]) == 2


def test_coco_csv_and_drawn_pictures_are_written(
    photos: Path, model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    options = ["--coco", str(out / "boxes.json"), "--csv", str(out / "boxes.csv"), "--images", str(out / "p")]
    # The same photograph twice, so that two drawn pictures want the same name.
    answer = printed(capsys, model, str(photos), str(photos / "a nut.jpg"), *options)
    coco = json.loads((out / "boxes.json").read_text(encoding="utf-8"))
    assert [(each["id"], Path(each["file_name"]).name) for each in coco["images"]] == [
        (1, "a nut.jpg"),
        (2, "bolt.jpg"),
        (3, "nothing.jpg"),
        (4, "a nut.jpg"),
    ]
    assert coco["categories"] == [{"id": 1, "name": "nut"}, {"id": 2, "name": "bolt"}]
    boxes = [(each["id"], each["image_id"], each["category_id"]) for each in coco["annotations"]]
    assert boxes == [(1, 1, 1), (2, 2, 2), (3, 4, 1)]
    x0, y0, x1, y1 = answer[0]["detections"][0]["box"]
    assert coco["annotations"][0]["bbox"] == [x0, y0, x1 - x0, y1 - y0]
    assert coco["annotations"][0]["score"] == answer[0]["detections"][0]["score"]
    rows = (out / "boxes.csv").read_text(encoding="utf-8").splitlines()
    assert rows[0] == "image,width,height,class,score,x0,y0,x1,y1"
    assert rows[1].split(",")[1:4] == ["64", "48", "nut"]
    assert [float(value) for value in rows[1].split(",")[5:]] == pytest.approx([x0, y0, x1, y1], abs=1e-6)
    assert rows[3].endswith("nothing.jpg,64,48,,,,,,")
    assert sorted(path.name for path in (out / "p").iterdir()) == [
        "a nut-2.jpg",
        "a nut.jpg",
        "bolt.jpg",
        "nothing.jpg",
    ]
    with Picture.open(out / "p" / "a nut.jpg") as drawn, Picture.open(photos / "a nut.jpg") as plain:
        assert drawn.size == plain.size
        changed = [
            drawn.convert("RGB").getpixel(point) != plain.convert("RGB").getpixel(point)
            for point in ((round(x0) + 1, round(y1) - 2), (1, 1))
        ]
    assert changed[0]
    assert sorted(path.name for path in out.iterdir()) == ["boxes.csv", "boxes.json", "p"]


def test_the_coco_file_is_one_that_an_import_understands(
    photos: Path, model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from data.formats.coco import read_folder

    (photos / "more" / "bolt.jpg").rename(photos / "bolt.jpg")
    printed(capsys, model, str(photos), "--coco", str(photos / "boxes.json"))
    reading = read_folder(photos)
    assert (reading.classes, reading.problems) == (("nut", "bolt"), ())
    drawn = {
        file.path.name: [box.class_name for box in file.labels.boxes] for file in reading.files if file.labels
    }
    assert drawn == {"a nut.jpg": ["nut"], "bolt.jpg": ["bolt"], "nothing.jpg": []}


@pytest.mark.parametrize("options", [["--images", "photos"], ["--images", "photos/more/.."]])
def test_photographs_are_never_written_over_by_their_drawn_copies(
    photos: Path,
    model: str,
    options: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = (photos / "a nut.jpg").read_bytes()
    monkeypatch.chdir(photos.parent)
    assert main(["detect", model, "photos", *options]) == 2
    assert (photos / "a nut.jpg").read_bytes() == before
    assert "Name another folder" in capsys.readouterr().err


def test_photographs_that_lie_where_copies_are_drawn_are_left_and_earlier_copies_are_not(
    photos: Path, model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs = tmp_path / "album" / "a nut.jpg"
    theirs.parent.mkdir()
    theirs.write_bytes(b"another photograph of that name")
    for _ in range(2):
        printed(capsys, model, str(photos / "a nut.jpg"), "--images", str(theirs.parent))
    assert theirs.read_bytes() == b"another photograph of that name"
    assert sorted(path.name for path in theirs.parent.iterdir()) == ["a nut-2.jpg", "a nut.jpg"]


def test_a_pattern_that_cannot_be_one_is_said(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["detect", model, "in/**.jpg"])
    assert "in/**.jpg" in capsys.readouterr().err


def test_nothing_is_kept_of_pictures_that_nobody_wants_in_a_file(photos: Path) -> None:
    files = DetectionFiles(("nut",))
    files.add(photos / "a nut.jpg", {"image": "a nut.jpg", "width": 64, "height": 48, "detections": []})
    assert files._results == []


def test_ctrl_c_keeps_what_was_found_until_then(
    photos: Path,
    model: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    look = Detection.detect

    def interrupted(*given: Any, **more: Any) -> dict[str, Any]:
        answer = look(*given, **more)
        signal.raise_signal(signal.SIGINT)
        return answer

    monkeypatch.setattr(Detection, "detect", interrupted)
    files = ["--csv", str(tmp_path / "b.csv"), "--coco", str(tmp_path / "b.json")]
    assert main(["detect", model, str(photos), "--json", *files]) == 1
    out, err = capsys.readouterr()
    assert (names(json.loads(out)), "stopped after 1 of 3 pictures" in err) == (["a nut.jpg"], True)
    assert (tmp_path / "b.csv").read_text().count("\n") == 2
    assert len(json.loads((tmp_path / "b.json").read_text())["annotations"]) == 1
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--csv", "a nut.jpg"], 2),
        (["--coco", "clip.mp4"], 2),
        (["--csv", "out", "--coco", "./out"], 2),
        (["--csv", "more"], 1),
        (["--coco", "notes.txt/b.json"], 1),
        (["--images", "notes.txt"], 1),
    ],
)
def test_what_cannot_be_written_is_said_before_anything_is_looked_at(
    photos: Path,
    model: str,
    options: list[str],
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = {path: path.read_bytes() for path in photos.rglob("*") if path.is_file()}
    monkeypatch.chdir(photos)
    assert main(["detect", model, "more/bolt.jpg", *options]) == code
    out, err = capsys.readouterr()
    assert (out, options[0] in err or options[1].partition("/")[0] in err) == ("", True)
    assert {path: path.read_bytes() for path in photos.rglob("*") if path.is_file()} == before


def test_a_picture_that_cannot_be_drawn_counts_all_the_same_and_its_copy_is_named(
    photos: Path, model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out" / "a nut.jpg").mkdir(parents=True)
    options = ["--images", str(tmp_path / "out"), "--csv", str(tmp_path / "b.csv"), "--json"]
    assert main(["detect", model, str(photos / "a nut.jpg"), *options]) == 1
    out, err = capsys.readouterr()
    assert names(json.loads(out)) == ["a nut.jpg"]
    assert str(tmp_path / "out" / "a nut.jpg") in err
    assert (tmp_path / "b.csv").read_text().count("\n") == 2


def test_where_no_picture_is_that_is_said_and_what_is_hidden_is_passed_over(
    photos: Path, model: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (photos / "empty").mkdir()
    (photos / "._a nut.jpg").write_bytes(b"what some systems leave beside a picture")
    for given in (str(photos / "empty"), f"{photos}/*.txt"):
        assert main(["detect", model, given]) == 1
        assert f"{given}: There is no image file" in capsys.readouterr().err
    assert names(printed(capsys, model, str(photos))) == ["a nut.jpg", "bolt.jpg", "nothing.jpg"]
    list_folder = os.scandir

    def locked(folder: Any) -> Any:
        if str(folder).endswith("more"):
            raise PermissionError(13, "Permission denied", folder)
        return list_folder(folder)

    monkeypatch.setattr(os, "scandir", locked)
    assert main(["detect", model, str(photos), "--json"]) == 1
    out, err = capsys.readouterr()
    assert names(json.loads(out)) == ["a nut.jpg", "nothing.jpg"]
    assert f"{photos / 'more'}: Permission denied" in err


def test_a_name_that_is_no_text_is_shown_as_far_as_it_is_one(
    photos: Path, model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        os.link(photos / "a nut.jpg", os.fsencode(photos) + b"/nu\xdf.jpg")
    except OSError:
        pytest.skip("This system's file names are text.")
    (photos / "a nut.jpg").unlink()
    files = ["--csv", str(tmp_path / "b.csv"), "--coco", str(tmp_path / "b.json")]
    files += ["--images", str(tmp_path / "drawn")]
    answer = printed(capsys, model, str(photos), *files)
    assert names(answer) == ["bolt.jpg", "nothing.jpg", "nu\ufffd.jpg"]
    assert "nu\ufffd.jpg" in (tmp_path / "b.csv").read_text(encoding="utf-8")
    assert len(list((tmp_path / "drawn").iterdir())) == 3


def test_letters_that_the_output_has_not_are_written_as_json_has_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stored = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(stored, encoding="cp1252"))
    say_json(["für", "浣熊🦝"])
    assert json.loads(stored.getvalue()) == ["für", "浣熊🦝"]
