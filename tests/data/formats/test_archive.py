"""Unpacking archives that strangers made."""

from __future__ import annotations

import os
import stat
import struct
import zipfile
from collections import namedtuple
from pathlib import Path

import pytest

from data.errors import ArchiveRejected
from data.formats import archive
from data.formats.archive import Limits, unpacked
from tests.data.formats.folders import jpeg


def pack(place: Path, *members: tuple[str | zipfile.ZipInfo, bytes], method=zipfile.ZIP_DEFLATED) -> Path:
    path = place / "set.zip"
    with zipfile.ZipFile(path, "w", method) as opened:
        for name, data in members:
            opened.writestr(name, data, method)
    return path


def inside(path: Path, **limits: int) -> list[str]:
    with unpacked(path, Limits(**limits)) as folder:
        return sorted(found.relative_to(folder).as_posix() for found in folder.rglob("*") if found.is_file())


def test_what_an_import_can_use_is_unpacked_and_gone_afterwards(tmp_path):
    path = pack(
        tmp_path, ("a.jpg", jpeg()), ("x/a.xml", b"<annotation/>"), ("run.exe", b"MZ"), ("b.zip", b"PK")
    )
    with unpacked(path) as folder:
        assert (folder / "a.jpg").read_bytes() == jpeg()
        assert (folder / "x" / "a.xml").exists()
        assert not (folder / "run.exe").exists()
        assert not (folder / "b.zip").exists()
    assert not folder.exists()
    assert archive.holds_other_archives(path)


def test_a_single_folder_around_everything_does_not_count(tmp_path):
    assert inside(pack(tmp_path, ("set/images/a.jpg", b"1"), ("set/a.xml", b"2"))) == [
        "a.xml",
        "images/a.jpg",
    ]
    assert inside(pack(tmp_path, ("set/a.jpg", b"1"), ("a.xml", b"2"))) == ["a.xml", "set/a.jpg"]


def test_backslashes_of_windows_are_folders(tmp_path):
    member = zipfile.ZipInfo("x")
    member.filename = "images\\sub\\a.jpg"
    assert inside(pack(tmp_path, (member, b"1"), ("b.jpg", b"2"))) == ["b.jpg", "images/sub/a.jpg"]


def test_letters_that_a_program_wrote_as_utf8_without_saying_so_are_read():
    unsaid, said = zipfile.ZipInfo("Müller.jpg".encode().decode("cp437")), zipfile.ZipInfo("日本.jpg")
    assert [archive._name(member) for member in (unsaid, said)] == ["Müller.jpg", "日本.jpg"]


@pytest.mark.parametrize(
    "name",
    [
        "../a.jpg",
        "x/../../a.jpg",
        "/etc/a.jpg",
        "C:/a.jpg",
        "c:a.jpg",
        "x/.. /a.jpg",
        ".../a.jpg",
        "..\\a.jpg",
        "\\a.jpg",
    ],
)
def test_a_path_that_leads_outside_refuses_the_whole_archive(tmp_path, name):
    member = zipfile.ZipInfo("x")
    member.filename = name
    path = pack(tmp_path, ("good.jpg", b"1"), (member, b"2"))
    (tmp_path / "scratch").mkdir()
    with pytest.raises(ArchiveRejected, match="leads outside"), unpacked(path, scratch=tmp_path / "scratch"):
        pass
    assert sorted(found.name for found in tmp_path.rglob("*")) == ["scratch", "set.zip"]


def test_a_link_refuses_the_whole_archive(tmp_path):
    member = zipfile.ZipInfo("a.jpg")
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    with pytest.raises(ArchiveRejected, match="has a link"):
        inside(pack(tmp_path, (member, b"/etc/passwd")))


def test_a_device_is_passed_over(tmp_path):
    member = zipfile.ZipInfo("a.jpg")
    member.external_attr = (stat.S_IFCHR | 0o666) << 16
    assert inside(pack(tmp_path, (member, b""), ("b.jpg", b"1"))) == ["b.jpg"]


def test_encryption_is_told_with_the_remedy(tmp_path):
    path = pack(tmp_path, ("a.jpg", b"1"))
    data = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        struct.pack_into("<H", data, data.index(mark) + offset, 1)
    path.write_bytes(data)
    with pytest.raises(ArchiveRejected, match=r"encrypted\. Unpack it yourself"):
        inside(path)


def test_a_name_that_occurs_twice_is_refused(tmp_path):
    with pytest.warns(UserWarning, match="Duplicate"):
        path = pack(tmp_path, ("a.jpg", b"1"), ("a.jpg", b"2"))
    with pytest.raises(ArchiveRejected, match="twice"):
        inside(path)


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"files": 1}, "has 2 files; at most 1"),
        ({"file_bytes": 99}, "'a.jpg' of 100 bytes"),
        ({"total_bytes": 150}, "has 200 bytes; at most 150"),
        ({"ratio": 2, "ratio_from": 10}, "grows more than 2 times"),
    ],
)
def test_counts_sizes_and_growth_are_limited(tmp_path, limits, said):
    path = pack(tmp_path, ("a.jpg", b"0" * 100), ("b.jpg", b"0" * 100))
    with pytest.raises(ArchiveRejected, match=said):
        inside(path, **limits)


def test_growth_of_small_files_is_no_bomb(tmp_path):
    assert inside(pack(tmp_path, ("a.json", b" " * 1_000_000))) == ["a.json"]


def test_a_member_that_holds_more_than_it_says_is_cut_off(tmp_path):
    path = pack(tmp_path, ("a.jpg", os.urandom(1000)), method=zipfile.ZIP_STORED)
    with zipfile.ZipFile(path) as opened, pytest.raises(ArchiveRejected, match="more than it says"):
        archive._write(opened, opened.getinfo("a.jpg"), tmp_path / "out.jpg", most=10)


def test_the_disk_is_asked_before_anything_is_written(tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(archive.shutil, "disk_usage", lambda _: usage(10**9, 10**9, 1000))
    with pytest.raises(ArchiveRejected, match="1,000 free"):
        inside(pack(tmp_path, ("a.jpg", b"1")))


@pytest.mark.parametrize(
    "data", [b"", b"no archive", b"PK\x03\x04" + b"\x00" * 100, b"PK\x05\x06" + b"\xff" * 18]
)
def test_what_is_no_archive_is_told(tmp_path, data):
    (tmp_path / "set.zip").write_bytes(data)
    with pytest.raises(ArchiveRejected, match="no zip file"):
        inside(tmp_path / "set.zip")


def test_damage_within_is_told_and_nothing_stays(tmp_path):
    path = pack(tmp_path, ("a.jpg", os.urandom(5000)), method=zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    data[100] ^= 0xFF
    path.write_bytes(data)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with pytest.raises(ArchiveRejected, match="damaged"), unpacked(path, scratch=scratch):
        pass
    assert list(scratch.iterdir()) == []


def test_a_file_where_another_needs_a_folder_is_told(tmp_path):
    with pytest.raises(ArchiveRejected, match="cannot be unpacked"):
        inside(pack(tmp_path, ("a.xml", b"1"), ("a.xml/b.jpg", b"2")))
