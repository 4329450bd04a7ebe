"""Files named by their content."""

from __future__ import annotations

import errno
import hashlib
import os
import sys
from pathlib import Path

import pytest

from data.errors import DiskFull, NotFound

DESCRIPTORS = Path("/proc/self/fd")
HELLO = hashlib.sha256(b"hello").hexdigest()


def test_bytes_are_stored_under_their_sha256_in_two_levels_of_folders(blobs):
    assert blobs.put(b"hello") == HELLO
    assert blobs.path(HELLO) == blobs.folder / HELLO[:2] / HELLO[2:4] / HELLO
    assert blobs.path(HELLO).read_bytes() == b"hello"


def test_equal_bytes_share_one_file(blobs):
    blobs.put(b"hello")
    before = blobs.path(HELLO).stat().st_ino
    blobs.put(b"hello")
    assert blobs.path(HELLO).stat().st_ino == before
    assert sum(place.is_file() for place in blobs.folder.rglob("*")) == 1


def test_a_file_that_lost_bytes_is_written_again(blobs):
    blobs.put(b"hello")
    blobs.path(HELLO).write_bytes(b"hel")
    blobs.put(b"hello")
    assert blobs.path(HELLO).read_bytes() == b"hello"


@pytest.mark.parametrize("name", [HELLO, "../../etc/passwd", HELLO.upper(), "", HELLO + "\n", "\0" * 64])
def test_a_name_that_is_not_there_or_no_hash_is_not_found(blobs, name):
    assert not blobs.has(name)
    with pytest.raises(NotFound):
        blobs.path(name)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("step", ["fsync", "replace", "mkdir"])
def test_a_full_disk_is_told_in_a_sentence_and_leaves_nothing_half_written(blobs, monkeypatch, code, step):
    def full(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(
        *{"fsync": (os, "fsync"), "replace": (Path, "replace"), "mkdir": (Path, "mkdir")}[step], full
    )
    with pytest.raises(DiskFull, match=r"disk is full: the image was not saved.*try again"):
        blobs.put(b"hello")
    monkeypatch.undo()
    assert not any(place.is_file() for place in blobs.folder.rglob("*"))
    assert blobs.put(b"hello") == HELLO


def test_another_fault_of_the_disk_is_told_as_the_system_tells_it(blobs, monkeypatch):
    def broken(_number: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="Input/output error"):
        blobs.put(b"hello")


def test_all_stored_files_are_gone_through_and_nothing_else(blobs):
    names = {blobs.put(bytes([number])) for number in range(20)}
    (blobs.folder / "ab" / "cd").mkdir(parents=True, exist_ok=True)
    (blobs.folder / "ab" / "cd" / "notes.txt").write_text("mine")
    assert {name for name, _ in blobs.each()} == names
    assert {stat.st_size for _, stat in blobs.each()} == {1}


def test_an_old_file_can_be_removed_and_a_young_one_stays(blobs):
    blobs.put(b"hello")
    assert not blobs.remove(HELLO)
    assert blobs.path(HELLO).read_bytes() == b"hello"
    os.utime(blobs.path(HELLO), (0, 0))
    assert blobs.remove(HELLO)
    assert not blobs.remove(HELLO)
    assert not any(place.is_file() for place in blobs.folder.rglob("*"))


def test_a_file_that_is_stored_again_counts_as_young(blobs):
    blobs.put(b"hello")
    os.utime(blobs.path(HELLO), (0, 0))
    blobs.put(b"hello")
    assert not blobs.remove(HELLO)
    assert blobs.has(HELLO)


def test_a_file_whose_removal_was_killed_comes_back(blobs):
    blobs.put(b"hello")
    blobs.path(HELLO).rename(blobs.folder / "unfinished" / f"unneeded-{HELLO}")
    assert blobs.sweep(older_than=0) == 0
    assert blobs.path(HELLO).read_bytes() == b"hello"
    (blobs.folder / "unfinished" / f"unneeded-{HELLO}").write_bytes(b"hello")
    assert blobs.sweep(older_than=0) == 1


def test_file_and_folder_are_synced_before_put_returns(blobs, monkeypatch):
    synced = []
    fsync = os.fsync

    def note(number: int) -> None:
        synced.append(str(DESCRIPTORS.joinpath(f"{number}").readlink()) if DESCRIPTORS.is_dir() else "")
        fsync(number)

    monkeypatch.setattr(os, "fsync", note)
    blobs.put(b"hello")
    assert len(synced) >= 2
    if synced[0]:
        assert str(blobs.path(HELLO).parent) in synced


def test_leftovers_of_killed_writers_are_swept_but_young_ones_are_not(blobs, monkeypatch):
    blobs.put(b"hello")
    with monkeypatch.context() as killed:
        killed.setattr(Path, "unlink", lambda *_args, **_options: None)
        killed.setattr(Path, "replace", lambda *_args: sys.exit())
        for content in (b"old", b"young"):
            with pytest.raises(SystemExit):
                blobs.put(content)
    old, young = sorted(
        (place for place in blobs.folder.rglob("*") if place.is_file() and place.name != HELLO),
        key=Path.read_bytes,
    )
    # All in one folder, so that a start need not walk through the whole store.
    assert old.parent == young.parent
    os.utime(old, (0, 0))
    assert blobs.sweep() == 1
    assert (old.exists(), young.exists(), blobs.has(HELLO)) == (False, True, True)


def test_sweeping_a_store_that_does_not_exist_yet_finds_nothing(blobs):
    assert blobs.sweep() == 0
