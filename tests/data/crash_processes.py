"""What the processes of the crash tests do, until somebody kills them."""

from __future__ import annotations

import json
import os
import random
import time
import uuid
from pathlib import Path
from typing import Any

from data import annotations, images
from data.blobs import Blobs
from data.database import Database
from data.errors import StaleRevision
from data.exchange import import_folder
from data.records import Box
from data.schema import EditRow

#: A reader that finds something wrong stops looking after so many.
MOST_FAULTS = 20


def tell(path: Path, what: dict[str, Any]) -> None:
    """Append a line; one write, so that a killed process leaves all of it or nothing."""
    number = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(number, (json.dumps(what) + "\n").encode())
    finally:
        os.close(number)


def boxes_of(operation_id: str, class_id: int) -> list[Box]:
    """The boxes of an operation, whose id ends with their number."""
    count = int(operation_id.rpartition("-")[2])
    return [Box(f"{operation_id}:{k}", class_id, k, k, k + 5, k + 6) for k in range(count)]


def save_on_and_on(url: str | None, workspace: Path, class_id: int, image_ids: list[int], told: Path) -> None:
    """Save boxes at random images, and tell of each save once it is acknowledged."""
    draw = random.Random()
    database = Database.open(url, workspace)
    while True:
        image_id = draw.choice(image_ids)
        operation_id = f"{uuid.uuid4().hex}-{draw.randrange(13)}"
        began = time.perf_counter()
        try:
            with database.read() as session:
                revision = images.get(session, image_id).revision
            with database.write() as session:
                saved = annotations.replace(
                    session, image_id, boxes_of(operation_id, class_id), revision, operation_id
                )
        except StaleRevision:
            tell(told, {"stale": image_id})
            continue
        except Exception as error:
            tell(told, {"fault": f"{type(error).__name__}: {error}"})
            raise
        seconds = time.perf_counter() - began
        tell(
            told,
            {
                "image": image_id,
                "revision": saved.revision,
                "operation": operation_id,
                "seconds": seconds,
            },
        )


def read_on_and_on(url: str | None, workspace: Path, class_id: int, image_ids: list[int], told: Path) -> None:
    """Read images, and tell of any whose boxes, status and history are not of one moment."""
    draw = random.Random()
    database = Database.open(url, workspace)
    reads = faults = 0
    while faults < MOST_FAULTS:
        image_id = draw.choice(image_ids)
        try:
            with database.read() as session:
                image = images.get(session, image_id)
                boxes = annotations.read(session, image_id)
                edits = session.query(EditRow).where(EditRow.image_id == image_id)
                last = edits.order_by(EditRow.revision.desc()).first()
                told_by_history = [] if last is None else boxes_of(last.operation_id, class_id)
                revision = 0 if last is None else last.revision
        except Exception as error:
            tell(told, {"fault": f"{type(error).__name__}: {error}"})
            raise
        reads += 1
        if list(boxes) != told_by_history or image.revision != revision or image.boxes != len(boxes):
            faults += 1
            tell(told, {"fault": f"image {image_id} at revision {image.revision} is torn"})
        if reads % 10 == 0:
            tell(told, {"reads": 10})


def import_all(url: str | None, workspace: Path, source: Path, told: Path) -> None:
    """Import a folder, telling of each image that is reached, and wait for the end."""
    database = Database.open(url, workspace)
    blobs = Blobs(workspace / "blobs")
    import_folder(database, blobs, "parts", source, on_progress=lambda done, _: tell(told, {"done": done}))
    time.sleep(3600)
