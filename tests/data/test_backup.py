"""Backups: of one moment, whole or not at all, checked by their sums, put back into an empty workspace."""

from __future__ import annotations

import errno
import gzip
import json
import os
import shutil
import threading
import time
import uuid
from pathlib import Path

import pytest

from data import (
    annotations,
    backup,
    classes,
    images,
    models,
    postgres_programs,
    projects,
    run_progress,
    runs,
    snapshots,
)
from data import backup_manifest as manifests
from data.blobs import Blobs
from data.database import Database
from data.errors import AlreadyExists, BackupUnusable, DatabaseUnusable, DiskFull
from data.records import Box, Model
from data.restoring import restore
from tests.data.conftest import POSTGRES, address_of, on_server

pytestmark = pytest.mark.usefixtures("filled")


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return tmp_path / "workspace"


@pytest.fixture
def filled(database, project, bolt, add_image, workspace):
    """Two labelled images, one marked empty, one in the bin, a snapshot, a live run, a model with files."""
    first, second, third, gone = (add_image(f"{number}.png") for number in range(4))
    with database.write() as session:
        for image in (first, second):
            annotations.replace(
                session, image.id, [Box("1", bolt.id, 0.1, 0.2, 5, 5)], 0, "op", author="anna"
            )
        annotations.mark_empty(session, third.id, 0, "op")
        images.discard(session, gone.id)
        snapshot = snapshots.freeze(session, project.id, seed=0)
        run = runs.create(session, project.id, snapshot.id, {"preset": "quick"})
        runs.attach_job(session, run.id, "job")
        runs.begin_attempt(session, run.id, "here", time.time())
        run_progress.report(session, run.id, 1, step=30, total_steps=240)
        run_progress.beat(session, run.id, 1, time.time(), os.getpid(), 1.0)
        paused = runs.create(session, project.id, snapshot.id, {"preset": "best"})
        runs.finish(session, paused.id, "paused", now=time.time())
        model = Model("m1", project.id, None, "Best", ("bolt",), {"AP": 0.5}, run.created)
        models.register(session, model)
    for name in ("models/m1/card.json", f"runs/{run.id}/train.log", f"runs/{run.id}/checkpoints/ckpt-30"):
        (workspace / name).parent.mkdir(parents=True, exist_ok=True)
        (workspace / name).write_text(name)
    return run


@pytest.fixture
def empty_url(database_url):
    """The address of a second, empty database of the same kind."""
    if database_url is None:
        yield None
        return
    name = f"restored_{uuid.uuid4().hex}"
    on_server(f"CREATE DATABASE {name}")
    yield address_of(name)
    on_server(f"DROP DATABASE {name} WITH (FORCE)")


def contents(database: Database) -> object:
    """All that a person would miss, without the runs, which a restore changes."""
    with database.read() as session:
        found = []
        for project in projects.list_all(session):
            page = images.page(session, project.id, limit=500).images
            everything = (*page, *images.discarded(session, project.id))
            found.append(
                (
                    project,
                    everything,
                    [annotations.read(session, image.id) for image in everything],
                    [annotations.history(session, image.id) for image in everything],
                    classes.list_all(session, project.id),
                    models.list_all(session, project.id),
                )
            )
        return found


def blob_of(workspace: Path) -> Path:
    """One of the stored image files."""
    return min(path for path in (workspace / "blobs").rglob("*") if len(path.name) == 64)


@pytest.mark.parametrize("rows", [False, True])
def test_a_restored_backup_is_the_workspace_as_it_was(database, workspace, tmp_path, empty_url, rows):
    made = backup.create(database, workspace, rows=rows)
    assert made.path.parent == workspace / "backups"
    assert made.manifest.missing == ()
    assert backup.verify(made.path) == ()
    restored = restore(made.path, empty_url, tmp_path / "new")
    assert restored.interrupted == 1
    before = contents(database)
    opened = Database.open(empty_url, tmp_path / "new")
    assert contents(opened) == before
    for kind in ("blobs", "models", "runs"):
        files = {
            path.relative_to(workspace): path.read_bytes()
            for path in (workspace / kind).rglob("*")
            if path.is_file()
        }
        assert len(files) >= 1
        for name, content in files.items():
            assert (tmp_path / "new" / name).read_bytes() == content
    opened.close()


@pytest.mark.parametrize("rows", [False, True])
def test_a_restored_workspace_works_on_and_gives_no_number_twice(
    database, workspace, tmp_path, empty_url, rows, bolt, project
):
    with database.write() as session:
        last = images.page(session, project.id).images[-1]
        images.delete(session, last.id)
        newest = classes.add(session, project.id, "nut").id
    made = backup.create(database, workspace, rows=rows)
    restore(made.path, empty_url, tmp_path / "new")
    opened = Database.open(empty_url, tmp_path / "new")
    with opened.write() as session:
        assert classes.add(session, project.id, "pin").id == newest + 1
        page = images.page(session, project.id)
        assert page.total == len(page.images) == 2
        image = page.images[0]
        box = Box("2", bolt.id, 0, 0, 9, 9)
        assert annotations.replace(session, image.id, [box], image.revision, "new").revision == 2
    opened.close()


def test_runs_under_way_come_back_as_interrupted_and_can_be_resumed(
    database, workspace, tmp_path, empty_url, filled
):
    made = backup.create(database, workspace)
    assert restore(made.path, empty_url, tmp_path / "new").interrupted == 1
    opened = Database.open(empty_url, tmp_path / "new")
    with opened.write() as session:
        run = runs.get(session, filled.id)
        assert run.outcome == "failed"
        assert "Interrupted: restored from a backup" in str(run.error)
        assert "30 of 240 steps" in str(run.error)
        # Whoever trains it in the old workspace must not be taken for this one's.
        assert (run.pid, run.host, run.beat, run.job_id) == (None, None, None, None)
        assert runs.reopen(session, filled.id).outcome is None
        others = [
            each.outcome for each in runs.list_for_project(session, run.project_id) if each.id != run.id
        ]
        assert others == ["paused"]
    opened.close()
    with database.read() as session:
        assert runs.get(session, filled.id).outcome is None


def test_a_backup_made_while_others_write_is_of_one_moment(
    database, database_url, workspace, tmp_path, empty_url, project, bolt, add_image
):
    """Each save writes its number into the boxes of two images: in the backup both must agree."""
    pair = [add_image(f"pair-{number}.png").id for number in range(2)]
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            boxes = [Box(f"{number}-{index}", bolt.id, 0, 0, 5, 5) for index in range(20)]
            with database.write() as session:
                for image_id in pair:
                    annotations.replace(session, image_id, boxes, number, f"{number}")
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for turn in range(3):
            time.sleep(0.1)
            made = backup.create(database, workspace, tmp_path / f"backup {turn}", rows=turn == 2)
            assert backup.verify(made.path) == ()
    finally:
        stop.set()
        writer.join()
    restore(tmp_path / "backup 2", empty_url, tmp_path / "new")
    opened = Database.open(empty_url, tmp_path / "new")
    with opened.read() as session:
        first, second = (annotations.read(session, image_id) for image_id in pair)
        revision = images.get(session, pair[0]).revision
    opened.close()
    assert first == second
    assert [box.id for box in first] == [f"{revision - 1}-{index}" for index in range(20)]


def test_image_files_are_linked_on_one_disk_and_copied_where_that_fails(
    database, workspace, tmp_path, monkeypatch
):
    linked = backup.create(database, workspace, tmp_path / "linked")
    blob = blob_of(workspace)
    assert blob.samefile(linked.path / blob.relative_to(workspace))

    def refuse(source: object, target: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    copied = backup.create(database, workspace, tmp_path / "copied")
    assert not blob.samefile(copied.path / blob.relative_to(workspace))
    assert copied.manifest.files.keys() == linked.manifest.files.keys()
    assert backup.verify(copied.path) == ()


def test_files_that_no_image_names_are_left_out(database, workspace):
    Blobs(workspace / "blobs").put(b"left behind by an import that was killed")
    made = backup.create(database, workspace)
    assert sum(name.startswith("blobs/") for name in made.manifest.files) == 4


def test_files_of_deleted_images_that_a_snapshot_needs_are_saved(database, workspace, project):
    with database.write() as session:
        for image in images.page(session, project.id).images:
            images.delete(session, image.id)
    made = backup.create(database, workspace)
    assert sum(name.startswith("blobs/") for name in made.manifest.files) == 4


def test_a_file_that_is_missing_or_damaged_is_told_and_does_not_keep_the_rest_from_being_saved(
    database, workspace, tmp_path, empty_url
):
    missing, damaged = sorted(path for path in (workspace / "blobs").rglob("*") if len(path.name) == 64)[:2]
    missing.unlink()
    damaged.write_bytes(b"x" * damaged.stat().st_size)
    made = backup.create(database, workspace)
    assert made.manifest.missing == tuple(
        f"blobs/{path.relative_to(workspace / 'blobs').as_posix()}" for path in (missing, damaged)
    )
    assert backup.verify(made.path) == ()
    restore(made.path, empty_url, tmp_path / "new")
    assert not Blobs(tmp_path / "new" / "blobs").has(damaged.name)


def test_what_happened_to_a_backup_is_found_and_named(database, workspace, tmp_path, empty_url):
    made = backup.create(database, workspace, tmp_path / "backup", rows=True)
    (blob, _) = sorted(name for name in made.manifest.files if name.startswith("blobs/"))[:2]
    card = made.path / "models/m1/card.json"
    card.write_text("models/m1/cord.json")
    (made.path / blob).unlink()
    faults = backup.verify(made.path)
    assert len(faults) == 2
    assert any("card.json is damaged" in fault for fault in faults)
    assert any(f"{blob} cannot be read" in fault for fault in faults)
    with pytest.raises(BackupUnusable, match=r"damaged, so nothing was restored.*Use another backup"):
        restore(made.path, empty_url, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_damaged_database_is_found_even_where_its_sum_was_adjusted(database, workspace, tmp_path):
    if database.kind != "sqlite":
        pytest.skip("the server checks its own files")
    made = backup.create(database, workspace, tmp_path / "backup")
    file = made.path / "studio.db"
    content = bytearray(file.read_bytes())
    content[4096 * 3 : 4096 * 4] = b"\xff" * 4096
    file.write_bytes(content)
    text = json.loads((made.path / "manifest.json").read_text())
    text["files"]["studio.db"]["sha256"] = manifests.sum_of(file).sha256
    (made.path / "manifest.json").write_text(json.dumps(text))
    assert any("studio.db" in fault or "database" in fault for fault in backup.verify(made.path))


def test_a_folder_without_a_backup_is_told_as_such(tmp_path, empty_url):
    for act in (lambda: backup.verify(tmp_path), lambda: restore(tmp_path, empty_url, tmp_path / "new")):
        with pytest.raises(BackupUnusable, match="no backup"):
            act()


def test_a_backup_of_a_newer_program_is_refused_before_anything_is_written(
    database, workspace, tmp_path, empty_url
):
    made = backup.create(database, workspace, tmp_path / "backup")
    text = json.loads((made.path / "manifest.json").read_text())
    text["schema"] = "9999"
    (made.path / "manifest.json").write_text(json.dumps(text))
    with pytest.raises(DatabaseUnusable, match=r"9999.*pip install --upgrade ssd-studio"):
        restore(made.path, empty_url, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_nothing_is_restored_over_a_workspace_that_has_a_database(database, database_url, workspace):
    made = backup.create(database, workspace)
    with pytest.raises(BackupUnusable, match=r"already.*(--workspace DIR|CREATE DATABASE)"):
        restore(made.path, database_url, workspace)
    assert len(contents(database)) == 1


def test_a_restore_that_was_cut_off_is_simply_repeated(database, workspace, tmp_path, empty_url, monkeypatch):
    made = backup.create(database, workspace)
    with monkeypatch.context() as patched:
        patched.setattr("data.restoring._finish", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            restore(made.path, None, tmp_path / "new") if empty_url is None else pytest.skip(
                "SQLite's file only"
            )
    assert not (tmp_path / "new" / "studio.db").exists()
    restore(made.path, empty_url, tmp_path / "new")
    opened = Database.open(empty_url, tmp_path / "new")
    assert contents(opened) == contents(database)
    opened.close()
    assert {path.name for path in (tmp_path / "new").glob("studio.db*")} <= {"studio.db", "studio.db.lock"}


def test_a_target_that_is_there_is_never_written_into(database, workspace, tmp_path):
    (tmp_path / "mine").mkdir()
    with pytest.raises(AlreadyExists, match="mine"):
        backup.create(database, workspace, tmp_path / "mine")
    assert list((tmp_path / "mine").iterdir()) == []


def test_a_disk_that_is_too_small_is_told_before_files_are_copied(database, workspace, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 10, 0))
    with pytest.raises(DiskFull, match=r"needs .* GB left.*nothing was saved"):
        backup.create(database, workspace, tmp_path / "backup")
    assert [path.name for path in tmp_path.iterdir()] == ["workspace"]


def test_a_disk_that_fills_up_meanwhile_leaves_nothing_half_made(database, workspace, tmp_path, monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(backup, "carry", refuse)
    with pytest.raises(DatabaseUnusable, match="No space left"):
        backup.create(database, workspace, tmp_path / "backup")
    assert [path.name for path in tmp_path.iterdir()] == ["workspace"]


def test_progress_counts_every_file(database, workspace, tmp_path, empty_url):
    heard: list[tuple[int, int]] = []
    made = backup.create(database, workspace, on_progress=lambda *pair: heard.append(pair))
    assert heard == [(number, 7) for number in range(1, 8)]
    heard.clear()
    backup.verify(made.path, lambda *pair: heard.append(pair))
    assert heard[-1] == (8, 8)


def test_rows_go_from_one_kind_of_database_into_the_other(database, database_url, workspace, tmp_path):
    if POSTGRES is None:
        pytest.skip("there is no PostgreSQL to go to")
    made = backup.create(database, workspace, rows=True)
    other = None if database_url else f"other_{uuid.uuid4().hex}"
    if other is not None:
        on_server(f"CREATE DATABASE {other}")
    url = None if other is None else address_of(other)
    try:
        restore(made.path, url, tmp_path / "new")
        opened = Database.open(url, tmp_path / "new")
        assert contents(opened) == contents(database)
        opened.close()
    finally:
        if other is not None:
            on_server(f"DROP DATABASE {other} WITH (FORCE)")


def test_a_file_of_sqlite_cannot_go_into_postgresql_and_the_message_says_what_can(
    database, database_url, workspace, tmp_path
):
    made = backup.create(database, workspace)
    if made.manifest.database == "rows":
        pytest.skip("there is no pg_dump")
    other = "postgresql://nobody@127.0.0.1:1/none" if database_url is None else None
    with pytest.raises(BackupUnusable, match=r"backup create --rows"):
        restore(made.path, other, tmp_path / "new")


def test_without_pg_dump_the_rows_are_written_instead_and_that_is_told(
    database, database_url, workspace, tmp_path, empty_url, monkeypatch
):
    if database_url is None:
        pytest.skip("of PostgreSQL only")
    monkeypatch.setattr(postgres_programs, "find_program", lambda name: None)
    made = backup.create(database, workspace)
    assert made.manifest.database == "rows"
    assert "pg_dump is not installed" in made.notes[0]
    restore(made.path, empty_url, tmp_path / "new")
    opened = Database.open(empty_url, tmp_path / "new")
    assert contents(opened) == contents(database)
    opened.close()


def test_where_pg_restore_is_missing_the_remedy_is_told(
    database, database_url, workspace, tmp_path, empty_url, monkeypatch
):
    if database_url is None or postgres_programs.find_program("pg_dump") is None:
        pytest.skip("of PostgreSQL with pg_dump only")
    made = backup.create(database, workspace)
    assert made.manifest.database == "postgresql"
    monkeypatch.setattr(postgres_programs, "find_program", lambda name: None)
    with pytest.raises(BackupUnusable, match="postgresql-client"):
        restore(made.path, empty_url, tmp_path / "new")


@pytest.mark.parametrize("line", ["nonsense", '{"table": "nothing", "columns": [], "last_id": null}'])
def test_damaged_rows_are_refused_by_line_and_nothing_is_entered(
    database, workspace, tmp_path, empty_url, line
):
    made = backup.create(database, workspace, tmp_path / "backup", rows=True)
    file = made.path / "rows.jsonl.gz"
    lines = gzip.decompress(file.read_bytes()).decode().splitlines()
    lines[3:3] = [line]
    file.write_bytes(gzip.compress("\n".join(lines).encode()))
    text = json.loads((made.path / "manifest.json").read_text())
    found = manifests.sum_of(file)
    text["files"]["rows.jsonl.gz"] = {"sha256": found.sha256, "bytes": found.bytes}
    (made.path / "manifest.json").write_text(json.dumps(text))
    with pytest.raises(BackupUnusable, match="Line 4 of the rows is damaged"):
        restore(made.path, empty_url, tmp_path / "new")
    assert not (tmp_path / "new" / "studio.db").exists()
