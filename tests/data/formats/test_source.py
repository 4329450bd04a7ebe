"""Opening folders and archives."""

from __future__ import annotations

import zipfile

import pytest

from data.errors import ArchiveRejected, NotFound
from data.formats.source import opened
from tests.data.formats.folders import boxes_of, jpeg, write


def test_an_archive_is_read_as_its_folder_would_be_and_its_images_can_be_read_meanwhile(tmp_path):
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        archive.writestr("set/images/a.jpg", jpeg())
        archive.writestr("set/labels/a.txt", "0 .5 .5 1 1")
        archive.writestr("set/more.zip", b"PK")
    with opened(tmp_path / "set.zip") as reading:
        assert boxes_of(reading, "images/a.jpg") == [("class 0", (0, 0, 40, 30))]
        assert reading.files[0].path.read_bytes() == jpeg()
        assert any("further archives" in note for note in reading.notes)


def test_what_is_neither_folder_nor_archive_is_told(tmp_path):
    write(tmp_path, {"a.json": "{}"})
    with pytest.raises(ArchiveRejected, match=r"a\.json is no zip file"), opened(tmp_path / "a.json"):
        pass
    with pytest.raises(NotFound, match="no folder"), opened(tmp_path / "gone"):
        pass
