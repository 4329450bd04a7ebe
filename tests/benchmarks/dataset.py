"""A large data set, 100,000 images with 1,000,000 boxes, held against times that a person does not notice.

    python -m tests.benchmarks.dataset [--images 100000] [--url postgresql://user@host/empty]

Medians of many rounds on one open database, the 95th percentile, and the median of this process's own time on
the processor, which is what a busy machine leaves alone (a server's is not in it). The last column is the
median in units of reading one project by its id on the same database, which compares between machines. Exit
code 1 if a median misses its goal.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import shutil
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path

import psycopg
from PIL import Image as Picture
from sqlalchemy import insert
from sqlalchemy.orm import Session

from data import (
    annotations,
    backup,
    box_statistics,
    browsing,
    bulk,
    classes,
    faults,
    images,
    projects,
    summary,
)
from data.annotations import box_to_json
from data.blobs import Blobs
from data.database import FILE_NAME, Database
from data.exchange import import_folder
from data.export import export_project
from data.natural_order import natural_key
from data.records import Box, Image, ImageFilter
from data.schema import BoxRow, EditRow, ImageRow, ProjectRow
from tests.benchmarks.freezing import measure_freezing

BOXES_SAVED = 10
CLASS_NAMES = ("bolt", "nut", "washer", "screw", "spring", "gear", "pin", "clip")
WIDTH, HEIGHT = 640, 480
BATCH = 2000
ROUNDS = 25
#: Photographs of the import, which is measured beside plain copies of the same files.
PHOTOGRAPHS = 300
ANNOTATION = """<annotation><filename>{name}</filename>
<size><width>{width}</width><height>{height}</height><depth>3</depth></size>{objects}</annotation>"""
OBJECT = """<object><name>{name}</name>
<bndbox><xmin>{x}</xmin><ymin>{y}</ymin><xmax>{x1}</xmax><ymax>{y1}</ymax></bndbox></object>"""


@dataclass(frozen=True)
class Timing:
    """How long something took, in milliseconds, and how long it may."""

    name: str
    median: float
    p95: float
    processor: float
    goal: float | None


def fill(database: Database, count: int) -> int:
    """Enter a project of so many images: the last tenth unlabelled, every 50th of the rest empty."""
    draw = random.Random(0)
    with database.write() as session:
        project = projects.create(session, "large")
        ids = [classes.add(session, project.id, name).id for name in CLASS_NAMES]
    for first in range(0, count, BATCH):
        numbers = range(first, min(first + BATCH, count))
        with database.write() as session:
            _insert(session, project.id, ids, numbers, count, draw)
    return project.id


def _insert(
    session: Session, project_id: int, ids: list[int], numbers: range, count: int, draw: random.Random
) -> None:
    now = datetime.now(UTC)
    statuses = [_status(number, count) for number in numbers]
    rows = [
        _image(project_id, number, status, now, draw)
        for number, status in zip(numbers, statuses, strict=True)
    ]
    returned = insert(ImageRow).returning(ImageRow.id, sort_by_parameter_order=True)
    image_ids = session.scalars(returned, rows).all()
    boxes, edits = [], []
    for image_id, status in zip(image_ids, statuses, strict=True):
        if status == "unlabelled":
            continue
        # So many on each labelled image that there are ten for each image of the project.
        number = draw.choices((11, 12), (66, 34))[0] if status == "labelled" else 0
        drawn = [_box(ids, draw) for _ in range(number)]
        boxes += [annotations._values(image_id, position, box) for position, box in enumerate(drawn)]
        edits.append(
            {
                "image_id": image_id,
                "operation_id": "import",
                "revision": 1,
                "author": "import",
                "status": status,
                "boxes": [box_to_json(box) for box in drawn],
                "created": now,
            }
        )
    session.execute(insert(BoxRow), boxes) if boxes else None
    session.execute(insert(EditRow), edits) if edits else None


def _status(number: int, count: int) -> str:
    if number >= count * 9 // 10:
        return "unlabelled"
    return "empty" if number % 50 == 7 else "labelled"


def _image(
    project_id: int, number: int, status: str, now: datetime, draw: random.Random
) -> dict[str, object]:
    name = f"camera {number % 7}/shot-{number}.jpg"
    sha256 = hashlib.sha256(name.encode()).hexdigest()
    return {
        "project_id": project_id,
        "name": name,
        "sort_key": natural_key(name),
        "received_sha256": sha256,
        "sha256": sha256,
        "mime": "image/jpeg",
        "width": WIDTH,
        "height": HEIGHT,
        "orientation": 1,
        "status": status,
        "split": draw.choices(("train", "val", "test", None), (6, 1, 1, 2))[0],
        "revision": int(status != "unlabelled"),
        "note": "",
        "created": now,
        "perceptual_hash": draw.getrandbits(64) - 2**63,
    }


def _box(ids: list[int], draw: random.Random) -> Box:
    x0, y0 = draw.uniform(0, WIDTH - 120), draw.uniform(0, HEIGHT - 120)
    width, height = draw.uniform(5, 119), draw.uniform(5, 119)
    return Box(uuid.UUID(int=draw.getrandbits(128)).hex, draw.choice(ids), x0, y0, x0 + width, y0 + height)


def timed(
    name: str,
    action: Callable[..., object],
    goal: float | None = None,
    rounds: int = ROUNDS,
    prepare: Callable[[], object] | None = None,
) -> Timing:
    """Carry an action out several times, once before to warm up; what ``prepare`` gives it is not timed."""
    times, processor = [], []
    for turn in range(rounds + 1):
        given = () if prepare is None else (prepare(),)
        started, worked = time.perf_counter(), time.process_time()
        action(*given)
        if turn:
            times.append((time.perf_counter() - started) * 1000)
            processor.append((time.process_time() - worked) * 1000)
    slow = sorted(times)[int(len(times) * 0.95)]
    return Timing(name, statistics.median(times), slow, statistics.median(processor), goal)


def measure(database: Database, project_id: int, count: int) -> list[Timing]:
    """Time what a person waits for, at random places of the project."""
    draw = random.Random(1)
    with database.read() as session:
        class_ids = [entry.id for entry in classes.list_all(session, project_id)]
        first = images.page(session, project_id, limit=1).images[0].id
    ids = range(first, first + count)
    splits = cycle(("train", "val"))

    def reading(question: Callable[[Session], object]) -> Callable[[], None]:
        def ask() -> None:
            with database.read() as session:
                question(session)

        return ask

    def drawn() -> tuple[Image, list[Box]]:
        with database.read() as session:
            return images.get(session, draw.choice(ids)), [_box(class_ids, draw) for _ in range(BOXES_SAVED)]

    def save(given: tuple[Image, list[Box]]) -> None:
        image, boxes = given
        with database.write() as session:
            annotations.replace(session, image.id, boxes, image.revision, uuid.uuid4().hex)

    def resplit() -> None:
        with database.write() as session:
            bulk.change(session, project_id, "split", next(splits), ImageFilter())

    def open_project(session: Session) -> None:
        projects.get(session, project_id)
        classes.list_all(session, project_id)
        images.page(session, project_id)

    def view(session: Session) -> None:
        image = images.get(session, draw.choice(ids))
        annotations.read(session, image.id)
        browsing.place(session, image.id)

    def page(**options: object) -> Callable[[Session], object]:
        return lambda session: images.page(session, project_id, limit=50, **options)

    def later_page(session: Session) -> object:
        return images.page(session, project_id, after=draw.choice(ids), limit=50)

    return [
        timed("one project by its id", reading(lambda session: session.get(ProjectRow, project_id))),
        timed("page of 50 with counts, the first", reading(page()), 5),
        timed("page of 50 with counts, anywhere", reading(later_page), 5),
        timed(
            "page of 50 with counts, labelled ones", reading(page(wanted=ImageFilter(status="labelled"))), 5
        ),
        timed("page of 50, nine tenths down by offset", reading(page(offset=count * 9 // 10)), 20),
        timed("page of 50 of one split", reading(page(wanted=ImageFilter(split="val"))), 20),
        timed(
            "page of 50 with one class", reading(page(wanted=ImageFilter(class_id=class_ids[0]))), rounds=5
        ),
        timed("page of 50 by a text", reading(page(wanted=ImageFilter(text="SHOT-99"))), rounds=5),
        timed("page of 50, most boxes first", reading(page(wanted=ImageFilter(sort="-boxes"))), rounds=5),
        timed("film strip of 19", reading(lambda s: browsing.around(s, draw.choice(ids), 6, 12)), 20),
        timed("counts of all filters", reading(lambda s: browsing.tallies(s, project_id)), rounds=5),
        timed("place and next unlabelled", reading(lambda s: browsing.place(s, draw.choice(ids))), 10),
        timed("an image with boxes and place", reading(view)),
        timed("replace 10 boxes", save, 10, prepare=drawn),
        timed("class histogram", reading(lambda s: classes.list_all(s, project_id)), 100, 9),
        timed("opening the project", reading(open_project), 200, 9),
        timed("summary", reading(lambda s: summary.of(s, project_id)), rounds=9),
        timed("when each project was changed last", reading(projects.last_changes), 250, 9),
        timed(
            "sizes, shapes and places of all boxes",
            reading(lambda s: box_statistics.of(s, project_id)),
            rounds=3,
        ),
        timed("all faults", reading(lambda s: faults.of(s, project_id)), rounds=3),
        timed("another split for all images", resplit, rounds=3),
    ]


def show(timings: list[Timing]) -> None:
    """Print a line per timing."""
    unit = timings[0].median
    print(f"{'':<40}{'median':>10}{'95 %':>10}{'processor':>11}{'goal':>9}{'× look-up':>11}")
    for timing in timings:
        goal = "" if timing.goal is None else f"{timing.goal:.0f} ms"
        missed = "  MISSED" if timing.goal is not None and timing.median > timing.goal else ""
        print(
            f"{timing.name:<40}{timing.median:>7.1f} ms{timing.p95:>7.1f} ms{timing.processor:>8.1f} ms"
            f"{goal:>9}{timing.median / unit:>11.0f}{missed}"
        )


def make_photographs(folder: Path) -> None:
    """Write a Pascal VOC data set of JPEG files, three boxes each."""
    draw = random.Random(2)
    for kind in ("JPEGImages", "Annotations"):
        (folder / kind).mkdir(parents=True)
    for number in range(PHOTOGRAPHS):
        # Noise, enlarged: as hard to decode as a photograph, and of its length.
        small = Picture.frombytes("RGB", (WIDTH // 8, HEIGHT // 8), draw.randbytes(WIDTH * HEIGHT // 64 * 3))
        picture = small.resize((WIDTH, HEIGHT), Picture.Resampling.BICUBIC)
        picture.save(folder / "JPEGImages" / f"{number:04d}.jpg", quality=90)
        objects = "".join(
            OBJECT.format(
                name=draw.choice(CLASS_NAMES), x=40 * k + 1, y=30 * k + 1, x1=40 * k + 90, y1=30 * k + 70
            )
            for k in range(3)
        )
        text = ANNOTATION.format(name=f"{number:04d}.jpg", width=WIDTH, height=HEIGHT, objects=objects)
        (folder / "Annotations" / f"{number:04d}.xml").write_text(text)


def copy_durably(source: Path, target: Path) -> None:
    """Copy files as an import must: each on the disk before the next."""
    for path in sorted(path for path in source.rglob("*") if path.is_file()):
        place = target / path.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
        with place.open("rb") as stream:
            os.fsync(stream.fileno())


def measure_exchange(database: Database, folder: Path) -> None:
    """Print how fast images come in and go out, beside plain copies of the same files."""
    source = folder / "voc"
    make_photographs(source)
    length = sum(path.stat().st_size for path in source.rglob("*.jpg"))
    print(
        f"\n{PHOTOGRAPHS} photographs of {WIDTH}×{HEIGHT}, {length / PHOTOGRAPHS / 1000:.0f} kB each, 3 boxes"
    )
    blobs = Blobs(folder / "blobs")
    with database.read() as session:
        present = [project.name for project in projects.list_all(session)]
    name = f"import {len(present)}"
    rates = {}
    for what, action in (
        ("plain copy", lambda: shutil.copytree(source, folder / "copy")),
        ("copy, each file made durable", lambda: copy_durably(source, folder / "durable")),
        ("import", lambda: import_folder(database, blobs, name, source)),
        ("import again, nothing new", lambda: import_folder(database, blobs, name, source)),
        ("export as Pascal VOC", lambda: export(database, blobs, name, folder / "out", "voc")),
        ("export as COCO", lambda: export(database, blobs, name, folder / "coco", "coco")),
    ):
        os.sync()  # What the step before has left to write must not be counted here.
        started = time.perf_counter()
        action()
        rates[what] = PHOTOGRAPHS / (time.perf_counter() - started)
    for what, rate in rates.items():
        print(f"{what:<40}{rate:>7.0f} images/s{rates['plain copy'] / rate:>9.1f} × the time of a plain copy")


def measure_backup(database: Database, folder: Path) -> None:
    """Print how long a backup and its check take; of the many images' files there are only those imported."""
    started = time.perf_counter()
    made = backup.create(database, folder, folder / "backup")
    created = time.perf_counter()
    faults_found = backup.verify(made.path)
    checked = time.perf_counter()
    print(
        f"\nbackup: {made.manifest.bytes / 1e6:.0f} MB in {len(made.manifest.files)} files made in "
        f"{created - started:.1f} s, checked in {checked - created:.1f} s, {len(faults_found)} faults"
    )


def export(database: Database, blobs: Blobs, name: str, target: Path, kind: str) -> None:
    """Write a project out."""
    with database.read() as session:
        project_id = projects.by_name(session, name).id
    export_project(database, blobs, project_id, target, kind)


def main() -> None:
    """Fill a database, and print what it can do."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=int, default=100_000)
    parser.add_argument(
        "--url", help="of an empty PostgreSQL database (default: SQLite in a temporary folder)"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = Database.open(arguments.url, folder)
        started = time.perf_counter()
        project_id = fill(database, arguments.images)
        seconds = time.perf_counter() - started
        if arguments.url:
            # What a server does by itself within a minute or so.
            with psycopg.connect(arguments.url, autocommit=True) as server:
                server.execute("VACUUM (ANALYZE)")
        with database.read() as session:
            boxes = projects.get(session, project_id).boxes
        print(
            f"{database.kind}: {arguments.images:,} images with {boxes:,} boxes entered in {seconds:.0f} s",
            end="",
        )
        file = folder / FILE_NAME
        print(f", {file.stat().st_size / 1e6:.0f} MB" if file.exists() else "", end="\n\n")
        timings = measure(database, project_id, arguments.images)
        show(timings)
        measure_freezing(database, project_id)
        measure_exchange(database, folder)
        measure_backup(database, folder)
        database.close()
    sys.exit(any(timing.goal is not None and timing.median > timing.goal for timing in timings))


if __name__ == "__main__":
    main()
