"""A workspace with many images that share a few photographs, made in seconds."""

from __future__ import annotations

import random
import uuid
from dataclasses import replace
from pathlib import Path

from app.bootstrap import open_studio
from app.settings import Settings
from data import annotations, classes, images, projects
from data.blobs import Blobs
from data.database import Database
from data.intake import read_image
from data.records import Box
from data.samples import render
from data.thumbnails import Thumbnails

SIZE = (1280, 960)
PHOTOGRAPHS = 60
CLASS_NAMES = ("bolt", "nut", "washer", "screw", "spring", "gear", "pin", "clip", "split ring", "wing nut")
BATCH = 1000
#: Boxes of the first image, on which dragging is measured.
CROWDED = 500


def photographs() -> list[bytes]:
    """The JPEGs that the images share."""
    return [render(index, seed=9, size=SIZE)[0] for index in range(PHOTOGRAPHS)]


def make_workspace(folder: Path, count: int) -> int:
    """Enter one project of so many images, two boxes on every second, and 500 on the first; gives its id."""
    settings = Settings(workspace=folder, database_url=None, port=0, device="0")
    open_studio(settings).close()
    database = Database.open(None, folder)
    blobs = Blobs(folder / "blobs")
    read = [read_image(jpeg) for jpeg in photographs()]
    names = [blobs.put(upright.data) for upright in read]
    thumbnails = Thumbnails(folder / "cache", blobs)
    for name in names:
        thumbnails.thumbnail(name)
    draw = random.Random(0)
    with database.write() as session:
        project = projects.create(session, "large")
        ids = [classes.add(session, project.id, name).id for name in CLASS_NAMES]
    for first in range(0, count, BATCH):
        with database.write() as session:
            for number in range(first, min(first + BATCH, count)):
                which = number % PHOTOGRAPHS
                upright = replace(read[which], received_sha256=f"{number:064x}")
                image, _ = images.insert(session, project.id, f"shot-{number:05d}.jpg", upright, names[which])
                wanted = CROWDED if number == 0 else 2 * (number % 2)
                if wanted:
                    boxes = [_box(draw, ids) for _ in range(wanted)]
                    annotations.replace(session, image.id, boxes, 0, uuid.UUID(int=number).hex)
    database.close()
    return project.id


def _box(draw: random.Random, class_ids: list[int]) -> Box:
    width, height = draw.uniform(20, 160), draw.uniform(20, 160)
    x0, y0 = draw.uniform(0, SIZE[0] - width), draw.uniform(0, SIZE[1] - height)
    return Box(
        uuid.UUID(int=draw.getrandbits(128)).hex, draw.choice(class_ids), x0, y0, x0 + width, y0 + height
    )
