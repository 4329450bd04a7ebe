"""Files made to do harm, or merely wrong in every way: each ends in one clear sentence or a clean import."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from data import classes, images, projects
from data.blobs import Blobs
from data.database import Database
from data.errors import DataError
from data.exchange import import_folder
from data.preview import preview_folder
from tests.data.formats.folders import jpeg, write
from tests.data.formats.hostile_cases import CASES, thing, voc


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, Blobs]]:
    folder = tmp_path_factory.mktemp("workspace")
    database = Database.open(None, folder)
    yield database, Blobs(folder / "blobs")
    database.close()


@pytest.fixture
def bring_in(workspace: tuple[Database, Blobs], tmp_path: Path) -> Callable[..., tuple[str, int]]:
    """Preview and import a data set; gives everything that was told, and how many boxes came in."""
    database, blobs = workspace

    def run(place: Path, format: str) -> tuple[str, int]:
        name = f"{tmp_path.name} {format}"
        told: list[str] = []
        try:
            preview = preview_folder(database, blobs, name, place, format=format)
            told += [json.dumps(dataclasses.asdict(preview), ensure_ascii=False)]
        except DataError as error:
            told.append(str(error))
        try:
            report = import_folder(database, blobs, name, place, format=format)
        except DataError as error:
            told.append(str(error))
            return check(told), 0
        told += [f"{each.file}:{each.line} {each.problem} {each.remedy}" for each in report.rejected]
        assert all(each.problem and each.remedy for each in report.rejected)
        with database.read() as session:
            project = projects.by_name(session, name)
            told += [image.name for image in images.page(session, project.id).images]
            told += [entry.name for entry in classes.list_all(session, project.id)]
        return check(told), report.boxes

    def check(told: list[str]) -> str:
        text = "\n".join(told)
        text.encode()  # Everything that is told can be written out.
        assert len(text) < 100_000
        return text

    return run


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_hostile_annotations_end_in_a_sentence_or_a_clean_import(case, bring_in, tmp_path):
    place = write(tmp_path / "set", {"a.jpg": (40, 30), **case.files})
    told, boxes = bring_in(place, case.format)
    assert boxes == case.boxes
    if case.said is None:
        assert '"problem"' not in told
    else:
        assert case.said in told
    assert "root:" not in told
    bring_in(place, "auto")
    assert not Path("/tmp/owned").exists()


def png_of_many_pixels() -> bytes:
    """A PNG file whose header promises 100,000 × 100,000 pixels."""
    stream = io.BytesIO(b"\x89PNG\r\n\x1a\n")
    stream.seek(0, io.SEEK_END)
    for kind, data in (
        (b"IHDR", struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)),
        (b"IDAT", b""),
        (b"IEND", b""),
    ):
        stream.write(struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)))
    return stream.getvalue()


@pytest.mark.parametrize("line", ["0 .5 .5 1 1", ""], ids=["with a box", "with an empty label file"])
def test_a_photograph_that_is_a_bomb_is_told_and_never_decoded(bring_in, tmp_path, line):
    place = write(
        tmp_path / "set", {"b.png": png_of_many_pixels(), "b.txt": line, "data.yaml": "names: [nut]"}
    )
    told, boxes = bring_in(place, "yolo")
    assert ("million pixels" in told, boxes) == (True, 0)


@pytest.mark.skipif(os.name != "posix", reason="this system has other special files")
def test_pipes_folders_and_links_in_the_place_of_files_end_too(bring_in, tmp_path):
    place = write(tmp_path / "set", {"a.jpg": (40, 30), "a.xml": voc(thing())["a.xml"]})
    os.mkfifo(place / "pipe.xml")
    os.mkfifo(place / "pipe.jpg")
    (place / "folder.xml").mkdir()
    (place / "folder.jpg").mkdir()
    (place / "loop").symlink_to(place, target_is_directory=True)
    (place / "broken.xml").symlink_to(place / "gone.xml")
    (place / "broken.jpg").symlink_to(place / "gone.jpg")
    (place / "passwd.jpg").symlink_to("/etc/passwd")
    told, boxes = bring_in(place, "auto")
    assert boxes == 1
    for name in ("broken.xml", "broken.jpg", "passwd.jpg"):
        assert f"{name}:None" in told
    assert "root:" not in told


@pytest.mark.skipif(os.name != "posix", reason="names are text on this system")
def test_names_of_no_encoding_come_in_with_their_letters_replaced(bring_in, tmp_path):
    place = write(tmp_path / "set", {"a.jpg": (40, 30)})
    try:
        for name, data in (
            (b"b\xff.jpg", jpeg(5, 5)),
            (b"b\xff.xml", voc(thing())["a.xml"].encode()),
            (b"c\xfe.xml", b"<annotation"),
        ):
            (place / os.fsdecode(name)).write_bytes(data)
    except OSError:
        pytest.skip("this file system knows no such names")
    told, boxes = bring_in(place, "auto")
    assert "b\ufffd.jpg" in told
    assert "c\ufffd.xml:1 The XML is broken" in told
    assert boxes == 0


def member(name: str, mode: int = stat.S_IFREG | 0o644) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("x")
    info.filename, info.external_attr = name, mode << 16
    return info


def bomb() -> tuple[zipfile.ZipInfo, bytes]:
    info = member("bomb.json")
    info.compress_type = zipfile.ZIP_DEFLATED
    return info, b"\x00" * 100_000_000


ARCHIVES: dict[str, tuple[list[tuple[zipfile.ZipInfo, bytes]], str | None]] = {
    "a path that climbs": ([(member("../../owned.jpg"), b"1")], "leads outside"),
    "a path of Windows that climbs": ([(member("..\\..\\owned.jpg"), b"1")], "leads outside"),
    "a path from the top": ([(member("/tmp/owned.jpg"), b"1")], "leads outside"),
    "a drive": ([(member("C:\\owned.jpg"), b"1")], "leads outside"),
    "a link": ([(member("b.jpg", stat.S_IFLNK | 0o777), b"/etc/passwd")], "has a link"),
    "a device": ([(member("b.jpg", stat.S_IFCHR | 0o666), b"")], None),
    "a name with a line end": ([(member("b\n.jpg"), b"1")], None),
    "a name of ten thousand letters": ([(member("x" * 10_000 + ".jpg"), b"1")], "cannot be unpacked"),
    "a bomb": ([bomb()], "grows more than"),
    "archives inside": (
        [(member("deep/in.zip"), b"PK\x03\x04"), (member("deep/in.tar.gz"), b"\x1f\x8b")],
        None,
    ),
    "a program": ([(member("run.exe"), b"MZ"), (member("setup.py"), b"import os")], None),
}


@pytest.mark.parametrize(("members", "said"), ARCHIVES.values(), ids=ARCHIVES.keys())
def test_hostile_archives_end_in_a_sentence_or_a_clean_import(members, said, bring_in, tmp_path):
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w") as opened:
        opened.writestr("a.jpg", jpeg())
        opened.writestr("a.xml", voc(thing())["a.xml"])
        for info, data in members:
            opened.writestr(info, data)
    told, boxes = bring_in(path, "auto")
    assert (boxes, said is None or said in told) == (int(said is None), True)
    assert sorted(found.name for found in tmp_path.iterdir()) == ["set.zip"]
    assert not Path("/tmp/owned.jpg").exists()


@pytest.mark.parametrize(
    "data", [b"", b"PK", b"PK\x03\x04" + b"\xff" * 200, b"\x1f\x8b\x08" + b"\x00" * 50, b"Rar!\x1a\x07"]
)
def test_what_is_called_an_archive_and_is_none_is_told(data, bring_in, tmp_path):
    (tmp_path / "set.zip").write_bytes(data)
    told, boxes = bring_in(tmp_path / "set.zip", "auto")
    assert ("is no zip file" in told, boxes) == (True, 0)


def test_the_suite_is_as_large_as_it_claims():
    assert len(CASES) + len(ARCHIVES) >= 60
