"""Every format by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.errors import NotFound
from data.formats.registry import WRITTEN, read
from data.records import EXPORT_FORMATS, FORMATS
from tests.data.formats.folders import boxes_of, write


def test_the_names_that_faces_offer_are_those_there_are():
    assert tuple(WRITTEN) == EXPORT_FORMATS
    assert set(FORMATS) == {"auto", "images", *EXPORT_FORMATS}


def test_what_cannot_be_read_at_all_is_said(tmp_path):
    with pytest.raises(NotFound, match=r"no format 'word'.*auto, voc"):
        read(tmp_path, "word")
    with pytest.raises(NotFound, match="no folder"):
        read(tmp_path / "gone")
    with pytest.raises(NotFound, match="no image in"):
        read(tmp_path)
    write(tmp_path, {"a.jpg": (40, 30)})
    for name in EXPORT_FORMATS:
        with pytest.raises(NotFound, match=f"nothing of {WRITTEN[name].title}"):
            read(tmp_path, name)


def test_photographs_alone_are_read_without_a_note(tmp_path):
    reading = read(write(tmp_path, {"train/a.jpg": (40, 30), "val/a.jpg": (40, 30)}))
    assert (reading.notes, reading.problems) == ((), ())
    assert [(file.split, file.labels) for file in reading.files] == [(None, None)] * 2


def test_annotations_are_left_alone_where_photographs_alone_are_wanted(tmp_path):
    write(tmp_path, {"a.jpg": (40, 30), "a.xml": b"<annotation/>", "x.json": b"{"})
    assert read(tmp_path, "images").files[0].labels is None


def test_a_folder_of_two_formats_is_read_as_the_one_that_is_wanted(tmp_path):
    write(tmp_path, {"a.jpg": (40, 30), "a.xml": b"<annotation/>", "a.txt": "0 .5 .5 1 1"})
    assert boxes_of(read(tmp_path, "voc"), "a.jpg") == []
    assert boxes_of(read(tmp_path, "yolo"), "a.jpg") == [("class 0", (0, 0, 40, 30))]


def test_folders_named_like_splits_give_them(tmp_path):
    files = {
        f"{split}/{split}.{ending}": b"<annotation/>"
        for split in ("train", "valid")
        for ending in ("jpg", "xml")
    }
    assert [file.split for file in read(write(tmp_path, files)).files] == ["train", "val"]


def test_what_each_format_carries_is_written_down():
    page = (Path(__file__).parents[3] / "docs" / "formats.md").read_text(encoding="utf-8")
    table = page.split("## What each can carry")[1].split("## Pixels")[0]
    rows = {
        row.split("|")[1].strip(" `"): row.split("|") for row in table.splitlines() if row.startswith("| `")
    }
    assert tuple(rows) == EXPORT_FORMATS
    for name, format in WRITTEN.items():
        difficult, crowd, size = (cell.strip() for cell in rows[name][4:7])
        assert (difficult != "no", crowd != "no") == (format.carries.difficult, format.carries.crowd)
        assert size.startswith("no") is not format.carries.sizes
