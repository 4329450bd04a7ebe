"""Processes killed with -9 at any moment: what was acknowledged is there, and nothing is half there.

The short version takes a few seconds on each database; ``make soak`` runs half a minute.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import random
import time
from collections.abc import Callable, Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Picture
from sqlalchemy import select, text

from data import annotations, classes, images, projects
from data.blobs import Blobs
from data.database import Database
from data.exchange import import_folder
from data.schema import EditRow
from tests.data import crash_processes
from tests.data.crash_processes import boxes_of

SECONDS = float(os.environ.get("SSD_STUDIO_SOAK_SECONDS", "5"))
WRITERS = 8
IMAGES = 40
KILLS = 10
PHOTOGRAPHS = 120
#: So many are left for an import to do when it is killed; a fast machine does some meanwhile.
ROOM = 20

VOC = """<annotation><filename>{name}</filename>
<size><width>48</width><height>32</height><depth>3</depth></size>{objects}</annotation>"""
OBJECT = """<object><name>{name}</name>
<bndbox><xmin>{x}</xmin><ymin>2</ymin><xmax>{x}9</xmax><ymax>30</ymax></bndbox></object>"""

Start = Callable[..., BaseProcess]


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Starts a function in a process of its own within milliseconds; at the end none of them lives."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.data.crash_processes"])
    started: list[BaseProcess] = []

    def begin(action: Callable[..., None], *arguments: object) -> BaseProcess:
        process = context.Process(target=action, args=arguments, daemon=True)
        process.start()
        started.append(process)
        return process

    yield begin
    for process in started:
        kill(process)


def kill(process: BaseProcess) -> None:
    process.kill()
    process.join()


def lines(path: Path) -> list[dict[str, Any]]:
    """What a process has told; none if it never came to it."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines()]


def count_lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


def test_acknowledged_saves_outlive_their_writers_and_none_is_torn_or_locked_out(
    database, database_url, project, bolt, add_image, start, tmp_path
):
    image_ids = [add_image(f"{number}.png").id for number in range(IMAGES)]
    arguments = (database_url, tmp_path / "workspace", bolt.id, image_ids)
    told: list[Path] = []

    def begin_writer() -> BaseProcess:
        told.append(tmp_path / f"writer-{len(told)}.jsonl")
        return start(crash_processes.save_on_and_on, *arguments, told[-1])

    reader = start(crash_processes.read_on_and_on, *arguments, tmp_path / "reader.jsonl")
    writers = [begin_writer() for _ in range(WRITERS)]
    wait_until(lambda: all(count_lines(path) for path in told))
    draw = random.Random()
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        time.sleep(draw.uniform(0.05, 0.4))
        number = draw.randrange(WRITERS)
        kill(writers[number])
        writers[number] = begin_writer()
    for writer in writers:
        kill(writer)
    kill(reader)

    said = [line for path in told for line in lines(path)]
    read = lines(tmp_path / "reader.jsonl")
    assert [line["fault"] for line in (*said, *read) if "fault" in line] == []
    saved = [line for line in said if "revision" in line]
    with database.read() as session:
        edits = session.scalars(select(EditRow).order_by(EditRow.image_id, EditRow.revision)).all()
        by_operation = {edit.operation_id: edit for edit in edits}
        lost = [line for line in saved if line["operation"] not in by_operation]
        assert lost == []
        for line in saved:
            edit = by_operation[line["operation"]]
            assert (edit.image_id, edit.revision) == (line["image"], line["revision"])
        for edit in edits:
            assert [annotations.box_from_json(box) for box in edit.boxes] == boxes_of(
                edit.operation_id, bolt.id
            )
        for image_id in image_ids:
            mine = [edit for edit in edits if edit.image_id == image_id]
            image = images.get(session, image_id)
            assert [edit.revision for edit in mine] == list(range(1, image.revision + 1))
            last = boxes_of(mine[-1].operation_id, bolt.id) if mine else []
            assert list(annotations.read(session, image_id)) == last
            assert image.status == ("labelled" if last else "unlabelled")
        statuses = [images.get(session, image_id).status for image_id in image_ids]
        counts = images.counts(session, project.id)
        assert counts == {each: statuses.count(each) for each in images.STATUSES}
    # At most the last save of a killed writer is there without having been acknowledged.
    assert len(saved) <= len(edits) <= len(saved) + len(told)
    assert len(saved) > 20
    assert sum(line.get("reads", 0) for line in read) > 0
    slowest = max(line["seconds"] for line in saved)
    print(
        f"\n{database.kind}: {len(saved)} saves acknowledged ({len(saved) / SECONDS:.0f}/s), 0 lost, 0 torn; "
        f"{len(told) - WRITERS} writers killed; {sum('stale' in line for line in said)} refused as stale; "
        f"slowest save {slowest:.2f} s"
    )
    with contextlib.closing(Database.open(database_url, tmp_path / "workspace")) as again:
        if again.kind == "sqlite":
            with again.read() as session:
                assert session.execute(text("PRAGMA integrity_check")).scalar() == "ok"
                assert session.execute(text("PRAGMA foreign_key_check")).all() == []


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.002)


@pytest.fixture
def voc_folder(tmp_path: Path) -> Path:
    """Photographs with none, one or several boxes, some without annotation, and two that are equal."""
    folder = tmp_path / "voc"
    for kind in ("JPEGImages", "Annotations"):
        (folder / kind).mkdir(parents=True)
    draw = random.Random(0)
    for number in range(PHOTOGRAPHS):
        shade = (number * 2, 90, 160) if number != 7 else (6 * 2, 90, 160)
        Picture.new("RGB", (48, 32), shade).save(folder / "JPEGImages" / f"{number:03d}.jpg", quality=95)
        if number % 9 == 4:
            continue
        names = draw.choices(("bolt", "nut", "pin"), k=number % 4)
        objects = "".join(OBJECT.format(name=name, x=k + 1) for k, name in enumerate(names))
        text_of_file = VOC.format(name=f"{number:03d}.jpg", objects=objects)
        (folder / "Annotations" / f"{number:03d}.xml").write_text(text_of_file)
    return folder


def contents(database: Database) -> object:
    """All that an import brings, without ids and times."""
    with database.read() as session:
        project = projects.by_name(session, "parts")
        names = {entry.id: entry.name for entry in classes.list_all(session, project.id)}
        page = images.page(session, project.id, limit=500)
        rows = []
        for image in page.images:
            boxes = [
                (box.id, names[box.class_id], *box.xyxy, box.source)
                for box in annotations.read(session, image.id)
            ]
            edits = [(edit.author, edit.status) for edit in annotations.history(session, image.id)]
            kept = (image.name, image.sha256, image.status, image.split, image.revision)
            rows.append((*kept, image.perceptual_hash, boxes, edits))
        return list(names.values()), page.total, images.counts(session, project.id), rows


def test_an_import_killed_again_and_again_and_then_repeated_is_as_one_clean_import(
    database, database_url, blobs, voc_folder, start, tmp_path
):
    draw = random.Random()
    workspace = tmp_path / "workspace"
    reached, cut_off = 0, 0
    for turn in range(KILLS):
        told = tmp_path / f"import-{turn}.jsonl"
        importer = start(crash_processes.import_all, database_url, workspace, voc_folder, told)
        # A little further each time, so that the kill falls among images that are new.
        goal = min(PHOTOGRAPHS - ROOM, reached + draw.randrange(1, PHOTOGRAPHS // KILLS))
        wait_until(lambda told=told, goal=goal: count_lines(told) > goal)
        time.sleep(draw.uniform(0, 0.01))
        kill(importer)
        assert importer.exitcode == -9
        reached = count_lines(told)
        cut_off += reached < PHOTOGRAPHS
    assert cut_off >= KILLS // 2
    report = import_folder(database, blobs, "parts", voc_folder)
    assert report.rejected == ()
    assert report.added + report.existing == PHOTOGRAPHS
    assert report.existing > 0
    clean = Database.open(None, tmp_path / "clean")
    kept = Blobs(tmp_path / "clean" / "blobs")
    import_folder(clean, kept, "parts", voc_folder)
    assert contents(database) == contents(clean)
    assert {name for name, _ in blobs.each()} == {name for name, _ in kept.each()}
    assert len(dict(kept.each())) == PHOTOGRAPHS - 1
    assert {path.read_bytes() for path in (blobs.path(name) for name, _ in blobs.each())} == {
        path.read_bytes() for path in (kept.path(name) for name, _ in kept.each())
    }
    blobs.sweep(older_than=0)
    assert list((blobs.folder / "unfinished").iterdir()) == []
    again = import_folder(database, blobs, "parts", voc_folder)
    assert (again.added, again.existing, again.boxes) == (0, PHOTOGRAPHS, 0)
    clean.close()
