"""Files that are sent one by one: whole or not at all, below their folder, gone at the end."""

from __future__ import annotations

import os
import time
import zipfile
from pathlib import Path

import pytest

from app.services.staging import MOST_FILES, Stage, checked_parts, sweep
from data.errors import ArchiveRejected, InvalidName, NotFound


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path / "imports" / "one")


def send(stage: Stage, path: str, *pieces: bytes) -> None:
    incoming = stage.receive(path)
    for piece in pieces:
        incoming.write(piece)
    incoming.keep()
    incoming.drop()


def test_a_file_is_there_when_all_of_it_is(stage: Stage) -> None:
    incoming = stage.receive("a/b.jpg")
    incoming.write(b"half")
    with pytest.raises(NotFound, match="No file was sent"):
        stage.source()
    incoming.write(b" and half")
    incoming.keep()
    assert (stage.source() / "a/b.jpg").read_bytes() == b"half and half"


def test_what_is_dropped_leaves_nothing(stage: Stage) -> None:
    incoming = stage.receive("a.jpg")
    incoming.write(b"half")
    incoming.drop()
    assert [found for found in stage.folder.rglob("*") if found.is_file()] == []


def test_one_zip_stands_for_what_it_holds_and_several_files_for_themselves(stage: Stage) -> None:
    send(stage, "a.ZIP", b"x")
    assert stage.source().name == "a.ZIP"
    send(stage, "b.jpg", b"x")
    assert {found.name for found in stage.source().iterdir()} == {"a.ZIP", "b.jpg"}


def test_an_archive_that_cannot_be_unpacked_leaves_nothing_and_may_be_tried_again(
    stage: Stage, tmp_path: Path
) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(b"no archive")
    with pytest.raises(ArchiveRejected):
        stage.unpack(path)
    assert list(stage.folder.iterdir()) == []
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("only/a.jpg", b"x")
    assert (stage.unpack(path) / "a.jpg").read_bytes() == b"x"
    path.unlink()
    assert stage.unpack(path).name == "only"


def test_after_the_end_nothing_comes_in_any_more(stage: Stage) -> None:
    incoming = stage.receive("a.jpg")
    stage.clear()
    with pytest.raises(NotFound, match="was cancelled"):
        incoming.keep()
    incoming.drop()
    with pytest.raises(NotFound, match="was cancelled"):
        stage.receive("b.jpg")
    assert not stage.folder.exists()


def test_more_files_than_any_data_set_has_are_refused(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_FILES > 200_000
    monkeypatch.setattr("app.services.staging.MOST_FILES", 1)
    send(stage, "a.jpg", b"x")
    with pytest.raises(InvalidName, match="too many"):
        stage.receive("b.jpg")


def test_ordinary_names_of_all_languages_are_paths() -> None:
    for path in ("a.jpg", "a b/ü 1:2.jpg", ".hidden/a..b.jpg", "写真/一.jpg", "a/" * 31 + "x"):
        assert "/".join(checked_parts(path)) == path


def test_a_sweep_takes_what_is_old_and_leaves_what_is_wanted(tmp_path: Path) -> None:
    for name, age in (("old", 90_000), ("new", 10)):
        (tmp_path / name / "files").mkdir(parents=True)
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    sweep(tmp_path, 86_400)
    sweep(tmp_path / "nowhere", 86_400)
    assert [found.name for found in tmp_path.iterdir()] == ["new"]
