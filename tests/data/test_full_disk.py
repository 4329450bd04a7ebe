"""A full disk: a save is refused in a sentence, what was saved before is sound, later saves work again."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from data import annotations, images
from data.errors import DataError, DiskFull
from data.exchange import import_annotated, import_folder
from data.formats.annotated import Labels, NamedBox
from data.records import Box

REPOSITORY = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("full_disk_process.py")


def integrity(session: Session) -> object:
    return session.execute(text("PRAGMA integrity_check")).scalar()


def test_boxes_that_find_no_room_are_refused_and_the_database_stays_sound(database, bolt, add_image):
    if database.kind != "sqlite":
        pytest.skip("a server's disk is the server's")
    image = add_image("a.png")
    saved = 0

    def save(number: int) -> None:
        boxes = [Box(f"{number}-{k}", bolt.id, k / 100, 0, 10, 10) for k in range(200)]
        with database.write() as session:
            annotations.replace(session, image.id, boxes, number, f"{number}")

    with database.write() as session:
        pages = session.execute(text("PRAGMA page_count")).scalar_one()
        session.execute(text(f"PRAGMA max_page_count={pages + 20}"))

    def fill() -> None:
        nonlocal saved
        for number in range(1000):
            save(number)
            saved = number + 1

    with pytest.raises(
        DiskFull, match=r"^The disk is full: nothing was saved\. Free some space and try again\.$"
    ):
        fill()
    assert saved > 0
    with database.read() as session:
        assert images.get(session, image.id).revision == saved
        assert annotations.read(session, image.id)[0].id == f"{saved - 1}-0"
        assert integrity(session) == "ok"
    with database.write() as session:
        session.execute(text("PRAGMA max_page_count=1000000"))
    save(saved)
    with database.read() as session:
        assert images.get(session, image.id).revision == saved + 1
        assert integrity(session) == "ok"


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Lets no file be written through to the disk, until it is undone."""

    def refuse(_number: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    return monkeypatch


def test_an_image_that_finds_no_room_leaves_neither_row_nor_file_and_can_be_added_later(
    database, blobs, project, picture, full
):
    labels = Labels((NamedBox("bolt", 0, 0, 5, 5),))
    with pytest.raises(DiskFull, match="disk is full: the image was not saved"):
        import_annotated(database, blobs, project.id, "a.png", picture(), labels)
    full.undo()
    with database.read() as session:
        assert images.page(session, project.id).total == 0
    assert [path for path in blobs.folder.rglob("*") if path.is_file()] == []
    assert import_annotated(database, blobs, project.id, "a.png", picture(), labels).boxes == 1


def test_an_import_ends_at_the_first_image_without_room_and_goes_on_there_when_repeated(
    database, blobs, project, picture, tmp_path, monkeypatch
):
    source = tmp_path / "photos"
    source.mkdir()
    for number in range(6):
        (source / f"{number}.png").write_bytes(picture(colour=(number * 30, 0, 0), kind="PNG"))
    fsync, calls = os.fsync, []

    def refuse_later(number: int) -> None:
        calls.append(number)
        if len(calls) > 8:
            raise OSError(errno.ENOSPC, "No space left on device")
        fsync(number)

    monkeypatch.setattr(os, "fsync", refuse_later)
    with pytest.raises(DataError, match="disk is full"):
        import_folder(database, blobs, "Workshop", source)
    monkeypatch.undo()
    with database.read() as session:
        before = images.page(session, project.id)
    assert 0 < before.total < 6
    assert all(blobs.has(image.sha256) for image in before.images)
    report = import_folder(database, blobs, "Workshop", source)
    assert (report.added, report.existing) == (6 - before.total, before.total)


def test_a_real_disk_of_six_megabytes_fills_up_without_a_loss(tmp_path):
    if shutil.which("unshare") is None or shutil.which("mount") is None:
        pytest.skip("there is no unshare here, so no disk of our own")
    namespace = "-m" if os.geteuid() == 0 else "-rm"
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(
        ["unshare", namespace, "mount", "-t", "tmpfs", "tmpfs", str(disk)], check=False, capture_output=True
    ).returncode:
        pytest.skip("this machine lets us mount nothing")
    done = subprocess.run(
        ["unshare", namespace, sys.executable, str(SCRIPT), str(disk)],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["image"].startswith("The disk is full: ")
    assert report["images"] > 20
    assert report["files whole"] is True
    assert report["boxes"].startswith("The disk is full: nothing was saved")
    assert report["revision"] == report["refused at"]
    assert report["revision"] >= 3
    assert report["saved"] == [f"{report['revision'] - 1}-0"]
    assert report["integrity"] == "ok"
    assert "is full" in report["backup"] or "GB left" in report["backup"]
    assert report["left behind"] == []
    assert report["afterwards"] == report["revision"] + 1
    assert report["integrity afterwards"] == "ok"
    assert report["images afterwards"] == report["images"] + 2
