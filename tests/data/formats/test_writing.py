"""Writing data sets whole or not at all, and alike for alike content."""

from __future__ import annotations

import hashlib
import time
import zipfile
from pathlib import Path

import pytest

from data.errors import AlreadyExists
from data.formats import writing
from data.formats.annotated import NamedBox
from data.formats.dataset import LabelledImage
from data.formats.registry import WRITTEN
from data.formats.writing import write_dataset
from data.formats.written_names import NAMES_FILE
from tests.data.formats.folders import write


@pytest.fixture
def images(tmp_path) -> list[LabelledImage]:
    write(tmp_path, {"sources/1": (40, 30), "sources/2": (41, 30)})
    box = NamedBox("nut", 1, 2, 3.25, 4)
    return [
        LabelledImage("images/b10.jpg", 40, 30, (box,), "train", tmp_path / "sources/1"),
        LabelledImage("b9.jpg", 41, 30, (), None, tmp_path / "sources/2"),
        LabelledImage("b9.jpg", 40, 30, (box,), None, tmp_path / "sources/1"),
    ]


def content(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("format", WRITTEN.values(), ids=lambda format: format.name)
def test_equal_content_is_written_to_equal_bytes_whatever_its_order(tmp_path, images, format, monkeypatch):
    for number, order in enumerate((images, images[::-1])):
        write_dataset(format, ("nut", "bolt"), order, tmp_path / f"set{number}")
        write_dataset(format, ("nut", "bolt"), order, tmp_path / f"set{number}.zip")
        later = time.time() + 10**7
        monkeypatch.setattr(time, "time", lambda later=later: later)
    assert content(tmp_path / "set0") == content(tmp_path / "set1")
    assert (tmp_path / "set0.zip").read_bytes() == (tmp_path / "set1.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "set0.zip") as opened:
        assert sorted(opened.namelist()) == sorted(content(tmp_path / "set0"))


def test_names_that_changed_are_written_down_unless_the_images_stay_away(tmp_path, images):
    write_dataset(WRITTEN["coco"], ("nut",), images, tmp_path / "with")
    assert set(content(tmp_path / "with")) == {
        "annotations/instances_default.json",
        "annotations/instances_train.json",
        "images/b10.jpg",
        "images/b9.jpg",
        "images/b9-2.jpg",
        NAMES_FILE,
    }
    write_dataset(WRITTEN["coco"], ("nut",), images, tmp_path / "without", with_images=False)
    assert set(content(tmp_path / "without")) == {
        "annotations/instances_default.json",
        "annotations/instances_train.json",
    }


def test_progress_is_told_from_nothing_to_all(tmp_path, images):
    told = []
    write_dataset(
        WRITTEN["csv"],
        ("nut",),
        images,
        tmp_path / "set",
        on_progress=lambda done, total: told.append((done, total)),
    )
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_what_is_there_already_is_not_touched(tmp_path, images):
    write(tmp_path, {"set/mine.txt": "x", "set.zip": "y", "empty/.keep": ""})
    for name in ("set", "set.zip", "empty"):
        with pytest.raises(AlreadyExists, match="there already"):
            write_dataset(WRITTEN["coco"], ("nut",), images, tmp_path / name)
    (tmp_path / "bare").mkdir()
    write_dataset(WRITTEN["coco"], ("nut",), images, tmp_path / "bare")
    assert NAMES_FILE in content(tmp_path / "bare")


@pytest.mark.parametrize("name", ["set", "set.zip"])
def test_a_full_disk_half_way_leaves_nothing_behind(tmp_path, images, name, monkeypatch):
    def full(*_args: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing.shutil, "copyfile", full)
    monkeypatch.setattr(writing.shutil, "copyfileobj", full)
    with pytest.raises(OSError, match="No space"):
        write_dataset(WRITTEN["voc"], ("nut",), images, tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["sources"]
